/**
 * The primary of several workers on one port: it alone subscribes, keeps the last-known-good revision, counts limits and
 * stands for the node; workers get their revisions from it and serve. A worker that ends, or does not apply a revision
 * in time, is replaced.
 */
import cluster, { type Worker } from "node:cluster";
import { createRequire } from "node:module";
import { ListenError } from "@latchkey/config";
import { childExecArgv, type Logger } from "@latchkey/observe";
import type { IngressConfig } from "../config.js";
import { TicketKeys } from "../fronts/ticket-keys.js";
import { makeCore, makeGate, type NodeCore } from "../node-core.js";
import type { Serving } from "../serving.js";
import { RelayServer } from "../sync/relay-server.js";
import { OAuthCredential } from "../upstream-auth/oauth-credential.js";
import { mergeImpaired } from "../usage/impaired-targets.js";
import { IngressStats } from "../usage/ingress-stats.js";
import { mergeStates } from "../usage/integration-states.js";
import { RequestSeries } from "../usage/request-series.js";
import { ResidentMemory } from "../usage/resident-memory.js";
import { EndedWorkers } from "./ended-workers.js";
import { listenOnFreePort } from "./free-port.js";
import { countRequest, type LimitQuestion, type LimitReply } from "./primary-limits.js";
import type { TokenQuestion, TokenReply } from "./primary-tokens.js";
import { makeRelayPath } from "./relay-path.js";
import { type FromWorker, mergeStats, type ToWorker, type WorkerReport } from "./worker-messages.js";
import { WorkerUsage } from "./worker-usage.js";

/** Of `imports` in package.json: the built file, or the source under the condition `@latchkey/source`. */
const workerMain = createRequire(import.meta.url).resolve("#worker-main");

/** A worker that dies within this time of its start is replaced only after it, so that nothing spins. */
const RESTART_MS = 500;
/** Beyond the workers' own drain limit. */
const EXIT_GRACE_MS = 2_000;
/** A worker that lost its stream to the primary comes back at least this often. */
const RELAY_RETRY_MS_MAX = 1_000;

interface Member {
  readonly worker: Worker;
  readonly instanceId: string;
  report: WorkerReport | null;
  isReplaced: boolean;
  isKilled: boolean;
}

export async function startWorkers(
  config: IngressConfig,
  log: Logger,
): Promise<{ readonly core: NodeCore; readonly serving: Serving }> {
  const path = makeRelayPath(config.dataDir, log);
  const gate = makeGate(config, log);
  const relay: RelayServer = new RelayServer({
    socketPath: path.socket,
    table: () => core.currentTable.table,
    dataKeys: () => core.keys.dataKeys,
    nowMs: () => core.currentTable.serverTimeMs(),
    gate,
    onUsage: (batch) => usage.pass(batch),
    onLate: (instanceId) => pool.kill(instanceId),
    log,
  });
  const core: NodeCore = await makeCore(config, log, {
    gate,
    dataDir: config.dataDir,
    observer: relay,
    beforeAck: (revision) => relay.applied(revision),
  });
  core.keys.onChange = () => relay.grantKeys();
  const usage = new WorkerUsage(core.sync);
  const pool: WorkerPool = new WorkerPool({ config, relay, core, usage, log });
  const stop = async (): Promise<void> => {
    await pool.stop();
    relay.close();
    path.remove();
  };
  try {
    await relay.listen();
    const serving = await pool.start();
    return { core, serving: { ...serving, drain: stop } };
  } catch (cause) {
    await stop();
    await core.close();
    throw cause;
  }
}

interface WorkerPoolParts {
  readonly config: IngressConfig;
  readonly relay: RelayServer;
  readonly core: NodeCore;
  readonly usage: WorkerUsage;
  readonly log: Logger;
}

class WorkerPool {
  readonly #memory = new ResidentMemory();
  readonly #config: IngressConfig;
  readonly #relay: RelayServer;
  readonly #core: NodeCore;
  readonly #usage: WorkerUsage;
  readonly #log: Logger;
  readonly #members = new Map<number, Member>();
  readonly #ended = new EndedWorkers();
  readonly #series: RequestSeries;
  /** The longest of all workers since it was asked for. */
  #loopDelayMs = 0;
  readonly #ticketKeys = new TicketKeys((keys) => this.#tell({ kind: "ticket-keys", keys }));
  #instances = 0;
  #port = 0;
  #engine: string = "strict";
  #engineDescription = "";
  #isStopping = false;

  constructor({ config, relay, core, usage, log }: WorkerPoolParts) {
    this.#config = config;
    this.#relay = relay;
    this.#core = core;
    this.#usage = usage;
    this.#log = log;
    this.#series = new RequestSeries(core.clock);
  }

  async start(): Promise<Serving> {
    // Workers accept from one listening socket by themselves: a connection that the primary hands over costs two to three times as much.
    cluster.schedulingPolicy = cluster.SCHED_NONE;
    cluster.setupPrimary({
      exec: workerMain,
      args: [],
      execArgv: childExecArgv(),
      serialization: "advanced",
    });
    const { host, port } = this.#config;
    const forkOn = (on: number) => {
      this.#port = on;
      return this.#fork();
    };
    // uWebSockets.js shares a port only when it is asked for by number. The first worker comes alone: a taken port is reported once.
    const first = await (port === 0 ? listenOnFreePort(host, forkOn) : forkOn(port));
    this.#engine = first.engine;
    this.#engineDescription = first.engineDescription;
    await Promise.all(Array.from({ length: this.#config.workers - 1 }, () => this.#fork()));
    this.#ticketKeys.start();
    return {
      port: this.#port,
      engine: this.#engine,
      engineDescription: `${this.#engineDescription}, ${this.#config.workers} workers`,
      workers: this.#config.workers,
      stats: () => {
        const ofPrimary = new IngressStats(this.#core.events); // it fetches tokens
        return mergeStats([ofPrimary, this.#ended.stats, ...this.#reports().map(({ stats }) => stats)]);
      },
      series: () => this.#series,
      inFlight: () => this.#sum(({ inFlight }) => inFlight),
      connections: () => this.#sum(({ connections }) => connections),
      upstream: () => ({
        open: this.#sum(({ upstream }) => upstream.open),
        idle: this.#sum(({ upstream }) => upstream.idle),
        waiting: this.#sum(({ upstream }) => upstream.waiting),
      }),
      integrations: () => mergeStates(this.#reports().map(({ integrations }) => integrations)),
      impaired: () => mergeImpaired(this.#reports().map(({ impaired }) => impaired)),
      takeLoopDelayMs: () => {
        const longest = this.#loopDelayMs;
        this.#loopDelayMs = 0;
        return longest;
      },
      usageDropped: () =>
        this.#usage.lostTotal + this.#ended.usageDropped + this.#sum(({ usageDropped }) => usageDropped),
      rssBytes: () => this.#memory.bytes() + this.#sum(({ rssBytes }) => rssBytes),
      childLogLinesLost: () => this.#ended.logLinesLost + this.#sum(({ logLinesLost }) => logLinesLost),
      notReady: () => {
        const ready = this.#reports().filter(({ isReady }) => isReady).length;
        return ready > 0 ? null : "no worker is ready";
      },
      reloadFiles: () => this.#tell({ kind: "reload-files" }),
      drain: () => this.stop(),
    };
  }

  /** Workers drain by themselves; those that do not end in time are killed. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#ticketKeys.stop();
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

  /** Ends a worker that the relay has waited for too long, stopped or not; it is replaced. */
  kill(instanceId: string): void {
    const member = [...this.#members.values()].find((candidate) => candidate.instanceId === instanceId);
    if (member === undefined || member.isKilled) return;
    member.isKilled = true;
    this.#log.error(
      { workerPid: member.worker.process.pid },
      "a worker does not apply a revision and is killed",
    );
    member.worker.process.kill("SIGKILL");
  }

  async #fork(): Promise<Extract<FromWorker, { kind: "listening" }>> {
    const worker = cluster.fork();
    const instanceId = `${this.#core.instanceId}-${++this.#instances}`;
    const member: Member = { worker, instanceId, report: null, isReplaced: false, isKilled: false };
    this.#members.set(worker.id, member);
    return await new Promise((resolve, reject) => {
      let listenedMs = Number.NaN;
      worker.on("message", (message: FromWorker) => {
        this.#relay.heardFrom(instanceId);
        switch (message.kind) {
          case "hello":
            this.#send(worker, this.#startMessage(instanceId));
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
          case "limit-questions":
            this.#send(worker, { kind: "limit-replies", replies: this.#countAll(message.questions) });
            break;
          case "token-question":
            void this.#tokenFor(message.question).then((reply) =>
              this.#send(worker, { kind: "token-reply", reply }),
            );
            break;
          case "failing":
            // Who never served is tried again by its caller, at its end.
            if (!Number.isNaN(listenedMs)) this.#replace(member, "failing", listenedMs);
            break;
          case "report":
            member.report = message.report;
            this.#series.add(message.report.counts);
            this.#loopDelayMs = Math.max(this.#loopDelayMs, message.report.loopDelayMs);
            break;
        }
      });
      // A process that cannot be started (no descriptors, no memory), and one that a message does not reach.
      worker.on("error", (error) => this.#log.error({ err: error }, "a worker cannot be started or reached"));
      worker.once("exit", (code, signal) => {
        this.#members.delete(worker.id);
        this.#relay.forget(instanceId);
        if (member.report !== null) this.#ended.add(member.report);
        if (Number.isNaN(listenedMs))
          reject(new Error(`a worker ended before it served (${signal ?? code})`));
        else this.#replace(member, signal ?? code, listenedMs);
      });
    });
  }

  #startMessage(instanceId: string): ToWorker {
    return {
      kind: "start",
      port: this.#port,
      instanceId,
      isFilledFirst: this.#core.currentTable.table !== null,
      ticketKeys: this.#ticketKeys.current,
      config: {
        ...this.#config,
        controlPlane: {
          ...this.#config.controlPlane,
          address: this.#relay.address,
          token: "",
          // A socket of this machine, which only this user can open.
          caFile: undefined,
          certFile: undefined,
          keyFile: undefined,
          retryFirstMs: 20,
          retryMaxMs: RELAY_RETRY_MS_MAX,
        },
      },
    };
  }

  #countAll(questions: readonly LimitQuestion[]): LimitReply[] {
    const { currentTable } = this.#core;
    const nowMs = currentTable.serverTimeMs();
    const { table } = currentTable;
    return questions.map(({ id, names }) => {
      const limits = names.flatMap((name) => table?.limitsNamed(name) ?? []);
      return { id, verdict: limits.length < names.length ? null : countRequest(limits, nowMs) };
    });
  }

  /** Never rejects. */
  async #tokenFor({ id, credentialId, refused }: TokenQuestion): Promise<TokenReply> {
    const credential = this.#core.currentTable.table?.credentials.get(credentialId)?.current;
    const token = credential instanceof OAuthCredential ? await credential.give(refused) : null;
    return { id, token };
  }

  #replace(member: Member, reason: number | string, listenedMs: number): void {
    if (member.isReplaced || this.#isStopping) return;
    member.isReplaced = true;
    this.#log.error({ reason }, "a worker ended and is replaced");
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
    for (const { worker } of this.#members.values()) this.#send(worker, message);
  }

  #send(worker: Worker, message: ToWorker): void {
    if (worker.isConnected()) worker.send(message);
  }

  #reports(): WorkerReport[] {
    return [...this.#members.values()].flatMap(({ report }) => (report === null ? [] : [report]));
  }

  #sum(of: (report: WorkerReport) => number): number {
    return this.#reports().reduce((sum, report) => sum + of(report), 0);
  }
}
