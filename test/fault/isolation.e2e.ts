/** Clients, keys and tenants that are slow, pause or leave, beside others that are well: what the others notice of it. */
import { connect, type Socket } from "node:net";
import { generateApiKey } from "@latchkey/core";
import {
  aKey,
  anApi,
  anIntegration,
  aRoute,
  eventually,
  type ServedResource,
  served,
  Upstream,
} from "@latchkey/testkit";
import { expect } from "vitest";
import { fault } from "./support/fault.js";
import { expectUndisturbed, p99Beside } from "./support/figures.js";
import { rounds } from "./support/mode.js";
import { SmallNode } from "./support/small-node.js";
import { shoot, Traffic } from "./support/traffic.js";

/** One misbehaves, the others have the same API, another API of the subscription, and another subscription. */
const culprit = generateApiKey();
const sameApi = generateApiKey();
const otherApi = generateApiKey();
const otherSubscription = generateApiKey();
const others = [sameApi, otherApi, otherSubscription] as const;

type IntegrationOptions = Parameters<typeof anIntegration>[2];

/** Two subscriptions with integrations at one origin. */
function tenants(url: string, options: IntegrationOptions = {}): ServedResource[] {
  return served(
    anIntegration("int_1", url, options),
    anIntegration("int_2", url, { ...options, subscriptionId: "sub_2" }),
    anApi("api_1", [aRoute("ANY", "/{rest*}", "int_1")]),
    anApi("api_2", [aRoute("ANY", "/{rest*}", "int_1")]),
    anApi("api_3", [aRoute("ANY", "/{rest*}", "int_2")], { subscriptionId: "sub_2" }),
    aKey("key_1", "api_1", {}, culprit).resource,
    aKey("key_2", "api_1", {}, sameApi).resource,
    aKey("key_3", "api_2", {}, otherApi).resource,
    aKey("key_4", "api_3", {}, otherSubscription).resource,
  );
}

async function startNode(
  resources: readonly ServedResource[],
  env: Readonly<Record<string, string>> = {},
): Promise<SmallNode> {
  const node = await SmallNode.start(resources, { env });
  for (const secret of [culprit, ...others]) node.secrets.add(secret);
  return node;
}

function wellBehaved(node: SmallNode): Traffic {
  return new Traffic(
    others.length,
    (client) => ({ url: `${node.url}/well`, key: others[client] ?? sameApi }),
    5,
  );
}

/** A connection that sends `bytes`, and what came back. */
class Client {
  readonly socket: Socket;
  received = "";
  /** From when the bytes were sent to the first that came back. */
  waitedMs = 0;

  constructor(node: SmallNode, bytes: string) {
    let sentAtMs = 0;
    this.socket = connect(node.port, "127.0.0.1", () => {
      sentAtMs = performance.now();
    });
    this.socket.write(bytes);
    this.socket.on("data", (chunk) => {
      if (this.received === "") this.waitedMs = performance.now() - sentAtMs;
      this.received += chunk.toString("latin1");
    });
    this.socket.on("error", () => undefined); // to be cut is what some are for
  }

  get status(): number {
    return Number(this.received.slice(9, 12));
  }
}

const upload = (length: number, begun: string): string =>
  `POST /slow?slow HTTP/1.1\r\nHost: a\r\nConnxio-Api-Key: ${culprit}\r\nContent-Length: ${length}\r\n\r\n${begun}`;

const BODY_IDLE_MS = 1_500;

fault(
  {
    row: "51",
    fault: "five clients pause in their uploads, and five that have sent 100 KB of theirs",
    holds: "408 to each; the integration's circuit stays closed",
    target: "0 requests of others refused",
  },
  async () => {
    await using upstream = await Upstream.start({ behaviour: () => ({ body: "well" }) });
    await using node = await startNode(
      tenants(upstream.url, {
        circuitBreaker: { failures: 5, openMs: 60_000 },
        limits: {
          requestBodyBytesMax: 0,
          responseBodyBytesMax: 0,
          connectTimeoutMs: 0,
          firstByteTimeoutMs: 500,
          bodyIdleTimeoutMs: 0,
          concurrentRequestsMax: 0,
        },
      }),
      { LATCHKEY_INGRESS_LIMITS_BODY_IDLE_TIMEOUT_MS: String(BODY_IDLE_MS) },
    );
    const traffic = wellBehaved(node);
    await traffic.more(30);
    const clients = Array.from(
      { length: 10 },
      (_, i) => new Client(node, i % 2 === 0 ? upload(10, "12345") : upload(1_000_000, "x".repeat(100_000))),
    );
    await eventually(
      async () => (clients.every(({ status }) => status > 0) ? true : undefined),
      "each has its status",
    );
    await traffic.more(30);
    const report = await traffic.stop();
    expect(clients.map(({ status }) => status)).toEqual(clients.map(() => 408));
    expect(report.reasons).toEqual([]);
    for (const { socket } of clients) socket.destroy();
    return `10 of 10 got 408 (first-byte limit 0.5 s, idle limit of the client ${BODY_IDLE_MS / 1000} s); ${report.sent} requests of others, 0 refused`;
  },
);

const UPLOADS = 300;
const LARGE = 10_000_000;
/** Fewer than the uploads: without shares of keys they take all. */
const CONNECTIONS_MAX = 200;
/** What one key gets of them. */
const OF_ONE_KEY = 120;

fault(
  {
    row: "52",
    fault: `${UPLOADS} uploads of 1 000 bytes that stand still and ${UPLOADS} of 10 MB at 1 KB a second, by one key`,
    holds: "the small ones hold no connection; the large ones leave connections to every other key",
    target: "others: 0 errors, p99 ≤ 2×",
  },
  async () => {
    await using upstream = await Upstream.start({
      behaviour: () => ({ body: "well" }),
      // Bodies that do not end are read and forgotten.
      onHead: ({ target }, socket) => target.includes("slow") && socket.resume() !== undefined,
    });
    await using node = await startNode(tenants(upstream.url), {
      LATCHKEY_INGRESS_UPSTREAMS_CONNECTIONS_MAX: String(CONNECTIONS_MAX),
    });
    const traffic = wellBehaved(node);
    await traffic.more(100);
    const slices = async (): Promise<number[]> => {
      const p99Ms: number[] = [];
      for (let i = 0; i < rounds(3, 11); i++) p99Ms.push(await p99Beside(traffic, async () => undefined));
      return p99Ms;
    };
    const before = await slices();
    const openBefore = upstream.openConnections;
    const small = Array.from({ length: UPLOADS }, () => new Client(node, upload(1_000, "x")));
    const inFlight = async (count: number) =>
      (await node.metric("latchkey_ingress_in_flight")) >= count ? true : undefined;
    await eventually(() => inFlight(UPLOADS), "the small ones are in flight");
    const ofSmall = upstream.openConnections;
    // A new pool makes some more before it trusts those it has (closing-origin.test.ts); they stay open.
    expect(ofSmall).toBeLessThanOrEqual(openBefore + others.length);
    for (const { socket } of small) socket.destroy();

    const begun = "x".repeat(70_000);
    const large = Array.from({ length: UPLOADS }, () => new Client(node, upload(LARGE, begun)));
    // A tenth of them at a time: this process has other clients to serve.
    let turn = 0;
    const drip = setInterval(() => {
      turn = (turn + 1) % 10;
      for (let i = turn; i < large.length; i += 10)
        if (large[i]?.socket.writable === true) large[i]?.socket.write("x".repeat(1_000));
    }, 100);
    try {
      await eventually(
        async () => (upstream.openConnections >= OF_ONE_KEY ? true : undefined),
        "the large ones have connections",
        { timeoutMs: 60_000 },
      );
      const beside = await slices();
      const { openConnections } = upstream;
      clearInterval(drip);
      for (const { socket } of large) socket.destroy();
      await eventually(
        async () => ((await node.metric("latchkey_ingress_in_flight")) <= others.length ? true : undefined),
        "the large ones are over",
      );
      const compared = expectUndisturbed([...before, ...(await slices())], beside);
      const report = await traffic.stop();
      expect(report.reasons).toEqual([]);
      return `small ones: ${ofSmall} connections in use; large ones: ${openConnections}; p99 of others: ${compared}; ${report.sent} requests of others, 0 failed`;
    } finally {
      clearInterval(drip);
      for (const { socket } of large) socket.destroy();
    }
  },
);

const READERS = 300;

fault(
  {
    row: "53",
    fault: `${READERS} readers of quiet event streams leave by FIN`,
    holds: "their requests to the integration are canceled, and the connections are free",
    target: "≤ 1 s each",
  },
  async () => {
    await using upstream = await Upstream.start({
      behaviour: ({ target }, socket) => {
        if (!target.includes("events")) return { body: "well" };
        socket.write(
          "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n",
        );
        return null;
      },
    });
    await using node = await startNode(tenants(upstream.url), { LATCHKEY_INGRESS_ENGINE: "strict" });
    const ask = `GET /slow?events HTTP/1.1\r\nHost: a\r\nConnxio-Api-Key: ${culprit}\r\n\r\n`;
    const readers = Array.from({ length: READERS }, () => new Client(node, ask));
    await eventually(
      async () => (readers.every(({ received }) => received.includes("data: 1")) ? true : undefined),
      "all read",
      { timeoutMs: 60_000 },
    );
    const leftMs = performance.now();
    for (const { socket } of readers) socket.end();
    await eventually(
      async () => (upstream.openConnections === 0 ? true : undefined),
      "the integration sees the end",
      { timeoutMs: 60_000 },
    );
    const toldMs = performance.now() - leftMs;
    // A generous bound: 29 s was the time of the keep-alive, which this must not be.
    expect(toldMs).toBeLessThan(10_000);
    expect((await shoot({ url: `${node.url}/well`, key: culprit })).status).toBe(200);
    return `all ${READERS} canceled ${(toldMs / 1000).toFixed(2)} s after the first left; the next request 200`;
  },
);

fault(
  {
    row: "62",
    fault: "an integration that points at the gateway",
    holds: "508 at the first return",
    target: "1 request, not 257",
  },
  async () => {
    await using upstream = await Upstream.start({ behaviour: () => ({ body: "well" }) });
    await using node = await startNode(tenants(upstream.url));
    const hook = aKey("key_5", "api_4", { mode: "webhook" });
    node.secrets.add(hook.secret);
    const loop = `${node.url}/loop?Connxio-Api-Key=${hook.secret}&Connxio-Api-Webhook=true`;
    node.server.change(
      served(
        anIntegration("int_loop", loop),
        anApi("api_4", [aRoute("ANY", "/loop", "int_loop")]),
        hook.resource,
      ),
      [],
    );
    await node.server.acked();
    const startedMs = performance.now();
    const { status } = await shoot({ url: loop, method: "POST", body: "{}" });
    const tookMs = performance.now() - startedMs;
    const refused = await node.metric('latchkey_ingress_errors_total{code="upstream.loop_detected"}');
    expect([status, refused]).toEqual([508, 1]);
    return `508 after ${tookMs.toFixed(0)} ms, at the first return`;
  },
);

const SLOW = rounds(900, 3_000);

fault(
  {
    row: "24, 52",
    fault: `${SLOW} requests at once with one key to an origin that does not respond`,
    holds:
      "what cannot be sent is refused early with 429 or 503 and Retry-After; others are served by the same origin",
    target: "others: 0 errors; no 504, circuits closed",
  },
  async () => {
    await using upstream = await Upstream.start({
      behaviour: ({ target }) => (target.includes("slow") ? new Promise(() => undefined) : { body: "well" }),
    });
    await using node = await startNode(
      tenants(upstream.url, { circuitBreaker: { failures: 5, openMs: 60_000 } }),
      { LATCHKEY_INGRESS_LIMITS_CONNECTIONS_PER_ADDRESS_MAX: "0" },
    );
    const traffic = wellBehaved(node);
    await traffic.more(100);
    const clients = Array.from(
      { length: SLOW },
      () => new Client(node, `GET /slow?slow HTTP/1.1\r\nHost: a\r\nConnxio-Api-Key: ${culprit}\r\n\r\n`),
    );
    const refusals = () => clients.filter(({ received }) => received.includes("\r\n\r\n"));
    await eventually(
      async () => (refusals().length >= SLOW - 308 ? true : undefined),
      "all that have no connection are refused",
      { timeoutMs: 60_000 },
    );
    await traffic.more(100);
    const report = await traffic.stop();
    const counts = new Map<string, number>();
    for (const { received } of refusals()) {
      const code = /latchkey-error: (\S+)/i.exec(received)?.[1] ?? "none";
      expect(received).toMatch(/retry-after: 1/i);
      counts.set(
        `${received.slice(9, 12)} ${code}`,
        (counts.get(`${received.slice(9, 12)} ${code}`) ?? 0) + 1,
      );
    }
    const allowed = ["429 key.concurrency_limited", "503 upstream.queue_timeout", "503 upstream.overloaded"];
    expect([...counts.keys()].filter((code) => !allowed.includes(code))).toEqual([]);
    expect(report.reasons).toEqual([]);
    for (const { socket } of clients) socket.destroy();
    const told = [...counts].map(([code, count]) => `${count} × ${code}`).join(", ");
    const slowestMs = Math.max(...refusals().map(({ waitedMs }) => waitedMs));
    return `${SLOW - refusals().length} sent, ${told}, each within ${(slowestMs / 1000).toFixed(1)} s; ${report.sent} requests of others, 0 failed`;
  },
);
