/** The composition root: the only file that makes the parts of a node and puts them together. */
import { createPublicKey, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { credentials as grpcCredentials } from "@grpc/grpc-js";
import { systemClock } from "@latchkey/core";
import { createLogger, type Logger } from "@latchkey/observe";
import { formatVersion } from "@latchkey/snapshot";
import { AdminServer } from "./admin/admin-server.js";
import type { IngressConfig } from "./config.js";
import { AddressGuard } from "./forward/address-guard.js";
import { clientFactory } from "./forward/create-client.js";
import { type Integration, Integrations } from "./forward/integration.js";
import { UpstreamPools } from "./forward/upstream-pools.js";
import { CertificateWatch } from "./http/certificate-watch.js";
import { createEngine } from "./http/create-engine.js";
import type { EngineName } from "./http/exchange.js";
import { BearerTokens } from "./request/bearer.js";
import { Gateway } from "./request/gateway.js";
import { LastKnownGood } from "./sync/last-known-good.js";
import { RevisionApplier } from "./sync/revision-applier.js";
import { SnapshotClient } from "./sync/snapshot-client.js";
import { TableHolder } from "./table/table-holder.js";
import { LATENCY_BOUNDS_US } from "./table/usage-cells.js";
import { IngressStats } from "./usage/ingress-stats.js";
import { ingressMetrics } from "./usage/metrics.js";
import { UsageBatcher } from "./usage/usage-batcher.js";
import { UsageRecorder } from "./usage/usage-recorder.js";

export const SOFTWARE_VERSION = "0.1.0";
const HEALTH_INTERVAL_MS = 5_000;

/** A port that cannot be had. `option` is the setting that changes it. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  readonly port: number;
  readonly option: string;

  constructor(what: string, host: string, port: number, option: string, cause: unknown) {
    const isTaken = (cause as NodeJS.ErrnoException | null)?.code === "EADDRINUSE";
    const why = isTaken ? "is taken" : `cannot be used (${(cause as NodeJS.ErrnoException).code ?? "error"})`;
    super(`port ${port} on ${host} ${why}; set another ${what} port with ${option}`, { cause });
    this.port = port;
    this.option = option;
  }
}

export interface RunOptions {
  readonly log?: Logger;
}

export interface Ingress {
  /** For clients. */
  readonly port: number;
  readonly adminPort: number;
  readonly engine: EngineName;
  readonly engineDescription: string;
  isReady(): boolean;
  /** The state that /status shows. */
  status(): IngressStatus;
  /** Takes the certificate files' present content for new connections; does nothing without TLS. */
  reloadCertificate(): void;
  /** Drains: /readyz turns 503, requests in flight finish within `drainMs`, then everything closes. Idempotent. */
  close(): Promise<void>;
}

export interface IngressStatus {
  readonly nodeId: string;
  readonly instanceId: string;
  readonly softwareVersion: string;
  readonly engine: string;
  readonly upstreamClient: string;
  readonly ready: boolean;
  readonly draining: boolean;
  readonly stream: string;
  readonly streamError: string;
  readonly version: string | null;
  readonly digest: string | null;
  readonly apis: number;
  readonly keys: number;
  readonly integrations: number;
  readonly quarantine: readonly { readonly resource: string; readonly reason: string }[];
  readonly inFlight: number;
}

/** Starts a node. Rejects with ListenError when a port cannot be had. */
export async function runIngress(config: IngressConfig, options: RunOptions = {}): Promise<Ingress> {
  const log = options.log ?? createLogger({ name: "ingress", level: config.logLevel });
  const clock = systemClock;
  const instanceId = randomUUID();

  const guard = new AddressGuard(config.upstreams.allowCidrs);
  const client = clientFactory(config.upstreamClient);
  const pools = new UpstreamPools(client.create, {
    connectionsMax: config.upstreams.connectionsMax,
    queueMax: config.upstreams.queueMax,
    bodyPausedTimeoutMs: config.upstreams.bodyPausedTimeoutMs,
    keepAliveTimeoutMs: config.upstreams.keepAliveMs,
    responseHeadBytesMax: config.upstreams.responseHeaderBytesMax,
    checkAddress: guard.check,
    tls: config.upstreams.caFile === undefined ? {} : { ca: readFileSync(config.upstreams.caFile) },
  });
  const holder = new TableHolder<Integration>();
  const applier = new RevisionApplier<Integration>({
    holder,
    factory: new Integrations(config, pools),
    clock,
    publicKey: publicKeyOf(config),
    acceptLowerEpoch: config.controlPlane.acceptLowerEpoch,
  });

  const disk = new LastKnownGood({ directory: config.dataDir, log });
  const loaded = await disk.load(applier);
  if (loaded.version !== null)
    log.info({ version: loaded.version }, "started from the last-known-good revision");
  applier.observer = disk;

  const stats = new IngressStats();
  const usage = new UsageRecorder(config.usageSamplesPerSecond);
  const tls = tlsFiles(config);
  const gateway = new Gateway({
    config,
    holder,
    stats,
    usage,
    clock,
    scheme: tls === null ? "http" : "https",
    bearer: config.bearer.issuer === "" ? null : new BearerTokens(config.bearer, clock, log),
  });
  const engine = createEngine(config.engine, {
    onRequest: gateway.handle,
    refusal: (code, detail) => gateway.rejecter.engineRefusal(code, detail),
    onRefused: (code) => {
      stats.countError(code);
      stats.countStatus(gateway.rejecter.statusOf(code));
    },
    limits: {
      headerBytesMax: config.limits.headerBytesMax,
      uriBytesMax: config.limits.uriBytesMax,
      connectionsMax: config.limits.connectionsMax,
      headerTimeoutMs: config.limits.headerTimeoutMs,
      bodyIdleTimeoutMs: config.limits.bodyIdleTimeoutMs,
      keepAliveTimeoutMs: config.limits.keepAliveMs,
    },
    tls,
  });

  const sync = new SnapshotClient<Integration>({
    address: config.controlPlane.address,
    credentials: channelCredentials(config),
    token: config.controlPlane.token,
    nodeId: config.nodeId,
    instanceId,
    softwareVersion: SOFTWARE_VERSION,
    retryFirstMs: config.controlPlane.retryFirstMs,
    retryMaxMs: config.controlPlane.retryMaxMs,
    silenceMs: config.controlPlane.silenceMs,
    applier,
    holder,
    clock,
    log,
  });
  const batcher = new UsageBatcher(usage, sync, clock);

  let isDraining = false;
  const notReady = (): string | null => {
    if (isDraining) return "draining";
    if (holder.current === null) return "no configuration yet";
    const { maxStaleMs } = config.controlPlane;
    if (maxStaleMs > 0 && clock.monotonicMs() - holder.confirmedAtMs > maxStaleMs)
      return "configuration too old";
    return null;
  };
  const status = (): IngressStatus => {
    const table = holder.current;
    const counts = table?.counts();
    return {
      nodeId: config.nodeId,
      instanceId,
      softwareVersion: SOFTWARE_VERSION,
      engine: engine.description,
      upstreamClient: client.name,
      ready: notReady() === null,
      draining: isDraining,
      stream: sync.state,
      streamError: sync.lastError,
      version: table === null ? null : formatVersion(table.version),
      digest: table === null ? null : Buffer.from(table.digest.bytes()).toString("hex"),
      apis: counts?.apis ?? 0,
      keys: counts?.keys ?? 0,
      integrations: counts?.integrations ?? 0,
      quarantine: [...(table?.quarantine ?? [])].map(([resource, reason]) => ({ resource, reason })),
      inFlight: gateway.inFlight,
    };
  };
  const metrics = ingressMetrics({
    stats,
    inFlight: () => gateway.inFlight,
    connections: () => engine.connections(),
    clients: () => pools.clients(),
    table: () => {
      const table = holder.current;
      return table === null ? null : { ...table.version, ...table.counts() };
    },
    configAgeSeconds: () =>
      Number.isFinite(holder.confirmedAtMs) ? (clock.monotonicMs() - holder.confirmedAtMs) / 1000 : null,
    isReady: () => notReady() === null,
    isStreaming: () => sync.state === "streaming",
    usageDropped: () => batcher.droppedTotal,
  });
  const admin = new AdminServer({
    notReady,
    metrics: () => metrics.metrics(),
    metricsContentType: metrics.contentType,
    status,
    tree: (apiId) => treeOf(holder, apiId),
  });

  const port = await engine.listen(config.host, config.port).catch((cause: unknown) => {
    throw new ListenError("client", config.host, config.port, "LATCHKEY_INGRESS_PORT", cause);
  });
  const adminPort = await admin.listen(config.admin.host, config.admin.port).catch((cause: unknown) => {
    engine.destroy();
    throw new ListenError(
      "admin",
      config.admin.host,
      config.admin.port,
      "LATCHKEY_INGRESS_ADMIN_PORT",
      cause,
    );
  });
  const certificate = tls === null ? null : new CertificateWatch(engine, tls, log);
  certificate?.start();
  log.info({ port, adminPort, engine: engine.description, upstreamClient: client.name }, "ingress listens");
  sync.start();
  batcher.start();
  const health = setInterval(() => sendHealth(), HEALTH_INTERVAL_MS);
  health.unref();

  function sendHealth(): void {
    sync.sendHealth({
      ready: notReady() === null,
      draining: isDraining,
      rssBytes: BigInt(process.memoryUsage.rss()),
      inFlight: gateway.inFlight,
      latencyBoundsUs: [...LATENCY_BOUNDS_US],
    });
  }

  async function drainAndClose(): Promise<void> {
    isDraining = true;
    sendHealth();
    log.info({ inFlight: gateway.inFlight }, "draining");
    if (config.drainDelayMs > 0) await sleep(config.drainDelayMs);
    const drained = engine.drain();
    if (!(await within(drained, config.drainMs))) {
      log.warn({ inFlight: gateway.inFlight }, "the time for requests in flight is over");
      gateway.giveUp();
    }
    clearInterval(health);
    certificate?.stop();
    batcher.stop();
    sync.stop();
    engine.destroy();
    pools.destroy();
    await disk.close();
    const table = holder.current;
    if (table !== null) for (const slot of table.integrations.values()) slot.current?.retire();
    await admin.close();
    log.info("closed");
  }

  let closing: Promise<void> | null = null;
  return {
    port,
    adminPort,
    engine: engine.name,
    engineDescription: engine.description,
    isReady: () => notReady() === null,
    status,
    reloadCertificate: () => certificate?.reload(),
    close: () => {
      closing ??= drainAndClose();
      return closing;
    },
  };
}

function publicKeyOf(config: IngressConfig): ReturnType<typeof createPublicKey> | null {
  const { publicKeyFile } = config.controlPlane;
  return publicKeyFile === undefined ? null : createPublicKey(readFileSync(publicKeyFile));
}

function tlsFiles(config: IngressConfig): { readonly certFile: string; readonly keyFile: string } | null {
  const { certFile, keyFile } = config.tls;
  return certFile === undefined || keyFile === undefined ? null : { certFile, keyFile };
}

function channelCredentials(config: IngressConfig): ReturnType<typeof grpcCredentials.createInsecure> {
  const { caFile, certFile, keyFile } = config.controlPlane;
  if (caFile === undefined) return grpcCredentials.createInsecure();
  const ca = readFileSync(caFile);
  if (certFile === undefined || keyFile === undefined) return grpcCredentials.createSsl(ca);
  return grpcCredentials.createSsl(ca, readFileSync(keyFile), readFileSync(certFile));
}

function treeOf(holder: TableHolder<Integration>, apiId: string): unknown {
  const api = holder.current?.apis.get(apiId)?.current;
  if (api === undefined || api === null) return null;
  return api.built().routes.map((route) => ({
    id: route.id,
    method: route.method,
    pattern: route.pattern,
    integrationId: route.integration.id,
    usable: route.integration.current !== null,
  }));
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** True when it settled in time. */
async function within(promise: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const inTime = await Promise.race([promise.then(() => true), late]);
  clearTimeout(timer);
  return inTime;
}
