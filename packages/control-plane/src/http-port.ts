/**
 * Wires the HTTP port: sign-in and tokens, GraphQL over HTTP and WebSocket, the console, documents and health. What it opens is
 * closed with `open`.
 */
import { ListenError } from "@latchkey/config";
import type { Clock } from "@latchkey/core";
import { type Logger, type Registry, release, type TraceScope } from "@latchkey/observe";
import type { GraphQLSchema } from "graphql";
import { AccessMetrics } from "./auth/access-metrics.js";
import { Authenticator } from "./auth/authenticator.js";
import { RequestAuth } from "./auth/request-auth.js";
import { SessionCookie } from "./auth/session-cookie.js";
import { TokenThrottle } from "./auth/token-throttle.js";
import { type ControlPlaneConfig, operatorsOf } from "./config.js";
import type { Db } from "./db/schema.js";
import { GraphqlMetrics } from "./graphql/graphql-metrics.js";
import { startGraphqlServer } from "./graphql/server.js";
import { LiveQueries } from "./graphql-app/live-queries.js";
import { createLoaders } from "./graphql-app/loaders.js";
import { objectFinders } from "./graphql-app/relay-lookup.js";
import type { RequestContext } from "./graphql-app/request-context.js";
import { createResolvers } from "./graphql-app/resolvers.js";
import { buildLatchkeySchema, instancesOf } from "./graphql-app/schema.js";
import { builtPages } from "./http/built-pages.js";
import { ClientAddresses } from "./http/client-address.js";
import { ConsoleHandler } from "./http/console-handler.js";
import { GraphiqlHandler } from "./http/graphiql-handler.js";
import { GraphqlHandler } from "./http/graphql-handler.js";
import { GraphqlSocket } from "./http/graphql-socket.js";
import { HttpServer } from "./http/http-server.js";
import { isOn } from "./http/loopback.js";
import { openMetricsPort } from "./http/metrics-port.js";
import { OpenApiHandler } from "./http/openapi-handler.js";
import { OriginPolicy } from "./http/origin-policy.js";
import { createRoutes } from "./http/routes.js";
import { GRAPHIQL_POLICY, PAGE_POLICY } from "./http/security-headers.js";
import { SessionHandler } from "./http/session-handler.js";
import { StaticFiles } from "./http/static-files.js";
import { TlsMaterial } from "./http/tls-material.js";
import { TryHandler } from "./http/try-handler.js";
import { UsageHandler } from "./http/usage-handler.js";
import { Cleanup } from "./lifecycle.js";
import type { MessageTrail } from "./messages/message-trail.js";
import { RefusedAttemptLog } from "./modules/audit/refused-attempt-log.js";
import { readRevision } from "./modules/resource-source.js";
import { SessionService } from "./modules/session/session-service.js";
import type { NodeModule } from "./nodes/node-module.js";
import { startPlaneMetrics } from "./plane-metrics.js";
import { portSize } from "./port-size.js";
import type { Services } from "./services.js";
import { UsageExport } from "./traffic/usage-export.js";
import { UsageNames } from "./traffic/usage-names.js";

export interface HttpPortDeps {
  readonly config: ControlPlaneConfig;
  readonly db: Db;
  readonly services: Services;
  readonly nodes: NodeModule;
  readonly messages: MessageTrail;
  /** Null: nothing is traced. */
  readonly traces: TraceScope | null;
  readonly canRecover: boolean;
  readonly tls: TlsMaterial | null;
  readonly streamTls: TlsMaterial | null;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Registry;
}

export interface HttpPort {
  readonly url: string;
  /** Null: the metrics have no port of their own. */
  readonly metricsUrl: string | null;
  /** Makes the readiness check fail from here on; requests are still served. */
  drain(): void;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** @throws ListenError */
export async function openHttpPort(deps: HttpPortDeps, open: Cleanup): Promise<HttpPort> {
  const { config, db, services, nodes, tls, logger } = deps;
  const addresses = new ClientAddresses(config.http.trustedProxies);
  const origins = new OriginPolicy({ ...config.http, addresses });
  const access = new AccessMetrics(deps.metrics);
  const { sessions, cookie, auth } = openAccess(deps, access, open);
  await sessions.deleteReplaced();
  const stopCounting = startPlaneMetrics({
    registry: deps.metrics,
    nodes,
    sessions: () => sessions.count(),
    keys: services.keys,
    clock: deps.clock,
  });
  open.defer(async () => stopCounting());
  const { schema, server, limits, introspection } = await openGraphql(deps, sessions, open);
  const createContext = (parts: Omit<RequestContext, "loaders" | "receipts">): RequestContext => ({
    ...parts,
    loaders: createLoaders(services, nodes.usage.recent),
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
      traces: deps.traces,
      createContext,
    }),
    graphiql: new GraphiqlHandler({
      files: new StaticFiles({ dir: builtPages("graphiql"), policy: GRAPHIQL_POLICY }),
      enabled: isOn(config.graphql.graphiql, config.http),
    }),
    socket,
    session: new SessionHandler({ sessions, auth, cookie, origins }),
    tryIt: new TryHandler({ auth, services, ingressUrl: config.ingressUrl ?? null }),
    openapi: new OpenApiHandler({ documents: services.openapi, auth }),
    usage: new UsageHandler({
      usage: new UsageExport({
        rows: nodes.usage.rows,
        names: new UsageNames({ ...services, registry: nodes.registry }),
      }),
      auth,
      clock: deps.clock,
    }),
    console: new ConsoleHandler(
      new StaticFiles({ dir: config.http.consoleDir ?? builtPages("console"), policy: PAGE_POLICY }),
    ),
    auth,
    origins,
    metrics: deps.metrics,
    notReady: async () => (isDraining ? "shutting down" : await databaseTrouble(db)),
  });
  const { host, port } = config.http;
  const connectionsMax = portSize(config.http.connectionsMax);
  // With few file descriptors the port is smaller than what one address may have.
  const connectionsPerAddressMax = Math.min(
    config.http.connectionsPerAddressMax,
    Math.ceil(connectionsMax / 2),
  );
  const http = open.use(
    await HttpServer.listen({
      host,
      port,
      router,
      tls,
      logger,
      limits: { connectionsMax, connectionsPerAddressMax },
      addresses,
      onLimit: (limit) => access.limitReached(limit),
      onUpgrade: (req, tcp, head) => socket.upgrade(req, tcp, head),
    }).catch((cause: unknown) => {
      throw new ListenError("HTTP", host, port, "LATCHKEY_CONTROL_PLANE_HTTP_PORT", cause);
    }),
  );
  const metricsPort =
    config.metrics.port === undefined
      ? null
      : open.use(
          await openMetricsPort({ ...config.metrics, port: config.metrics.port, registry: deps.metrics }),
        );
  // Closed before the server, which waits for every connection.
  open.use(socket);
  return {
    url: http.url,
    metricsUrl:
      metricsPort === null ? null : `http://${urlHost(config.metrics.host)}:${metricsPort.port}/metrics`,
    drain: () => {
      isDraining = true;
    },
  };
}

/** Who sends a request: tokens, sessions, and a throttle for wrong tokens. */
function openAccess(
  { config, db, services, tls, clock, logger }: HttpPortDeps,
  metrics: AccessMetrics,
  open: Cleanup,
): { readonly sessions: SessionService; readonly cookie: SessionCookie; readonly auth: RequestAuth } {
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
  const cookie = new SessionCookie(tls !== null || config.http.secureCookies);
  const refusals = open.use(new RefusedAttemptLog({ units: services.units, logger }));
  const auth = new RequestAuth({
    authenticator,
    sessions,
    cookie,
    throttle: new TokenThrottle({ clock, failuresPerMinuteMax: config.http.failuresPerMinuteMax }),
    metrics,
    onRefused: (attempt) => refusals.note(attempt),
  });
  return { sessions, cookie, auth };
}

interface Graphql {
  readonly schema: GraphQLSchema;
  readonly server: Awaited<ReturnType<typeof startGraphqlServer<RequestContext>>>;
  readonly limits: ControlPlaneConfig["graphql"];
  readonly introspection: boolean;
}

async function openGraphql(deps: HttpPortDeps, sessions: SessionService, open: Cleanup): Promise<Graphql> {
  const { config, services, nodes, messages, tls, streamTls, clock, logger } = deps;
  const resolvers = createResolvers({
    services,
    nodes,
    messages,
    clock,
    sessions,
    certificates: () => [
      ...(tls === null ? [] : [{ name: "HTTPS port", expiresAtMs: tls.expiresAtMs }]),
      ...(streamTls === null ? [] : [{ name: "Port for nodes", expiresAtMs: streamTls.expiresAtMs }]),
    ],
    finders: objectFinders(services, nodes.registry, sessions),
    server: {
      version: release,
      ingressUrl: config.ingressUrl ?? null,
      keyHeader: config.keyHeader,
      webhookFlag: config.webhookFlag,
      canRecover: deps.canRecover,
    },
  });
  const schema = buildLatchkeySchema(instancesOf(resolvers), new LiveQueries({ ...nodes, messages }));
  const limits = config.graphql;
  const introspection = isOn(limits.introspection, config.http);
  const server = await startGraphqlServer<RequestContext>({
    schema,
    limits,
    introspection,
    persistedQueries: limits.persistedQueries,
    logger,
    metrics: new GraphqlMetrics(deps.metrics),
    traces: deps.traces,
  });
  open.defer(() => server.stop());
  return { schema, server, limits, introspection };
}

async function databaseTrouble(db: Db): Promise<string | null> {
  return readRevision(db).then(
    () => null,
    () => "the database cannot be read",
  );
}

function urlHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
