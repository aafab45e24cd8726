/** Puts the parts of a node together: in one process, or as a primary with workers on one port. */
import { ListenError } from "@latchkey/config";
import { createLogger, type Logger, release, type Telemetry } from "@latchkey/observe";
import { formatRevision, resourceName } from "@latchkey/snapshot";
import { AdminServer } from "./admin/admin-server.js";
import type { IngressConfig } from "./config.js";
import { checkFiles } from "./files.js";
import type { Integration } from "./forward/integration.js";
import type { ClientFactory } from "./forward/upstream-pools.js";
import { selectIo } from "./fronts/select-io.js";
import { widenInlining } from "./inlining.js";
import { makeCore, makeGate, type NodeCore } from "./node-core.js";
import { type EngineFactory, makeFront, nodeTelemetry } from "./node-front.js";
import type { Serving } from "./serving.js";
import { impairedToWire } from "./sync/impaired-to-wire.js";
import type { CurrentTable } from "./table/current-table.js";
import { rejectionsOf } from "./table/table-change.js";
import { LATENCY_BOUNDS_US } from "./usage/latency-bounds.js";
import { ingressMetrics } from "./usage/metrics.js";
import { RequestSeries } from "./usage/request-series.js";
import { ResidentMemory } from "./usage/resident-memory.js";
import { startWorkers } from "./workers/worker-pool.js";

const HEALTH_INTERVAL_MS = 5_000;
/** Counts wait this long for the metrics: what is busiest is known while nobody asks, too. */
const COUNTS_INTERVAL_MS = 1_000;

export interface RunOptions {
  readonly log?: Logger;
  /** Of tests, which compare the engine and the client with others; not with workers. */
  readonly makeEngine?: EngineFactory | undefined;
  readonly makeClient?: ClientFactory | undefined;
}

export interface Ingress {
  /** For clients. */
  readonly port: number;
  readonly adminPort: number;
  readonly engine: string;
  readonly engineDescription: string;
  isReady(): boolean;
  /** The state that /status shows. */
  status(): IngressStatus;
  /** Takes the certificate files' present content for new connections, and opens the access log's file again. */
  reloadFiles(): void;
  /** Drains: /readyz turns 503, requests in flight finish within `drainMs`, then everything closes. Idempotent. */
  close(): Promise<void>;
}

export interface IngressStatus {
  readonly nodeId: string;
  readonly instanceId: string;
  readonly softwareVersion: string;
  readonly engine: string;
  readonly workers: number;
  readonly ready: boolean;
  readonly draining: boolean;
  readonly stream: string;
  readonly streamError: string;
  readonly revision: string | null;
  readonly digest: string | null;
  readonly apis: number;
  readonly keys: number;
  readonly integrations: number;
  readonly quarantine: readonly { readonly resource: string; readonly reason: string }[];
  readonly inFlight: number;
}

/** Starts a node; sets a flag of V8 for the whole process. Rejects with SettingFileError or ListenError. */
export async function runIngress(config: IngressConfig, options: RunOptions = {}): Promise<Ingress> {
  checkFiles(config);
  widenInlining();
  const log = options.log ?? createLogger({ name: "ingress", level: config.logLevel });
  if (config.workers > 1) {
    const { core, serving } = await startWorkers(config, log);
    return finishNode(core, serving, await nodeTelemetry(core));
  }
  await selectIo(config.io, log);
  const core = await makeCore(config, log, {
    gate: makeGate(config, log),
    dataDir: config.dataDir,
    observer: null,
    beforeAck: null,
    makeClient: options.makeClient,
  });
  const telemetry = await nodeTelemetry(core);
  const serving = await serveHere(core, telemetry, options.makeEngine).catch(async (error: unknown) => {
    await core.close();
    await telemetry.close();
    throw error;
  });
  return finishNode(core, serving, telemetry);
}

async function serveHere(
  core: NodeCore,
  telemetry: Telemetry,
  makeEngine: EngineFactory | undefined,
): Promise<Serving> {
  const front = makeFront(core, { sharesPort: false, primaryLimits: null, telemetry, makeEngine });
  const port = await front.listen();
  const memory = new ResidentMemory();
  const series = new RequestSeries(core.clock);
  const counting = setInterval(() => series.add(front.counts.take()), COUNTS_INTERVAL_MS);
  counting.unref();
  return {
    port,
    engine: front.engine.name,
    engineDescription: front.engine.description,
    workers: 1,
    stats: () => front.stats,
    series: () => {
      front.flushCounts();
      series.add(front.counts.take());
      return series;
    },
    inFlight: front.inFlight,
    connections: () => front.engine.connections(),
    upstream: () => core.pools.totals(),
    integrations: front.integrations,
    impaired: front.impaired,
    takeLoopDelayMs: front.takeLoopDelayMs,
    usageDropped: front.usageDropped,
    rssBytes: () => memory.bytes(),
    childLogLinesLost: () => 0,
    notReady: () => null,
    reloadFiles: front.reloadFiles,
    drain: async () => {
      await front.drain();
      clearInterval(counting);
    },
  };
}

/** Admin server, stream and health, for a single process and for a primary. */
async function finishNode(core: NodeCore, serving: Serving, telemetry: Telemetry): Promise<Ingress> {
  const { config, currentTable, sync, log } = core;
  let isDraining = false;
  const notReady = (): string | null => (isDraining ? "draining" : (core.notReady() ?? serving.notReady()));
  const status = (): IngressStatus => statusOf(core, serving, notReady() === null, isDraining);
  const metrics = ingressMetrics({
    stats: serving.stats,
    series: serving.series,
    inFlight: () => serving.inFlight(),
    connections: () => serving.connections(),
    upstream: () => serving.upstream(),
    table: () => {
      const table = currentTable.table;
      return table === null
        ? null
        : { ...table.revision, ...table.counts(), quarantined: rejectionsOf(table).length };
    },
    configAgeSeconds: () =>
      Number.isFinite(currentTable.confirmedAtMs)
        ? (core.clock.monotonicMs() - currentTable.confirmedAtMs) / 1000
        : null,
    isReady: () => notReady() === null,
    isStreaming: () => sync.state === "streaming",
    integrations: () => serving.integrations(),
    takeLoopDelayMs: () => serving.takeLoopDelayMs(),
    usageDropped: () => serving.usageDropped(),
    childLogLinesLost: () => serving.childLogLinesLost(),
  });
  const admin = new AdminServer({
    hosts: [config.admin.host, ...config.admin.hosts],
    notReady,
    metrics: () => metrics.metrics(),
    metricsContentType: metrics.contentType,
    status,
    tree: (apiId) => treeOf(currentTable, apiId),
  });
  const { host, port } = config.admin;
  const adminPort = await admin.listen(host, port).catch(async (cause: unknown) => {
    await serving.drain();
    await core.close();
    await telemetry.close();
    throw new ListenError("admin", host, port, "LATCHKEY_INGRESS_ADMIN_PORT", cause);
  });
  log.info(
    {
      port: serving.port,
      adminPort,
      engine: serving.engineDescription,
      workers: serving.workers,
    },
    "ingress listens",
  );
  telemetry.exportMetrics(metrics);
  sync.start();
  const health = setInterval(() => {
    sendHealth();
    for (const { current } of currentTable.table?.credentials.values() ?? []) current?.look();
    sync.reportRejections();
  }, HEALTH_INTERVAL_MS);
  health.unref();

  function sendHealth(): void {
    sync.sendHealth({
      ready: notReady() === null,
      draining: isDraining,
      rssBytes: BigInt(serving.rssBytes()),
      inFlight: serving.inFlight(),
      latencyBoundsUs: [...LATENCY_BOUNDS_US],
      ...impairedToWire(serving.impaired()),
    });
  }

  async function drainAndClose(): Promise<void> {
    isDraining = true;
    sendHealth();
    log.info({ inFlight: serving.inFlight() }, "draining");
    if (config.drainDelayMs > 0) await sleep(config.drainDelayMs);
    await serving.drain();
    clearInterval(health);
    await core.close();
    await admin.close();
    log.info("closed");
    await telemetry.close();
  }

  let closing: Promise<void> | null = null;
  return {
    port: serving.port,
    adminPort,
    engine: serving.engine,
    engineDescription: serving.engineDescription,
    isReady: () => notReady() === null,
    status,
    reloadFiles: () => serving.reloadFiles(),
    close: () => {
      closing ??= drainAndClose();
      return closing;
    },
  };
}

function statusOf(core: NodeCore, serving: Serving, ready: boolean, draining: boolean): IngressStatus {
  const table = core.currentTable.table;
  const counts = table?.counts();
  return {
    nodeId: core.config.nodeId,
    instanceId: core.instanceId,
    softwareVersion: release,
    engine: serving.engineDescription,
    workers: serving.workers,
    ready,
    draining,
    stream: core.sync.state,
    streamError: core.sync.lastError,
    revision: table === null ? null : formatRevision(table.revision),
    digest: table === null ? null : Buffer.from(table.digest.bytes()).toString("hex"),
    apis: counts?.apis ?? 0,
    keys: counts?.keys ?? 0,
    integrations: counts?.integrations ?? 0,
    quarantine: (table === null ? [] : rejectionsOf(table)).map(({ ref, reason }) => ({
      resource: resourceName(ref),
      reason,
    })),
    inFlight: serving.inFlight(),
  };
}

function treeOf(currentTable: CurrentTable<Integration>, apiId: string): unknown {
  const api = currentTable.table?.apis.get(apiId)?.current;
  return (
    api?.built()?.routes.map((route) => ({
      id: route.id,
      method: route.path.method,
      pattern: route.path.pattern,
      integrationId: route.integration.id,
      usable: route.integration.current !== null,
    })) ?? null
  );
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
