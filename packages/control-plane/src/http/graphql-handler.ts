/** `/graphql` over HTTP: authentication, then the limits of the text, then Apollo. Browsers get GraphiQL instead. */
import { setImmediate as yieldToOthers } from "node:timers/promises";
import { type ApolloServer, HeaderMap } from "@apollo/server";
import type { OpenSpan, TraceScope } from "@latchkey/observe";
import { GraphQLError } from "graphql";
import { CSRF_HEADER, type RequestAuth } from "../auth/request-auth.js";
import { HttpError, tooLarge, unauthenticated } from "../errors/http-error.js";
import { checkDocument, type GraphqlLimits, isTooLarge, parseBounded } from "../graphql/limits.js";
import type { RequestContext } from "../graphql-app/request-context.js";
import { compress } from "./compress.js";
import type { Exchange } from "./exchange.js";

/** Texts whose limits were checked already: the console has a few dozen. Longer ones are checked each time. */
const CHECKED_MAX = 500;
const CHECKED_CHARS_MAX = 8_192;
/** A document of 16 MiB as a JSON text: every quote and line end takes two bytes. */
const IMPORT_BODY_BYTES_MAX = 40 * 1024 * 1024;
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

export interface GraphqlHandlerDeps {
  readonly server: ApolloServer<RequestContext>;
  readonly auth: RequestAuth;
  readonly limits: GraphqlLimits;
  readonly bodyBytesMax: number;
  /** Null: nothing is traced. */
  readonly traces: TraceScope | null;
  readonly createContext: (parts: Omit<RequestContext, "loaders" | "receipts">) => RequestContext;
}

export class GraphqlHandler {
  readonly #deps: GraphqlHandlerDeps;
  readonly #checked = new Set<string>();

  constructor(deps: GraphqlHandlerDeps) {
    this.#deps = deps;
  }

  async handle(exchange: Exchange): Promise<void> {
    const { server, auth, bodyBytesMax, createContext } = this.#deps;
    const { headers } = exchange.req;
    // Before anything of the request is read or parsed.
    const principal = await auth.identify(exchange.caller("graphql"), exchange.header(CSRF_HEADER));
    if (principal === null) throw unauthenticated();
    if (!acceptsJson(exchange.header("accept"))) throw noStream();
    const body = exchange.method === "POST" ? await readBody(exchange, bodyBytesMax) : undefined;
    this.#checkText(body, exchange.url);

    const headerMap = new HeaderMap();
    for (const [name, value] of Object.entries(headers))
      if (value !== undefined) headerMap.set(name, Array.isArray(value) ? value.join(", ") : value);
    const idempotencyKey = exchange.header("idempotency-key") ?? null;
    if (idempotencyKey !== null && !IDEMPOTENCY_KEY.test(idempotencyKey))
      throw new HttpError(400, "BAD_REQUEST", "An Idempotency-Key has 1 to 255 visible ASCII characters.");
    const response = await this.#traced(exchange, () =>
      server.executeHTTPGraphQLRequest({
        httpGraphQLRequest: {
          method: exchange.method,
          headers: headerMap,
          search: exchange.url.search,
          body,
        },
        context: async () => createContext({ principal, requestId: exchange.requestId, idempotencyKey }),
      }),
    );
    const responseHeaders = { ...Object.fromEntries(response.headers), "cache-control": "no-store" };
    if (response.body.kind === "complete") {
      const text = response.body.string;
      if (!isQuery(textOf(body, exchange.url))) {
        exchange.send(response.status ?? 200, responseHeaders, text);
        return;
      }
      // Beside "origin", which the policy of origins may have set.
      exchange.res.appendHeader("vary", "accept-encoding");
      const compressed = await compress(exchange.header("accept-encoding"), text);
      exchange.send(response.status ?? 200, { ...responseHeaders, ...compressed.headers }, compressed.body);
      return;
    }
    exchange.res.writeHead(response.status ?? 200, responseHeaders);
    for await (const chunk of response.body.asyncIterator) exchange.res.write(chunk);
    exchange.res.end();
  }

  #traced<T>(exchange: Exchange, work: () => Promise<T>): Promise<T> {
    const { traces } = this.#deps;
    if (traces === null) return work();
    const { method, requestId } = exchange;
    const span: Pick<OpenSpan, "name" | "attributes"> = {
      name: `${method} /graphql`,
      attributes: {
        "http.request.method": method,
        "http.route": "/graphql",
        "url.path": "/graphql",
        "latchkey.request_id": requestId,
      },
    };
    const traceparent = exchange.header("traceparent");
    return traces.serve(span, { traceparent, traceState: exchange.header("tracestate") }, work);
  }

  /** @throws HttpError 400 */
  #checkText(body: unknown, url: URL): void {
    const query = textOf(body, url);
    // What is no text, or does not parse, gets Apollo's own response.
    if (typeof query !== "string" || this.#checked.has(query)) return;
    const { limits } = this.#deps;
    let refusal: GraphQLError | null;
    try {
      refusal = checkDocument(parseBounded(query, limits), limits);
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      if (!isTooLarge(error)) return;
      refusal = error;
    }
    if (refusal !== null) throw new HttpError(400, "OPERATION_TOO_LARGE", refusal.message);
    if (query.length > CHECKED_CHARS_MAX) return;
    if (this.#checked.size >= CHECKED_MAX) this.#checked.clear();
    this.#checked.add(query);
  }
}

function textOf(body: unknown, url: URL): unknown {
  return isRecord(body) ? body.query : url.searchParams.get("query");
}

/** Whether the response can hold no secret; see compress.ts. A text that is not known, or that names a mutation, is none. */
function isQuery(text: unknown): boolean {
  return typeof text === "string" && !/\bmutation\b/.test(text);
}

/** Only the import of a document may be larger than other operations. */
async function readBody(exchange: Exchange, bytesMax: number): Promise<unknown> {
  if (Number(exchange.header("content-length") ?? IMPORT_BODY_BYTES_MAX) <= bytesMax)
    return exchange.jsonBody(bytesMax);
  const body = await exchange.body(Math.max(bytesMax, IMPORT_BODY_BYTES_MAX));
  if (body.length <= bytesMax) return exchange.jsonOf(body);
  // Not worth parsing without the name in it.
  if (!body.includes("importOpenApi")) throw tooLarge(bytesMax);
  // Joining 40 MiB, parsing them and what the import does first each get a turn of the event loop.
  await yieldToOthers();
  const value = exchange.jsonOf(body);
  if (!isRecord(value) || !isImport(value.query)) throw tooLarge(bytesMax);
  await yieldToOthers();
  return value;
}

function isImport(query: unknown): boolean {
  return typeof query === "string" && /\bimportOpenApi\s*\(/.test(query);
}

function acceptsJson(accept: string | undefined): boolean {
  return accept === undefined || /json|\*/i.test(accept);
}

/** As clients ask that send GraphQL subscriptions over HTTP. */
function noStream(): HttpError {
  return new HttpError(
    400,
    "BAD_REQUEST",
    "This address responds with JSON (Accept: application/graphql-response+json), not with streams; GraphQL subscriptions are served over WebSocket (protocol graphql-transport-ws).",
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
