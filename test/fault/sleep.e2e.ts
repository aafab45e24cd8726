/**
 * Processes of a node that are stopped (SIGSTOP, as a machine that is paused) while a key is revoked, and go on later: the
 * node acknowledges nothing for them meanwhile, and none passes the revoked key afterwards.
 */
import { aKey, anApi, anIntegration, aRoute, eventually, served, Upstream } from "@latchkey/testkit";
import { expect } from "vitest";
import { engines } from "../support/engines.js";
import { fault } from "./support/fault.js";
import { seconds } from "./support/figures.js";
import { KeepAliveClient } from "./support/keep-alive-client.js";
import { rounds } from "./support/mode.js";
import { childrenOf, isRunning } from "./support/processes.js";
import { SmallNode } from "./support/small-node.js";
import { pause, shoot } from "./support/traffic.js";

const SILENCE_MS = rounds(1_000, 15_000);
const STOP_MS = rounds(1_500, 75_000);
const CONNECTIONS = 30;
const revocable = aKey("key_1", "api_1");

class SleepyNode implements AsyncDisposable {
  readonly node: SmallNode;
  readonly clients: readonly KeepAliveClient[];
  readonly #upstream: Upstream;

  private constructor(node: SmallNode, upstream: Upstream) {
    this.node = node;
    this.#upstream = upstream;
    this.clients = Array.from(
      { length: CONNECTIONS },
      () => new KeepAliveClient(node.port, revocable.secret),
    );
  }

  static async start(workers: number, engine = "strict"): Promise<SleepyNode> {
    const upstream = await Upstream.start({ behaviour: () => ({ body: "well" }) });
    const resources = served(
      anIntegration("int_1", `${upstream.url}/`),
      anApi("api_1", [aRoute("ANY", "/a", "int_1")]),
      revocable.resource,
    );
    const node = await SmallNode.start(resources, {
      env: {
        LATCHKEY_INGRESS_ENGINE: engine,
        LATCHKEY_INGRESS_CONTROL_PLANE_SILENCE_MS: String(SILENCE_MS),
        LATCHKEY_INGRESS_WORKERS: String(workers),
        LATCHKEY_INGRESS_LIMITS_KEEP_ALIVE_MS: "600000",
      },
    });
    const sleepy = new SleepyNode(node, upstream);
    await sleepy.isServed(); // a machine that is busy may hold a process up for longer than the limit
    return sleepy;
  }

  get pid(): number {
    return this.node.process.pid;
  }

  /** Statuses of one request over each connection. */
  async askAll(): Promise<Set<string>> {
    return new Set(await Promise.all(this.clients.map((client) => client.ask())));
  }

  /** Asks over all connections until each request is served. */
  async isServed(): Promise<void> {
    await eventually(
      async () => {
        const statuses = await this.askAll();
        return statuses.size === 1 && statuses.has("200") ? true : undefined;
      },
      "all are served",
      { everyMs: 1 },
    );
  }

  /** The stream ends, as it does when a node says nothing for long; then the key is disabled. */
  revokeUnheard(): void {
    this.node.server.cut();
    this.node.server.change(served({ ...revocable.resource, active: false }));
  }

  /** Asks over all connections and new ones until the key is refused. @returns how often it was asked and how long */
  async isRefused(): Promise<{ readonly asked: number; readonly ms: number; readonly held: number }> {
    const startedMs = performance.now();
    let asked = 0;
    let held = 0;
    return await eventually(
      async () => {
        const fresh = shoot({ url: `${this.node.url}/a`, key: revocable.secret }).then(
          ({ status }) => String(status),
          () => "cut",
        );
        const statuses = new Set([...(await this.askAll()), await fresh]);
        asked += CONNECTIONS + 1;
        statuses.delete("cut");
        expect(statuses, "no request passes with the revoked key").not.toContain("200");
        if (statuses.has("503")) held++;
        return statuses.size === 1 && statuses.has("403")
          ? { asked, ms: performance.now() - startedMs, held }
          : undefined;
      },
      "the key is refused",
      { everyMs: 1 },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.clients) client[Symbol.dispose]();
    await this.node[Symbol.asyncDispose]();
    await this.#upstream[Symbol.asyncDispose]();
  }
}

function signal(pids: readonly number[], name: "SIGSTOP" | "SIGCONT"): void {
  for (const pid of pids) process.kill(pid, name);
}

const kinds = [
  { engine: "strict", workers: 1 },
  { engine: "strict", workers: 2 },
  ...engines.filter((engine) => engine === "uws").map((engine) => ({ engine, workers: 1 })),
];

for (const { engine, workers } of kinds)
  fault(
    {
      row: "58",
      fault: `a node ${workers === 1 ? "" : `and its ${workers} workers `}stopped for ${STOP_MS / 1000} s while a key is disabled, then resumed, front ${engine}`,
      holds: "serves nothing before it heard from the control plane, over a connection made after it woke",
      target: "0 requests pass with a revoked key",
    },
    async () => {
      await using sleepy = await SleepyNode.start(workers, engine);
      const pids = [sleepy.pid, ...childrenOf(sleepy.pid)];
      expect(pids).toHaveLength(workers === 1 ? 1 : workers + 1);
      signal(pids, "SIGSTOP");
      sleepy.revokeUnheard();
      await pause(STOP_MS);
      const first = sleepy.askAll(); // these wait in the system, and are there first when it wakes
      signal(pids.reverse(), "SIGCONT");
      expect(await first, "no waiting request passes").not.toContain("200");
      const { asked, ms } = await sleepy.isRefused();
      await sleepy.node.server.acked();
      return `${CONNECTIONS + asked} requests, 0 passed; refused for the key itself ${seconds(ms)} after it woke`;
    },
  );

fault(
  {
    row: "58",
    fault: `a node stopped for ${STOP_MS / 1000} s, whose control plane is away when it goes on`,
    holds: "serves nothing for at most the silence limit, then what it knows",
    target: `503 for at most ${SILENCE_MS / 1000} s, then 200`,
  },
  async () => {
    await using sleepy = await SleepyNode.start(1);
    signal([sleepy.pid], "SIGSTOP");
    await sleepy.node.server.close();
    await pause(STOP_MS);
    const first = sleepy.askAll();
    signal([sleepy.pid], "SIGCONT");
    expect(await first).toEqual(new Set(["503"]));
    const startedMs = performance.now();
    await eventually(
      async () => {
        const { status, error } = await shoot({ url: `${sleepy.node.url}/a`, key: revocable.secret });
        expect([200, "503 gateway.stale"]).toContain(status === 200 ? 200 : `${status} ${error}`);
        return status === 200 ? true : undefined;
      },
      "it serves on",
      { timeoutMs: SILENCE_MS + 30_000 },
    );
    return `gateway.stale for ${seconds(performance.now() - startedMs)} (limit set to ${seconds(SILENCE_MS)}), then served on`;
  },
);

fault(
  {
    row: "58",
    fault: "one of two workers stopped while a key is disabled, then resumed",
    holds: "the node acknowledges when the worker was ended and not before; it never passes the key",
    target: "0 requests pass with a revoked key; no ACK while a worker is behind",
  },
  async () => {
    await using sleepy = await SleepyNode.start(2);
    const { server } = sleepy.node;
    const [victim] = childrenOf(sleepy.pid) as [number];
    signal([victim], "SIGSTOP");
    const startedMs = performance.now();
    server.change(served({ ...revocable.resource, active: false }));
    await server.acked();
    const ackedMs = performance.now() - startedMs;
    expect(isRunning(victim), "a stopped worker is counted").toBe(false);
    const { asked } = await sleepy.isRefused();
    await eventually(async () => (childrenOf(sleepy.pid).length === 2 ? true : undefined), "it is replaced");
    return `acknowledged ${seconds(ackedMs)} after the change, when the worker was ended; ${asked} requests, 0 passed`;
  },
);

fault(
  {
    row: "58",
    fault: `one of two workers stopped for ${STOP_MS / 1000} s while nothing changes, then resumed`,
    holds: "it goes on when the primary has confirmed what it knows, and is not replaced",
    target: "the same processes; all served",
  },
  async () => {
    await using sleepy = await SleepyNode.start(2);
    const workers = childrenOf(sleepy.pid);
    signal(workers.slice(0, 1), "SIGSTOP");
    await pause(STOP_MS);
    signal(workers.slice(0, 1), "SIGCONT");
    const startedMs = performance.now();
    await sleepy.isServed();
    expect(childrenOf(sleepy.pid)).toEqual(workers);
    return `all served ${seconds(performance.now() - startedMs)} after it woke`;
  },
);
