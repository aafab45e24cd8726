/**
 * The composition root: opens the database, wires the modules, listens. The only file that makes everything.
 * Whatever was opened is closed again when a later step fails.
 */
import { randomUUID } from "node:crypto";
import { inFolder, isSystemError, readEd25519PrivateKey } from "@latchkey/config";
import { type Clock, systemClock } from "@latchkey/core";
import {
  createLogger,
  createMetrics,
  type Logger,
  NameResolver,
  noTelemetryCounts,
  openTelemetry,
  type Registry,
  release,
  type Telemetry,
  TraceScope,
  telemetryMetrics,
  warnOfLooseModes,
} from "@latchkey/observe";
import { SecretCipher } from "@latchkey/snapshot";
import { type ControlPlaneConfig, databasePath, encryptionKeysOf, messagesPath } from "./config.js";
import { type DataFolderLock, lockFolderOf } from "./db/data-folder.js";
import { openDatabase } from "./db/open.js";
import { type QueryLog, queryMetrics } from "./db/query-metrics.js";
import { querySpans } from "./db/query-spans.js";
import { StorageError } from "./errors/storage-error.js";
import { isOn } from "./http/loopback.js";
import { openHttpPort } from "./http-port.js";
import { Cleanup } from "./lifecycle.js";
import { openMessagesFile, openMessagesIn } from "./messages/message-database.js";
import { MessageMetrics } from "./messages/message-metrics.js";
import { MessageTrail } from "./messages/message-trail.js";
import { OpenApiDocuments } from "./modules/api/api-document.js";
import { AuditRetention } from "./modules/audit/audit-retention.js";
import { UpstreamAllowList } from "./modules/integration/upstream-url.js";
import { createNodeModule } from "./nodes/node-module.js";
import { portSize } from "./port-size.js";
import { followPublications } from "./publish-spans.js";
import { createServices } from "./services.js";
import { SqlChangeLog } from "./snapshot/change-log.js";
import { EpochGuard } from "./snapshot/epoch-guard.js";
import { STREAM_CONNECTIONS_MAX, startSnapshotServer } from "./snapshot/snapshot-service.js";
import { grpcTls, httpTls, warnOfPlainText } from "./tls-files.js";

export interface ControlPlaneDeps {
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly metrics?: Registry;
}

export interface ControlPlane extends AsyncDisposable {
  /** `http://127.0.0.1:4000/graphql` */
  readonly graphqlUrl: string;
  readonly consoleUrl: string;
  /** `127.0.0.1:4001` */
  readonly grpcAddress: string;
  /** Of the metrics' own port; null: there is none. */
  readonly metricsUrl: string | null;
  /** Takes the TLS files' present content for new connections, as happens by itself within some seconds of a change. */
  reloadCertificates(): void;
  /** Takes no new requests, finishes those under way, ends all streams, closes the database. */
  close(): Promise<void>;
}

/** @throws StorageError, SettingFileError, or ListenError */
export async function runControlPlane(
  config: ControlPlaneConfig,
  deps: ControlPlaneDeps = {},
): Promise<ControlPlane> {
  const clock = deps.clock ?? systemClock;
  const logger = deps.logger ?? createLogger({ name: "control-plane", level: config.logLevel });
  const metrics = deps.metrics ?? createMetrics({ runtime: true });
  const open = new Cleanup();
  try {
    return await start(config, { clock, logger, metrics }, open);
  } catch (error) {
    await open[Symbol.asyncDispose]();
    throw error;
  }
}

async function start(
  config: ControlPlaneConfig,
  { clock, logger, metrics }: Required<ControlPlaneDeps>,
  open: Cleanup,
): Promise<ControlPlane> {
  // Files first: what is wrong with them shows before anything is opened.
  const tls = httpTls(config, logger);
  const streamTls = grpcTls(config, logger);
  open.defer(async () => {
    tls?.stop();
    streamTls?.stop();
  });
  const signingKey =
    config.grpc.signingKeyFile === undefined
      ? null
      : readEd25519PrivateKey({ setting: "grpc.signingKeyFile", path: config.grpc.signingKeyFile });

  const lock =
    config.databaseUrl === undefined
      ? await inDataFolder(config, () => takeDataFolder(config, clock, logger))
      : null;
  open.defer(async () => lock?.[Symbol.dispose]());
  const resolver = new NameResolver();
  const { telemetry, traces } = await startTelemetry(config, { logger, metrics, resolver }, open);
  const log = queryLog(config, metrics, traces);
  const db =
    config.databaseUrl === undefined
      ? await inDataFolder(config, () => openDatabase({ path: databasePath(config), clock, log }))
      : await (await import("./db/open-postgres.js")).openPostgres({
          url: config.databaseUrl,
          clock,
          logger,
          log,
        });
  open.defer(() => db.destroy());
  const changeLog = new SqlChangeLog({ clock });
  const cipher = new SecretCipher(encryptionKeysOf(config));
  const ingressUrl = config.ingressUrl ?? null;
  const services = createServices({
    db,
    clock,
    logger,
    changeLog,
    cipher,
    allow: new UpstreamAllowList(config.upstreamAllowCidrs),
    traces,
    lookup: resolver.lookup,
    documents: new OpenApiDocuments({ ingressUrl, keyHeader: config.keyHeader }),
  });
  const messages = open.use(
    new MessageTrail({
      database:
        config.databaseUrl === undefined
          ? await inDataFolder(config, () => openMessagesFile(messagesPath(config), clock, logger))
          : await openMessagesIn(db),
      clock,
      logger,
      metrics: new MessageMetrics(metrics),
      cipher,
      ...config.messages,
    }),
  );
  const nodes = open.use(
    await createNodeModule({
      db,
      changeLog,
      units: services.units,
      clock,
      logger,
      isShared: config.databaseUrl !== undefined,
      usageDays: {
        MINUTE: config.usage.minuteDays,
        HOUR: config.usage.hourDays,
        DAY: config.usage.dayDays,
      },
      saveKeysUsed: (lastUsedAtMs) => services.keys.saveLastUsed(lastUsedAtMs),
      onUsage: (node, report) => messages.record(node, report),
      onNodeRemoved: (scope) => services.credentials.encryptAgain(scope),
    }),
  );
  if (traces !== null) {
    const unfollow = followPublications({ traces, changeLog, nodes, clock });
    open.defer(async () => unfollow());
  }
  open.use(new AuditRetention({ db, clock, logger, days: config.auditDays }));
  const stream = open.use(
    await startSnapshotServer({
      db,
      changeLog,
      source: services.source,
      observer: nodes.registry,
      keyGrants: services.dataKeys,
      epochs: new EpochGuard({ units: services.units, clock, logger }),
      clock,
      logger,
      metrics,
      host: config.grpc.host,
      port: config.grpc.port,
      tls: streamTls?.current ?? null,
      signingKey,
      reflection: isOn(config.grpc.reflection, config.grpc),
      connectionsMax: portSize(STREAM_CONNECTIONS_MAX),
      admissionRatePerSecond: config.grpc.admissionPerSecond,
      timings: { ackTimeoutMs: config.grpc.ackTimeoutMs },
    }),
  );
  open.use(services.served).start();
  streamTls?.onChange((material) => stream.setTls(material));

  const http = await openHttpPort(
    {
      config,
      db,
      services,
      nodes,
      messages,
      traces,
      canRecover: cipher.available,
      tls,
      streamTls,
      clock,
      logger,
      metrics,
    },
    open,
  );

  telemetry.exportMetrics(metrics);
  open.defer(() => telemetry.closeMetrics()); // before the database is closed
  warnOfPlainText(config, logger);
  let closing: Promise<void> | null = null;
  const close = (): Promise<void> => {
    http.drain();
    closing ??= open[Symbol.asyncDispose]();
    return closing;
  };
  const grpcAddress = `${config.grpc.host.includes(":") ? `[${config.grpc.host}]` : config.grpc.host}:${stream.port}`;
  lock?.listens([new URL(http.url).host, grpcAddress]);
  logger.info({ url: http.url, grpcAddress }, "the control plane listens");
  return {
    graphqlUrl: `${http.url}/graphql`,
    consoleUrl: `${http.url}/`,
    grpcAddress,
    metricsUrl: http.metricsUrl,
    reloadCertificates: () => {
      tls?.reload();
      streamTls?.reload();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Spans and the log go to the collector from here on. */
async function startTelemetry(
  config: ControlPlaneConfig,
  {
    logger,
    metrics,
    resolver,
  }: { readonly logger: Logger; readonly metrics: Registry; readonly resolver: NameResolver },
  open: Cleanup,
): Promise<{ readonly telemetry: Telemetry; readonly traces: TraceScope | null }> {
  const counts = noTelemetryCounts();
  telemetryMetrics(metrics, () => counts);
  const telemetry = await openTelemetry({
    settings: config.otlp,
    resource: {
      "service.name": "latchkey-control-plane",
      "service.version": release,
      "service.instance.id": randomUUID(),
      "process.pid": process.pid,
    },
    resolver,
    log: logger,
    counts,
  });
  open.defer(() => telemetry.close());
  const traces = telemetry.tracing === null ? null : new TraceScope(telemetry.tracing);
  if (telemetry.logs !== null) telemetry.logs.spanNow = () => traces?.current?.start ?? null;
  return { telemetry, traces };
}

function queryLog(config: ControlPlaneConfig, metrics: Registry, traces: TraceScope | null): QueryLog {
  const count = queryMetrics(metrics);
  if (traces === null) return count;
  const record = querySpans(traces, config.databaseUrl === undefined ? "sqlite" : "postgresql");
  return (event) => {
    count(event);
    record(event);
  };
}

/** @throws SettingFileError for what the folder, its owner or its disk does not let happen: the causes name neither */
function inDataFolder<T>(config: ControlPlaneConfig, use: () => T | Promise<T>): Promise<T> {
  return inFolder({ setting: "dataDir", path: config.dataDir }, use, (error) =>
    error instanceof StorageError
      ? error.code === "full" || error.code === "unavailable"
      : isSystemError(error),
  );
}

/** The folder is this process' own from here on. */
function takeDataFolder(config: ControlPlaneConfig, clock: Clock, logger: Logger): DataFolderLock {
  const path = databasePath(config);
  const lock = lockFolderOf(path, "control plane", clock);
  const files = [path, messagesPath(config)].flatMap((file) =>
    ["", "-wal", "-shm"].map((suffix) => file + suffix),
  );
  warnOfLooseModes([config.dataDir, ...files], logger);
  return lock;
}
