/** Integrations that are far, respond early or are busy, and limits that change or are reached: which code the client gets, and which target is blamed. */
import { connect, type Socket } from "node:net";
import { noLimits } from "@latchkey/snapshot";
import {
  aKey,
  anApi,
  anIntegration,
  aRoute,
  eventually,
  freePort,
  NameServer,
  RawClient,
  type RawResponse,
  type ServedResource,
  served,
  Upstream,
} from "@latchkey/testkit";
import { afterAll, beforeAll, expect } from "vitest";
import { engines } from "../support/engines.js";
import { fault } from "./support/fault.js";
import { seconds } from "./support/figures.js";
import { FullListener } from "./support/full-listener.js";
import { interruptedUpload } from "./support/interrupted-upload.js";
import { rounds } from "./support/mode.js";
import { key, SmallNode } from "./support/small-node.js";

/** Of one subscription to one origin; each row has an origin of its own. */
const UPSTREAM_CONNECTIONS = 2;
const QUEUE_TIMEOUT_MS = 300;
/** Of clients: on the front uws requests in flight. */
const CLIENT_CONNECTIONS = 20;
const CONNECT_TIMEOUT_MS = 3_000;

const otherKey = aKey("key_2", "api_1");

interface Front {
  readonly engine: string;
  readonly node: SmallNode;
}

let names: NameServer;
let fronts: readonly Front[] = [];

beforeAll(async () => {
  names = await NameServer.start();
  fronts = await Promise.all(
    engines.map(async (engine) => ({
      engine,
      node: await SmallNode.start(
        [...resourcesOf("early", "http://127.0.0.1:9/"), ...served(otherKey.resource)],
        {
          env: {
            LATCHKEY_INGRESS_ENGINE: engine,
            LATCHKEY_INGRESS_DNS_SERVERS: names.address,
            LATCHKEY_INGRESS_UPSTREAMS_CONNECTIONS_MAX: String(UPSTREAM_CONNECTIONS),
            LATCHKEY_INGRESS_UPSTREAMS_QUEUE_TIMEOUT_MS: String(QUEUE_TIMEOUT_MS),
            LATCHKEY_INGRESS_UPSTREAMS_CONNECT_TIMEOUT_MS: String(CONNECT_TIMEOUT_MS),
            LATCHKEY_INGRESS_LIMITS_CONNECTIONS_MAX: String(CLIENT_CONNECTIONS),
          },
        },
      ),
    })),
  );
  for (const { node } of fronts) node.secrets.add(otherKey.secret);
});

afterAll(async () => {
  for (const { node } of fronts) await node[Symbol.asyncDispose]();
  await names[Symbol.asyncDispose]();
});

type IntegrationOptions = Parameters<typeof anIntegration>[2];
/** One failure takes a target out of rotation. */
const circuitBreaker = { failures: 1, openMs: 600_000 };

/** One API whose requests all go to this integration. */
function resourcesOf(id: string, url: string, options: IntegrationOptions = {}): ServedResource[] {
  return served(
    anIntegration(`int_${id}`, url, { method: "AS_RECEIVED", circuitBreaker, ...options }),
    anApi("api_1", [aRoute("ANY", "/{rest*}", `int_${id}`)]),
    aKey("key_1", "api_1", {}, key).resource,
  );
}

async function change({ node }: Front, resources: readonly ServedResource[]): Promise<void> {
  node.server.change(resources);
  await node.server.acked();
}

const headOf = (method: string, more = "", secret = key, path = "/a"): string =>
  `${method} ${path} HTTP/1.1\r\nHost: a\r\nConnxio-Api-Key: ${secret}\r\n${more}\r\n`;

/** Status and the gateway's code: `200`, `503 upstream.queue_timeout`. */
const toldBy = ({ status, header }: RawResponse): string =>
  [status, header("latchkey-error")].join(" ").trim();

async function ask({ node }: Front, secret = key, path = "/a"): Promise<string> {
  using client = await RawClient.connect(node.port);
  client.send(headOf("GET", "", secret, path));
  return toldBy(await client.response());
}

const REFUSAL = "HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 9\r\n\r\ntoo large";
const LEAVINGS: Readonly<Record<string, (socket: Socket) => unknown>> = {
  closes: (socket) => socket.destroy(),
  resets: (socket) => socket.resetAndDestroy(),
  "reads on": (socket) => socket.resume(),
};
fault(
  {
    row: "89",
    fault:
      "an integration responds before it has read the upload, and then closes, resets or reads on, with a length and chunked",
    holds: "the client gets that response, the circuit stays closed",
    target: "0 × 502",
  },
  async () => {
    let leave = LEAVINGS.closes as (socket: Socket) => unknown;
    await using upstream = await Upstream.start({
      behaviour: () => ({ body: "well" }),
      onHead: ({ method }, socket) => {
        if (method !== "POST") return false;
        socket.pause();
        socket.write(REFUSAL, () => setImmediate(() => leave(socket)));
        return true;
      },
    });
    const outcomes = new Map<string, number>();
    for (const front of fronts) {
      await change(front, resourcesOf("early", upstream.url));
      for (const [how, leaving] of Object.entries(LEAVINGS)) {
        leave = leaving;
        for (let i = 0; i < rounds(2, 40, 1_000); i++) {
          const head = headOf("POST").slice(0, -"\r\n".length);
          const outcome = await interruptedUpload(front.node.port, head, i % 2 === 0).then(
            (response) => `${toldBy(response)} ${response.body.toString()}`,
            (error: Error) => `${front.engine}, ${how}: ${error.message}`,
          );
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        }
      }
      expect(await ask(front)).toBe("200");
    }
    expect([...outcomes.keys()]).toEqual(["413 too large"]);
    return `${outcomes.get("413 too large")} uploads: each got the 413 of the integration; the next request 200`;
  },
);

fault(
  {
    row: "90",
    fault:
      "an integration's first address is a second away and its second one dead; another's first one is dead; a third's are all dead",
    holds:
      "the far one is waited for beside the dead one, a dead one costs a quarter of a second, and all dead are a time-out",
    target: "200 within one round trip; 200 ≤ 1 s; 504 after the connect time-out",
  },
  async () => {
    const port = await freePort();
    const upstream = new Upstream({ behaviour: () => ({ body: "well" }) });
    await upstream.listen(port);
    await using _ = upstream;
    const [far, dead] = await Promise.all([
      FullListener.start("127.0.0.2", port),
      FullListener.start("127.0.0.3", port),
    ]);
    await using _far = far;
    await using _dead = dead;
    names.records.set("far.test", ["127.0.0.2", "127.0.0.3"]);
    names.records.set("half.test", ["127.0.0.3", "127.0.0.1"]);
    names.records.set("dead.test", ["127.0.0.3"]);
    const kinds = ["far", "half", "dead"] as const;
    const integrations = kinds.map((kind) =>
      anIntegration(`int_${kind}`, `http://${kind}.test:${port}/`, { method: "AS_RECEIVED" }),
    );
    const routes = kinds.map((kind) => aRoute("ANY", `/${kind}`, `int_${kind}`));
    for (const front of fronts) await change(front, served(...integrations, anApi("api_1", routes)));
    const resultsOf = (kind: (typeof kinds)[number]) =>
      fronts.map(async (front) => {
        const startedMs = performance.now();
        const outcome = await ask(front, key, `/${kind}`);
        return { kind, engine: front.engine, outcome, ms: performance.now() - startedMs };
      });
    const past = await Promise.all(resultsOf("half"));
    const late = [...resultsOf("far"), ...resultsOf("dead")];
    await far.isTried(fronts.length);
    await dead.isTried(2 * fronts.length); // of those to the far one the second attempt, which must not end the first
    far.goOn();
    const told: string[] = [];
    for (const { kind, engine, outcome, ms } of [...past, ...(await Promise.all(late))]) {
      const isDead = kind === "dead";
      expect([engine, kind, outcome]).toEqual([
        engine,
        kind,
        isDead ? "504 upstream.connect_timeout" : "200",
      ]);
      if (!isDead) expect([engine, kind, ms < CONNECT_TIMEOUT_MS]).toEqual([engine, kind, true]);
      told.push(`${engine}, ${kind}: ${outcome} after ${seconds(ms)}`);
    }
    return told.join("; ");
  },
);

fault(
  {
    row: "91",
    fault: `${UPSTREAM_CONNECTIONS} requests hold all connections to an integration whose circuit one failure opens, and more come`,
    holds:
      "they are refused early with 503 and a code of the gateway's own, and the integration is not blamed",
    target: "503 upstream.queue_timeout or upstream.overloaded; 0 circuits open",
  },
  async () => {
    const each = fronts.map(async (front) => {
      let isHeld = true;
      await using upstream = await Upstream.start({
        behaviour: () => (isHeld ? new Promise(() => undefined) : { body: "well" }),
      });
      await change(front, resourcesOf("busy", upstream.url));
      const holders = await Promise.all(
        [key, otherKey.secret].map(async (secret) => {
          const client = await RawClient.connect(front.node.port);
          return client.send(headOf("GET", "", secret));
        }),
      );
      await upstream.sawRequests(UPSTREAM_CONNECTIONS);
      const counts = new Map<string, number>();
      const startedMs = performance.now();
      for (let i = 0; i < rounds(5, 20); i++) {
        const outcome = await ask(front, i % 2 === 0 ? key : otherKey.secret);
        counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      }
      const refusedMs = performance.now() - startedMs;
      const codes = [...counts.keys()];
      expect(codes).toContain("503 upstream.queue_timeout");
      expect(codes.filter((code) => !/^503 upstream\.(queue_timeout|overloaded)$/.test(code))).toEqual([]);
      isHeld = false;
      for (const client of holders) client[Symbol.dispose]();
      await eventually(
        async () => (upstream.openConnections === 0 ? true : undefined),
        "the connections are free again",
      );
      expect([front.engine, await ask(front)]).toEqual([front.engine, "200"]);
      return `${front.engine}: ${[...counts].map(([code, count]) => `${count} × ${code}`).join(", ")} in ${seconds(refusedMs)}`;
    });
    return `${(await Promise.all(each)).join("; ")}; then 200, the circuit closed`;
  },
);

const EDITED_IDLE_MS = 500;
/** Connections of the integration as it was once ended after 310 s. */
const STREAM_MS = rounds(1_000, 4_000, 330_000);

fault(
  {
    row: "92",
    fault: `time-outs of an integration are edited while an event stream of it is open, which then says nothing for ${STREAM_MS / 1_000} s`,
    holds: "the stream goes on with what it began with; new ones have the new time-outs",
    target: "0 streams cut by an edit",
  },
  async () => {
    await using upstream = await Upstream.start({
      behaviour: (_request, socket) => {
        const head =
          "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
        socket.write(`${head}9\r\ndata: 1\n\n\r\n`);
        sockets.push(socket);
        return null;
      },
    });
    const sockets: Socket[] = [];
    const open = async ({ node }: Front) => {
      const socket = connect(node.port, "127.0.0.1");
      const stream = { socket, text: "", isOver: false };
      socket.on("data", (bytes) => {
        stream.text += bytes.toString("latin1");
      });
      socket.on("error", () => undefined);
      socket.on("close", () => {
        stream.isOver = true;
      });
      socket.write(headOf("GET"));
      await eventually(async () => stream.text.includes("data: 1") || undefined, "the stream has begun");
      return stream;
    };
    const limits = { ...noLimits, bodyIdleTimeoutMs: EDITED_IDLE_MS };
    const older = await Promise.all(
      fronts.map(async (front) => {
        await change(front, resourcesOf("events", upstream.url));
        return await open(front);
      }),
    );
    const openedByEarlier = sockets.length;
    const editedMs = performance.now();
    const cutMs: number[] = [];
    for (const front of fronts) {
      await change(front, resourcesOf("events", upstream.url, { limits }));
      const startedMs = performance.now();
      const newer = await open(front);
      await eventually(async () => newer.isOver || undefined, "a new stream has the new time-out");
      cutMs.push(performance.now() - startedMs);
    }
    await new Promise((resolve) =>
      setTimeout(resolve, Math.max(STREAM_MS - (performance.now() - editedMs), 0)),
    );
    expect(older.map(({ isOver }) => isOver)).toEqual(fronts.map(() => false));
    for (const socket of sockets.slice(0, openedByEarlier)) socket.write("9\r\ndata: 2\n\n\r\n0\r\n\r\n");
    await eventually(
      async () =>
        older.every(({ text }) => text.includes("data: 2") && text.endsWith("0\r\n\r\n")) ? true : undefined,
      "the older streams come whole",
    );
    for (const { socket } of older) socket.destroy();
    return `${older.length} of ${older.length} whole ${seconds(performance.now() - editedMs)} after the edit; new streams cut after ${cutMs.map(seconds).join(" and ")} (limit set to ${seconds(EDITED_IDLE_MS)})`;
  },
  { timeoutMs: rounds(300_000, 300_000, 1_800_000) },
);

fault(
  {
    row: "93",
    fault: `${CLIENT_CONNECTIONS} clients with requests under way, and then more: limits.connectionsMax is reached`,
    holds: "each further one gets 503, and is counted and logged; those under way and later ones are served",
    target: "0 closed without a response, metric and log line",
  },
  async () => {
    const MORE = rounds(10, 100);
    const METRIC = 'latchkey_ingress_connections_refused_total{reason="server_full"}';
    await using upstream = await Upstream.start({ behaviour: () => ({ body: "well" }) });
    const told: string[] = [];
    for (const front of fronts) {
      const { node } = front;
      await change(front, resourcesOf("full", upstream.url));
      await node.isIdle();
      const before = await node.metric(METRIC);
      const holders = await Promise.all(
        Array.from({ length: CLIENT_CONNECTIONS }, async () => {
          const client = await RawClient.connect(node.port);
          return client.send(`${headOf("POST", "Content-Length: 10\r\n")}12345`);
        }),
      );
      await eventually(
        async () =>
          (await node.metric("latchkey_ingress_in_flight")) === CLIENT_CONNECTIONS ? true : undefined,
        "all are under way",
      );
      for (let i = 0; i < MORE; i++)
        expect([front.engine, await ask(front)]).toEqual([front.engine, "503 gateway.overloaded"]);
      const counted = (await node.metric(METRIC)) - before;
      expect([front.engine, counted]).toEqual([front.engine, MORE]);
      expect(node.process.output).toContain("server_full");
      for (const client of holders) client.send("67890");
      const statuses = await Promise.all(holders.map(async (client) => (await client.response()).status));
      expect(new Set(statuses)).toEqual(new Set([200]));
      for (const client of holders) client[Symbol.dispose]();
      await node.isIdle();
      await eventually(
        async () => ((await ask(front)) === "200" ? true : undefined),
        "a later one is served",
      );
      told.push(`${front.engine}: ${MORE} × 503 gateway.overloaded, ${counted} counted, logged`);
    }
    return `${told.join("; ")}; ${CLIENT_CONNECTIONS} of ${CLIENT_CONNECTIONS} under way served`;
  },
);
