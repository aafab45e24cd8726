/** What is where on the control plane's HTTP port. */
import type { Registry } from "@latchkey/observe";
import { CSRF_HEADER, type RequestAuth } from "../auth/request-auth.js";
import { unauthenticated } from "../errors/http-error.js";
import type { ConsoleHandler } from "./console-handler.js";
import type { Exchange } from "./exchange.js";
import type { GraphiqlHandler } from "./graphiql-handler.js";
import type { GraphqlHandler } from "./graphql-handler.js";
import type { GraphqlSocket } from "./graphql-socket.js";
import { HttpRouter } from "./http-router.js";
import type { OpenApiHandler } from "./openapi-handler.js";
import type { OriginPolicy } from "./origin-policy.js";
import type { SessionHandler } from "./session-handler.js";
import type { TryHandler } from "./try-handler.js";
import type { UsageHandler } from "./usage-handler.js";

export interface RouteDeps {
  readonly graphql: GraphqlHandler;
  readonly graphiql: GraphiqlHandler;
  readonly socket: GraphqlSocket;
  readonly session: SessionHandler;
  readonly tryIt: TryHandler;
  readonly openapi: OpenApiHandler;
  readonly usage: UsageHandler;
  readonly console: ConsoleHandler;
  readonly auth: RequestAuth;
  readonly origins: OriginPolicy;
  readonly metrics: Registry;
  /** Null when ready; otherwise why not. */
  readonly notReady: () => Promise<string | null>;
}

/** Served also when all connections are taken; see ConnectionSeats. */
export const HEALTH_PATHS: ReadonlySet<string> = new Set(["/healthz", "/readyz"]);

export function createRoutes(deps: RouteDeps): HttpRouter {
  const { graphql, graphiql, socket, session, tryIt, openapi, usage, auth, origins, metrics } = deps;
  const readable = (exchange: Exchange, handle: () => Promise<void>): Promise<void> => {
    origins.allowReading(exchange);
    return handle();
  };
  return new HttpRouter()
    .on("POST", "/graphql", (exchange) => readable(exchange, () => graphql.handle(exchange)))
    .on("GET", "/graphql", (exchange) => {
      if (exchange.header("sec-websocket-key") !== undefined) throw socket.upgradeLost();
      return exchange.wantsHtml
        ? graphiql.page(exchange)
        : readable(exchange, () => graphql.handle(exchange));
    })
    .on("OPTIONS", "/graphql", (exchange) => origins.preflight(exchange))
    .on("GET", "/graphiql/{file}", (exchange, { file = "" }) => graphiql.file(exchange, file))
    .on("POST", "/session", (exchange) => session.open(exchange))
    .on("GET", "/session", (exchange) => session.show(exchange))
    .on("DELETE", "/session", (exchange) => session.close(exchange))
    .on("POST", "/try", (exchange) => tryIt.handle(exchange))
    .on("GET", "/apis/{id}/openapi.json", (exchange, { id = "" }) => openapi.handle(exchange, id, "json"))
    .on("GET", "/apis/{id}/openapi.yaml", (exchange, { id = "" }) => openapi.handle(exchange, id, "yaml"))
    .on("GET", "/usage.csv", (exchange) => usage.handle(exchange, "csv"))
    .on("GET", "/usage.ndjson", (exchange) => usage.handle(exchange, "ndjson"))
    .on("GET", "/healthz", (exchange) => exchange.json(200, { status: "ok" }))
    .on("GET", "/readyz", (exchange) => ready(exchange, deps))
    .on("GET", "/metrics", async (exchange) => {
      if ((await auth.identify(exchange.caller("metrics"), exchange.header(CSRF_HEADER))) === null)
        throw unauthenticated();
      exchange.send(200, { "content-type": metrics.contentType }, await metrics.metrics());
    })
    .otherwise((exchange) => deps.console.handle(exchange));
}

async function ready(exchange: Exchange, deps: RouteDeps): Promise<void> {
  const reason = await deps.notReady();
  exchange.json(
    reason === null ? 200 : 503,
    reason === null ? { status: "ready" } : { status: "not ready", reason },
  );
}
