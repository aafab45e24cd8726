/**
 * Latchkey's ingress with everything on (key look-up, routing, header rules, limits, counters, usage reports), fed by a
 * control plane's stream: each HTTP front with each upstream client that makes sense.
 */
import { join } from "node:path";
import { keyDigest } from "@latchkey/core";
import {
  type ApiResource,
  encodeResource,
  type IntegrationResource,
  noLimits,
  type Resource,
} from "@latchkey/snapshot";
import { eventually, SnapshotServer } from "@latchkey/testkit";
import type { Contender, RunningContender, Target } from "../contender.js";
import { freePort, PROXY_CORE, startChild, waitForPort } from "../support/child.js";

const main = join(import.meta.dirname, "../../packages/ingress/dist/main.js");

function contender(name: string, engine: string, upstreamClient: string): Contender {
  return {
    name,
    version: () => ({ version: `engine ${engine}, upstream client ${upstreamClient}, ${process.version}` }),
    start: (target) => start(target, engine, upstreamClient),
  };
}

export const latchkeyContenders: readonly Contender[] = [
  contender("Latchkey uws", "uws", "http1"),
  contender("Latchkey strict", "strict", "http1"),
  contender("Latchkey uws+undici", "uws", "undici"),
  contender("Latchkey node", "node", "http1"),
];

async function start(target: Target, engine: string, upstreamClient: string): Promise<RunningContender> {
  const server = await SnapshotServer.start({ heartbeatMs: 5_000, chunkSize: 500 });
  server.load(resourcesOf(target).map(encodeResource));
  const adminPort = await freePort();
  const child = startChild(PROXY_CORE, process.execPath, [main], {
    LATCHKEY_INGRESS_ENGINE: engine,
    LATCHKEY_INGRESS_UPSTREAM_CLIENT: upstreamClient,
    LATCHKEY_INGRESS_PORT: String(target.port),
    LATCHKEY_INGRESS_ADMIN_PORT: String(adminPort),
    LATCHKEY_INGRESS_DATA_DIR: join(target.dir, "node"),
    LATCHKEY_INGRESS_CONTROL_PLANE_ADDRESS: server.address,
    LATCHKEY_INGRESS_UPSTREAMS_ALLOW_CIDRS: "127.0.0.0/8",
    LATCHKEY_INGRESS_LIMITS_IN_FLIGHT_PER_INTEGRATION_MAX: "10000",
    LATCHKEY_INGRESS_UPSTREAMS_QUEUE_MAX: "10000",
    LATCHKEY_INGRESS_LOG_LEVEL: "warn",
  });
  await waitForPort(target.port, child);
  await eventually(async () => {
    const response = await fetch(`http://127.0.0.1:${adminPort}/readyz`);
    return response.status === 200 ? true : undefined;
  }, "the ingress is ready");
  return {
    pids: () => {
      if (!child.alive())
        throw new Error(`the ingress ended: ${child.output().trim().split("\n").slice(-14).join(" | ")}`);
      return [child.pid];
    },
    stop: async () => {
      await child.stop();
      await server.close();
    },
  };
}

/** One API a key, all with the same routes: only the key tells them apart. */
function resourcesOf({ keys, upstreamPort }: Target): Resource[] {
  const integrations = ["orders", "download", "upload"].map(
    (name): IntegrationResource => ({
      kind: "integration",
      id: `int_${name}`,
      subscriptionId: "sub_bench",
      name,
      urls: [`http://127.0.0.1:${upstreamPort}/${name}`],
      method: "POST",
      limits: noLimits,
      loadBalancing: "round-robin",
      healthCheck: null,
      circuitBreaker: null,
      retry: { attemptsMax: 0, budgetPercent: 0 },
      requestSchema: null,
      requestContentTypes: [],
    }),
  );
  const route = (id: string, pattern: string, integrationId: string) => ({
    id,
    method: "ANY",
    pattern,
    integrationId,
    validate: false,
    parameters: [],
  });
  const apis = keys.flatMap((secret, i): Resource[] => {
    const api: ApiResource = {
      kind: "api",
      id: `api_${i}`,
      subscriptionId: "sub_bench",
      title: `API ${i}`,
      versionLabel: "v1",
      routes: [
        route(`r${i}a`, "/orders", "int_orders"),
        route(`r${i}b`, "/orders/{id}", "int_orders"),
        route(`r${i}c`, "/download", "int_download"),
        route(`r${i}d`, "/upload", "int_upload"),
      ],
      openapiJson: null,
      bearerRequired: false,
    };
    return [
      api,
      {
        kind: "key",
        id: `key_${i}`,
        apiId: api.id,
        active: true,
        mode: "header",
        expiresAtMs: 0,
        secrets: [{ digest: keyDigest(secret), notAfterMs: 0 }],
        rateLimit: null,
        quota: null,
      },
    ];
  });
  return [...integrations, ...apis];
}
