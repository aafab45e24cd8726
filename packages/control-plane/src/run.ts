/**
 * The composition root: opens the database, wires the modules, listens. The only file that makes everything.
 * Whatever was opened is closed again when a later step fails.
 */
import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Clock, systemClock } from "@latchkey/core";
import {
  connectionsFor,
  createLogger,
  createMetrics,
  descriptorsMax,
  type Logger,
  type Registry,
  release,
  warnOfLooseModes,
} from "@latchkey/observe";
import { AccessMetrics } from "./auth/access-metrics.js";
import { Authenticator } from "./auth/authenticator.js";
import { RequestAuth } from "./auth/request-auth.js";
import { SessionCookie } from "./auth/session-cookie.js";
import { TokenThrottle } from "./auth/token-throttle.js";
import { type ControlPlaneConfig, databasePath, encryptionKeysOf, operatorsOf } from "./config.js";
import { type DataFolderLock, lockFolderOf } from "./db/data-folder.js";
import { openDatabase } from "./db/open.js";
import { openPostgres } from "./db/open-postgres.js";
import type { Db } from "./db/schema.js";
import { GraphqlMetrics } from "./graphql/graphql-metrics.js";
import { startGraphqlServer } from "./graphql/server.js";
import { LiveQueries } from "./graphql-app/live-queries.js";
import { createLoaders } from "./graphql-app/loaders.js";
import { objectFinders } from "./graphql-app/relay-lookup.js";
import type { RequestContext } from "./graphql-app/request-context.js";
import { createResolvers } from "./graphql-app/resolvers.js";
import { buildLatchkeySchema, instancesOf } from "./graphql-app/schema.js";
import { ClientAddresses } from "./http/client-address.js";
import { ConsoleHandler } from "./http/console-handler.js";
import { GraphiqlHandler } from "./http/graphiql-handler.js";
import { GraphqlHandler } from "./http/graphql-handler.js";
import { GraphqlSocket } from "./http/graphql-socket.js";
import { HttpServer } from "./http/http-server.js";
import { isLoopbackHost } from "./http/loopback.js";
import { OpenApiHandler } from "./http/openapi-handler.js";
import { OriginPolicy } from "./http/origin-policy.js";
import { createRoutes } from "./http/routes.js";
import { GRAPHIQL_POLICY, PAGE_POLICY } from "./http/security-headers.js";
import { SessionHandler } from "./http/session-handler.js";
import { StaticFiles } from "./http/static-files.js";
import { TlsMaterial } from "./http/tls-material.js";
import { TryHandler } from "./http/try-handler.js";
import { Cleanup } from "./lifecycle.js";
import { OpenApiDocuments } from "./modules/api/api-document.js";
import { AuditRetention } from "./modules/audit/audit-retention.js";
import { RefusedAttemptLog } from "./modules/audit/refused-attempt-log.js";
import { UpstreamAllowList } from "./modules/integration/upstream-url.js";
import { SecretCipher } from "./modules/key/secret-cipher.js";
import { readVersion } from "./modules/resource-source.js";
import { SessionService } from "./modules/session/session-service.js";
import { createNodeModule } from "./nodes/node-module.js";
import { createServices } from "./services.js";
import { SqlChangeLog } from "./snapshot/change-log.js";
import { EpochGuard } from "./snapshot/epoch-guard.js";
import { STREAM_CONNECTIONS_MAX, startSnapshotServer } from "./snapshot/snapshot-service.js";

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
  /** Takes the TLS files' present content for new connections, as happens by itself within some seconds of a change. */
  reloadCertificates(): void;
  /** Takes no new requests, finishes those under way, ends all streams, closes the database. */
  close(): Promise<void>;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** @throws StorageError, ConfigError's kin for unreadable files, or the system's error for a taken port */
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
  open.defer(async () => streamTls?.stop());
  const signingKey =
    config.grpc.signingKeyFile === undefined
      ? null
      : createPrivateKey(readFileSync(config.grpc.signingKeyFile));

  const lock = config.databaseUrl === undefined ? takeDataFolder(config, clock, logger) : null;
  open.defer(async () => lock?.[Symbol.dispose]());
  const db =
    config.databaseUrl === undefined
      ? await openDatabase({ path: databasePath(config), clock })
      : await openPostgres({ url: config.databaseUrl, clock, logger });
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
    documents: new OpenApiDocuments({ ingressUrl, keyHeader: config.keyHeader }),
  });
  const nodes = open.use(
    await createNodeModule({
      db,
      changeLog,
      units: services.units,
      clock,
      logger,
      isShared: config.databaseUrl !== undefined,
      saveKeysUsed: (lastUsedAtMs) => services.keys.saveLastUsed(lastUsedAtMs),
    }),
  );
  open.use(new AuditRetention({ db, clock, logger, days: config.auditDays }));
  const stream = open.use(
    await startSnapshotServer({
      db,
      changeLog,
      source: services.source,
      observer: nodes.registry,
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

  const authenticator = new Authenticator(operatorsOf(config));
  const sessions = new SessionService({
    db,
    units: services.units,
    clock,
    logger,
    tokens: authenticator,
    lifetimeMs: config.session.hours * HOUR_MS,
    idleMs: config.session.idleMinutes * MINUTE_MS,
  });
  const resolvers = createResolvers({
    services,
    nodes,
    clock,
    sessions,
    certificates: () => [
      ...(tls === null ? [] : [{ name: "HTTPS port", expiresAtMs: tls.expiresAtMs }]),
      ...(streamTls === null ? [] : [{ name: "Port for nodes", expiresAtMs: streamTls.expiresAtMs }]),
    ],
    finders: objectFinders(services, nodes.registry, sessions),
    server: {
      version: release,
      ingressUrl,
      keyHeader: config.keyHeader,
      webhookFlag: config.webhookFlag,
      canRecover: cipher.available,
    },
  });
  const schema = buildLatchkeySchema(instancesOf(resolvers), new LiveQueries(nodes));
  const limits = config.graphql;
  const introspection = isOn(config.graphql.introspection, config.http);
  const server = await startGraphqlServer<RequestContext>({
    schema,
    limits,
    introspection,
    persistedQueries: limits.persistedQueries,
    logger,
    metrics: new GraphqlMetrics(metrics),
  });
  open.defer(() => server.stop());

  const isSecure = tls !== null || config.http.secureCookies;
  const cookie = new SessionCookie(isSecure);
  const addresses = new ClientAddresses(config.http.trustedProxies);
  const origins = new OriginPolicy({ ...config.http, addresses });
  const access = new AccessMetrics(metrics);
  const refusals = open.use(new RefusedAttemptLog({ units: services.units, logger }));
  const auth = new RequestAuth({
    authenticator,
    sessions,
    cookie,
    throttle: new TokenThrottle({ clock, failuresPerMinuteMax: config.http.failuresPerMinuteMax }),
    metrics: access,
    onRefused: (attempt) => refusals.note(attempt),
  });
  const createContext = (parts: Omit<RequestContext, "loaders" | "receipts">): RequestContext => ({
    ...parts,
    loaders: createLoaders(services),
    receipts: nodes.receipts,
  });
  const socket = new GraphqlSocket({
    schema,
    auth,
    sessions,
    cookie,
    origins,
    addresses,
    limits,
    introspection,
    logger,
    createContext,
  });
  let isDraining = false;
  const router = createRoutes({
    graphql: new GraphqlHandler({
      server,
      auth,
      limits,
      bodyBytesMax: config.http.bodyBytesMax,
      createContext,
    }),
    graphiql: new GraphiqlHandler({
      files: new StaticFiles({ dir: beside("../dist/graphiql"), policy: GRAPHIQL_POLICY }),
      enabled: isOn(config.graphql.graphiql, config.http),
    }),
    session: new SessionHandler({ sessions, auth, cookie, origins }),
    tryIt: new TryHandler({ auth, services, ingressUrl }),
    openapi: new OpenApiHandler({ documents: services.openapi, auth }),
    console: new ConsoleHandler(
      new StaticFiles({ dir: config.http.consoleDir ?? beside("../../console/dist"), policy: PAGE_POLICY }),
    ),
    auth,
    origins,
    metrics,
    notReady: async () => (isDraining ? "shutting down" : await databaseTrouble(db)),
  });
  const http = open.use(
    await HttpServer.listen({
      host: config.http.host,
      port: config.http.port,
      router,
      tls,
      logger,
      limits: { ...config.http, connectionsMax: portSize(config.http.connectionsMax) },
      addresses,
      onLimit: (limit) => access.limitReached(limit),
      onUpgrade: (req, tcp, head) => socket.upgrade(req, tcp, head),
    }),
  );
  // Closed before the server, which waits for every connection.
  open.use(socket);

  warnOfPlainText(config, logger);
  let closing: Promise<void> | null = null;
  const close = (): Promise<void> => {
    isDraining = true;
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
    reloadCertificates: () => {
      tls?.reload();
      streamTls?.reload();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The folder is this process' own from here on. */
function takeDataFolder(config: ControlPlaneConfig, clock: Clock, logger: Logger): DataFolderLock {
  const path = databasePath(config);
  const lock = lockFolderOf(path, "control plane", clock);
  warnOfLooseModes([config.dataDir, ...["", "-wal", "-shm"].map((suffix) => path + suffix)], logger);
  return lock;
}

/** A path from this file's folder, which is `dist` when it runs. */
function beside(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

/** What helps to explore the schema is on by itself only where nobody else can reach it. */
function isOn(setting: "auto" | "on" | "off", { host }: { readonly host: string }): boolean {
  return setting === "auto" ? isLoopbackHost(host) : setting === "on";
}

async function databaseTrouble(db: Db): Promise<string | null> {
  return readVersion(db).then(
    () => null,
    () => "the database cannot be read",
  );
}

function httpTls(config: ControlPlaneConfig, logger: Logger): TlsMaterial | null {
  const { tlsCertFile, tlsKeyFile } = config.http;
  if (tlsCertFile === undefined || tlsKeyFile === undefined) return null;
  return new TlsMaterial({ certFile: tlsCertFile, keyFile: tlsKeyFile, logger });
}

function grpcTls(config: ControlPlaneConfig, logger: Logger): TlsMaterial | null {
  const { tlsCertFile, tlsKeyFile, clientCaFile } = config.grpc;
  if (tlsCertFile === undefined || tlsKeyFile === undefined) return null;
  return new TlsMaterial({ certFile: tlsCertFile, keyFile: tlsKeyFile, clientCaFile, logger });
}

/** Connections that a port may have: each has a third of the file descriptors, the database, files and threads the last one. */
function portSize(wanted: number): number {
  return connectionsFor(wanted, descriptorsMax(), 3);
}

function warnOfPlainText(config: ControlPlaneConfig, logger: Logger): void {
  for (const [name, part] of [
    ["http", config.http],
    ["grpc", config.grpc],
  ] as const)
    if (part.tlsCertFile === undefined && !isLoopbackHost(part.host))
      logger.warn(
        { host: part.host },
        `${name} listens beyond this machine without TLS: tokens travel in plain text`,
      );
}
