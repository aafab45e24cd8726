/**
 * The primary of several workers on one port: it alone subscribes, keeps the last-known-good revision and answers for
 * the node; workers get their revisions from it and serve. A worker that ends is replaced.
 */
import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Logger } from "@latchkey/observe";
import { UsageBatch } from "@latchkey/proto";
import type { IngressConfig } from "../config.js";
import type { EngineName } from "../http/exchange.js";
import { makeCore, type NodeCore } from "../node-core.js";
import { ListenError } from "../node-front.js";
import type { Serving } from "../run.js";
import { RelayServer } from "../sync/relay-server.js";
import { IngressStats } from "../usage/ingress-stats.js";
import { residentMemoryBytes } from "../usage/resident-memory.js";
import { type FromWorker, mergeStats, type ToWorker, type WorkerReport } from "./worker-messages.js";

const workerMain = fileURLToPath(new URL("./worker-main.js", import.meta.url));

/** A worker that dies within this time of its start is replaced only after it, so that nothing spins. */
const RESTART_MS = 500;
/** Beyond the workers' own drain limit. */
const EXIT_GRACE_MS = 2_000;

interface Member {
  readonly worker: Worker;
  report: WorkerReport | null;
}

export async function startWorkers(
  config: IngressConfig,
  log: Logger,
): Promise<{ readonly core: NodeCore; readonly serving: Serving }> {
  const directory = mkdtempSync(join(tmpdir(), "latchkey-workers-")); // readable by its owner only
  const relay: RelayServer = new RelayServer({
    socketPath: join(directory, "relay"),
    table: () => core.holder.current,
    nowMs: () => core.holder.serverTimeMs(core.clock),
    onUsage: (batch) => {
      if (!core.sync.sendUsage(UsageBatch.encode(batch).finish()))
        pool.usageLost += batch.counts.reduce((sum, { count }) => sum + Number(count), 0);
    },
    log,
  });
  const core: NodeCore = await makeCore(config, log, {
    dataDir: config.dataDir,
    limitShare: 1,
    observer: relay,
    beforeAck: (version) => relay.applied(version),
  });
  await relay.listen();
  const pool: WorkerPool = new WorkerPool(config, relay.address, log, () => core.holder.current !== null);
  try {
    const serving = await pool.start();
    return {
      core,
      serving: {
        ...serving,
        drain: async () => {
          await pool.stop();
          relay.close();
          rmSync(directory, { recursive: true, force: true });
        },
      },
    };
  } catch (cause) {
    await pool.stop();
    relay.close();
    await core.close();
    rmSync(directory, { recursive: true, force: true });
    throw cause;
  }
}

class WorkerPool {
  usageLost = 0;
  readonly #config: IngressConfig;
  readonly #relayAddress: string;
  readonly #log: Logger;
  readonly #hasTable: () => boolean;
  readonly #members = new Map<number, Member>();
  /** Of workers that ended, so that counters never fall. */
  readonly #ended = new IngressStats();
  #port = 0;
  #engine: EngineName = "strict";
  #engineDescription = "";
  #isStopping = false;

  constructor(config: IngressConfig, relayAddress: string, log: Logger, hasTable: () => boolean) {
    this.#config = config;
    this.#relayAddress = relayAddress;
    this.#log = log;
    this.#hasTable = hasTable;
  }

  async start(): Promise<Serving> {
    cluster.setupPrimary({ exec: workerMain, args: [], serialization: "advanced" });
    // uWebSockets.js shares a port only when it is asked for by number.
    this.#port = this.#config.port === 0 ? await freePort(this.#config.host) : this.#config.port;
    const first = await this.#fork(); // alone, so that a taken port is told once
    this.#engine = first.engine;
    this.#engineDescription = first.engineDescription;
    await Promise.all(Array.from({ length: this.#config.workers - 1 }, () => this.#fork()));
    return {
      port: this.#port,
      engine: this.#engine,
      engineDescription: `${this.#engineDescription}, ${this.#config.workers} workers`,
      workers: this.#config.workers,
      stats: () => mergeStats([this.#ended, ...this.#reports().map(({ stats }) => stats)]),
      inFlight: () => this.#sum(({ inFlight }) => inFlight),
      connections: () => this.#sum(({ connections }) => connections),
      upstream: () => ({
        open: this.#sum(({ upstream }) => upstream.open),
        idle: this.#sum(({ upstream }) => upstream.idle),
        waiting: this.#sum(({ upstream }) => upstream.waiting),
      }),
      usageDropped: () => this.usageLost + this.#sum(({ usageDropped }) => usageDropped),
      rssBytes: () => residentMemoryBytes() + this.#sum(({ rssBytes }) => rssBytes),
      notReady: () => {
        const ready = this.#reports().filter(({ isReady }) => isReady).length;
        return ready > 0 ? null : "no worker is ready";
      },
      reloadCertificate: () => this.#tell({ kind: "reload-certificate" }),
      drain: () => this.stop(),
    };
  }

  /** Workers drain by themselves; those that do not end in time are killed. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const ends = [...this.#members.values()].map(
      ({ worker }) =>
        new Promise<void>((resolve) => {
          const timer = setTimeout(
            () => worker.process.kill("SIGKILL"),
            this.#config.drainMs + EXIT_GRACE_MS,
          );
          worker.once("exit", () => {
            clearTimeout(timer);
            resolve();
          });
        }),
    );
    this.#tell({ kind: "close" });
    await Promise.all(ends);
  }

  #fork(): Promise<Extract<FromWorker, { kind: "listening" }>> {
    const worker = cluster.fork();
    const member: Member = { worker, report: null };
    this.#members.set(worker.id, member);
    const start: ToWorker = {
      kind: "start",
      port: this.#port,
      isFilledFirst: this.#hasTable(),
      config: {
        ...this.#config,
        controlPlane: {
          ...this.#config.controlPlane,
          address: this.#relayAddress,
          token: "",
          retryFirstMs: 20,
        },
      },
    };
    return new Promise((resolve, reject) => {
      let listenedMs = Number.NaN;
      worker.on("message", (message: FromWorker) => {
        switch (message.kind) {
          case "hello":
            worker.send(start);
            break;
          case "listening":
            listenedMs = performance.now();
            resolve(message);
            break;
          case "listen-failed": {
            const cause = { code: message.code };
            const { host } = this.#config;
            reject(new ListenError("client", host, this.#port, "LATCHKEY_INGRESS_PORT", cause));
            break;
          }
          case "report":
            member.report = message.report;
            break;
        }
      });
      worker.once("exit", (code, signal) => {
        this.#members.delete(worker.id);
        if (member.report !== null) this.#ended.add(member.report.stats);
        if (Number.isNaN(listenedMs))
          reject(new Error(`a worker ended before it served (${signal ?? code})`));
        else if (!this.#isStopping) this.#replace(code, signal, listenedMs);
      });
    });
  }

  #replace(code: number, signal: string, listenedMs: number): void {
    this.#log.error({ code, signal }, "a worker ended and is replaced");
    this.#replaceAfter(Math.max(0, listenedMs + RESTART_MS - performance.now()));
  }

  #replaceAfter(ms: number): void {
    setTimeout(() => {
      if (this.#isStopping) return;
      this.#fork().catch((cause: unknown) => {
        this.#log.error({ reason: (cause as Error).message }, "a worker cannot be replaced; trying again");
        this.#replaceAfter(RESTART_MS);
      });
    }, ms).unref();
  }

  #tell(message: ToWorker): void {
    for (const { worker } of this.#members.values()) if (worker.isConnected()) worker.send(message);
  }

  #reports(): WorkerReport[] {
    return [...this.#members.values()].flatMap(({ report }) => (report === null ? [] : [report]));
  }

  #sum(of: (report: WorkerReport) => number): number {
    return this.#reports().reduce((sum, report) => sum + of(report), 0);
  }
}

async function freePort(host: string): Promise<number> {
  const server = createServer();
  server.listen({ host, port: 0 });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
