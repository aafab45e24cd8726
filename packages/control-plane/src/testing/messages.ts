/** Messages as nodes report them, and filters for them. Tests only. */
import type { Message, MessageFilter } from "../messages/message.js";
import type { UsageReport } from "../snapshot/node-observer.js";

export const node = { nodeId: "node_1", nodeName: "edge-1" };
export const START_MS = 1_700_000_000_000;

let sequence = 0;

export function aMessage(more: Partial<Message> = {}): Message {
  sequence++;
  return {
    ...node,
    atMs: START_MS + sequence * 1_000,
    interchangeId: `i${sequence}`,
    apiId: "api_1",
    keyId: "key_1",
    routeId: "rte_1",
    integrationId: "int_1",
    method: "GET",
    path: "/orders/1",
    status: 200,
    errorCode: "",
    durationUs: 1_500,
    revision: { epoch: 1_000, number: 7 },
    requestBytes: 3,
    responseBytes: 4,
    attempts: [
      {
        url: "http://orders.example/in",
        startedUs: 100,
        waitUs: 50,
        connectUs: 40,
        firstByteUs: 900,
        durationUs: 1_200,
        status: 200,
        errorCode: "",
      },
    ],
    content: null,
    ...more,
  };
}

export function report(samples: readonly Message[], more: Partial<UsageReport> = {}): UsageReport {
  const times = { fromMs: START_MS, toMs: START_MS + 1_000, ageMs: 0 };
  return { ...times, counts: [], samples, dropped: 0, sequence: 0, ...more };
}

export const count = (requests: number) => ({
  apiId: "",
  routeId: "",
  keyId: "",
  integrationId: "",
  status: 200,
  count: requests,
  requestBytes: 0,
  responseBytes: 0,
  latencyBuckets: [],
  errorCode: "",
  previousSecret: false,
});

/** Messages of some APIs, keys and outcomes, of which filters match none, some or all. */
export function variety(): readonly Message[] {
  return Array.from({ length: 120 }, (_, i) =>
    aMessage({
      apiId: i % 5 === 0 ? "api_2" : "api_1",
      keyId: i % 7 === 0 ? "" : `key_${i % 3}`,
      routeId: i % 4 === 0 ? "" : `rte_${i % 2}`,
      nodeId: i % 6 === 0 ? "node_2" : "node_1",
      method: i % 2 === 0 ? "GET" : "POST",
      path: i % 10 === 0 ? "/50%_off/A" : "/orders",
      status: [200, 404, 200, 502, 200, 401, 204, 200][i % 8] ?? 200,
      errorCode: ["", "route.not_found", "", "upstream.timeout", "", "", "", "upstream.reset"][i % 8] ?? "",
    }),
  );
}

export const filters: readonly MessageFilter[] = [
  {},
  { apiId: "api_2" },
  { keyId: "key_1" },
  { routeId: "rte_1", nodeId: "node_2" },
  { outcome: "SUCCEEDED" },
  { outcome: "FAILED" },
  { outcome: "CLIENT_ERROR", apiId: "api_1" },
  { outcome: "SERVER_ERROR" },
  { status: 404 },
  { status: 200, outcome: "FAILED" },
  { errorCode: "upstream.timeout" },
  { errorCode: "upstream.timeout", keyId: "key_2", method: "POST" },
  { path: "%_" },
  { path: "/a" },
  { integrationId: "int_2" },
  { interchangeId: "none" },
];
