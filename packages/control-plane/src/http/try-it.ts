/**
 * `POST /try`: sends one request of the console's "Try it" through the ingress and gives back what came. The
 * caller has been authorised before (session and CSRF token). Refuses every target but the configured ingress: only
 * path and query come from the request, never a host. Keeps nothing and logs nothing: the headers hold a key.
 */
import {
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
  type ServerResponse,
} from "node:http";
import { request as httpsRequest } from "node:https";
import type { LookupFunction } from "node:net";
import { GATEWAY_ERROR_FIELD, isToken, normalizePath, parseRoutePattern } from "@latchkey/core";
import { responseTo } from "@latchkey/observe";
import { buildRouter, type RouteDefinition } from "@latchkey/router";

export const tryItLimits = {
  /** JSON of the whole order. */
  requestBytesMax: 1_500_000,
  headersMax: 100,
  headerCharsMax: 8_192,
  pathCharsMax: 8_192,
  /** More of a response is counted, not kept. */
  responseBytesMax: 1_048_576,
  timeoutMs: 60_000,
  /** Under way at once; more are refused with 429. */
  concurrentMax: 16,
} as const;

/** A route as far as finding it needs. */
export interface TryItRoute {
  readonly id: string;
  readonly method: string;
  readonly pattern: string;
  readonly integrationId: string;
  readonly integrationName: string;
}

export interface TryItOptions {
  /** Where the ingress is, e.g. `http://127.0.0.1:8080`; null when none is configured. */
  readonly ingressUrl: string | null;
  /** Finds the addresses of the ingress' host. Default: Node's own, which blocks threads that files need. */
  readonly lookup?: LookupFunction;
  /** The Api's routes, to say which one matched. */
  readonly routesOf: (apiId: string) => Promise<readonly TryItRoute[]>;
}

/** What the page sends. `path` may have a query. */
export interface TryItOrder {
  /** Routes of this Api are looked through for the match; empty: none are. */
  readonly apiId: string;
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string | null;
}

export interface TryItResponse {
  readonly status: number;
  readonly statusText: string;
  /** In the order and spelling they came in. */
  readonly headers: readonly (readonly [string, string])[];
  /** UTF-8 text; base64 when `isBinary`. */
  readonly body: string;
  readonly isBinary: boolean;
  readonly bodyBytes: number;
  /** More came than is shown. */
  readonly isTruncated: boolean;
  /** From sending to the head of the response, and to its end. */
  readonly firstByteMs: number;
  readonly totalMs: number;
  /** The gateway responded itself: it refused the request, or got no usable response. */
  readonly fromGateway: boolean;
  /** The route that the request belongs to, and its integration. */
  readonly matched: TryItRoute | null;
}

export type TryItFailureCode = "invalid" | "not_configured" | "busy" | "unreachable" | "timeout";

/** Why nothing came back from the ingress. */
class TryItFailure extends Error {
  override readonly name = "TryItFailure";
  readonly code: TryItFailureCode;

  constructor(code: TryItFailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const statusOf: Readonly<Record<TryItFailureCode, number>> = {
  invalid: 400,
  not_configured: 503,
  busy: 429,
  unreachable: 502,
  timeout: 504,
};

const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** Visible ASCII: nothing that could end the request line. */
const TARGET = /^\/[\x21-\x7e]*$/;
/** Framing, routing and connection are this function's own. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** One handler for one control plane; it holds the count of what is under way. */
export function createTryItHandler(
  options: TryItOptions,
): (req: IncomingMessage, res: ServerResponse) => Promise<void> {
  let underWay = 0;
  return async (req, res) => {
    try {
      if (underWay >= tryItLimits.concurrentMax)
        throw new TryItFailure("busy", "Too many requests are being tried at once. Try again in a moment.");
      underWay++;
      try {
        const order = parseOrder(await readJson(req));
        sendJson(res, 200, await tryIt(order, options));
      } finally {
        underWay--;
      }
    } catch (error) {
      if (!(error instanceof TryItFailure)) throw error;
      sendJson(res, statusOf[error.code], { code: error.code, message: error.message });
    }
  };
}

/** @throws TryItFailure */
async function tryIt(order: TryItOrder, options: TryItOptions): Promise<TryItResponse> {
  if (options.ingressUrl === null)
    throw new TryItFailure("not_configured", "The control plane does not know where the ingress is.");
  const response = await send(new URL(options.ingressUrl), order, options.lookup);
  return {
    ...response,
    fromGateway: response.headers.some(([name]) => name.toLowerCase() === GATEWAY_ERROR_FIELD),
    matched: order.apiId === "" ? null : await findRoute(order, options),
  };
}

/** The route by the rules of the ingress, whose revision may be slightly older or newer. */
async function findRoute(order: TryItOrder, options: TryItOptions): Promise<TryItRoute | null> {
  const path = normalizePath(order.path.split("?", 1)[0] ?? "");
  if (typeof path !== "string") return null;
  const definitions: RouteDefinition<TryItRoute>[] = [];
  for (const route of await options.routesOf(order.apiId)) {
    const pattern = parseRoutePattern(route.pattern);
    if (pattern.ok) definitions.push({ method: route.method, pattern: pattern.value, value: route });
  }
  const router = buildRouter(definitions);
  if (!router.ok) return null;
  const found = router.value.find(order.method, path);
  return found !== null && found.kind === "match" ? found.route.value : null;
}

function send(
  ingress: URL,
  order: TryItOrder,
  lookup: LookupFunction | undefined,
): Promise<Omit<TryItResponse, "fromGateway" | "matched">> {
  const body = order.body === null ? null : Buffer.from(order.body);
  const requestOptions: RequestOptions = {
    protocol: ingress.protocol,
    hostname: ingress.hostname.replace(/^\[|\]$/g, ""),
    port: ingress.port === "" ? (ingress.protocol === "https:" ? 443 : 80) : Number(ingress.port),
    path: ingress.pathname.replace(/(?<!\/)\/+$/, "") + order.path,
    method: order.method,
    headers: [
      "Host",
      ingress.host,
      "Connection",
      "close",
      ...order.headers.flat(),
      ...(body === null ? [] : ["Content-Length", String(body.length)]),
    ],
    agent: false,
    ...(lookup === undefined ? {} : { lookup }),
    signal: AbortSignal.timeout(tryItLimits.timeoutMs),
  };
  return new Promise((resolve, reject) => {
    const startedMs = performance.now();
    const fail = (error: Error): void => reject(failureOf(error));
    let outgoing: ReturnType<typeof httpRequest>;
    try {
      outgoing = (ingress.protocol === "https:" ? httpsRequest : httpRequest)(requestOptions);
    } catch (error) {
      reject(new TryItFailure("invalid", "This is not a request that HTTP can carry.", { cause: error }));
      return;
    }
    responseTo(outgoing).then((incoming) => {
      const firstByteMs = performance.now() - startedMs;
      const kept: Buffer[] = [];
      let bodyBytes = 0;
      let keptBytes = 0;
      incoming.on("data", (chunk: Buffer) => {
        bodyBytes += chunk.length;
        if (keptBytes >= tryItLimits.responseBytesMax) return;
        const part = chunk.subarray(0, tryItLimits.responseBytesMax - keptBytes);
        kept.push(part);
        keptBytes += part.length;
      });
      incoming.on("error", fail);
      incoming.once("end", () => {
        resolve({
          status: incoming.statusCode ?? 0,
          statusText: incoming.statusMessage ?? "",
          headers: pairs(incoming.rawHeaders),
          ...readable(Buffer.concat(kept)),
          bodyBytes,
          isTruncated: keptBytes < bodyBytes,
          firstByteMs,
          totalMs: performance.now() - startedMs,
        });
      });
    }, fail);
    outgoing.end(body ?? undefined);
  });
}

function failureOf(error: Error): TryItFailure {
  if (error instanceof TryItFailure) return error;
  if (error.name === "AbortError" || error.name === "TimeoutError")
    return new TryItFailure("timeout", `Nothing came back within ${tryItLimits.timeoutMs / 1000} seconds.`);
  const { code } = error as NodeJS.ErrnoException;
  return new TryItFailure("unreachable", `The ingress cannot be reached (${code ?? "connection broken"}).`, {
    cause: error,
  });
}

function readable(bytes: Buffer): { readonly body: string; readonly isBinary: boolean } {
  try {
    return { body: new TextDecoder("utf-8", { fatal: true }).decode(bytes), isBinary: false };
  } catch {
    return { body: bytes.toString("base64"), isBinary: true };
  }
}

function pairs(flat: readonly string[]): (readonly [string, string])[] {
  const result: (readonly [string, string])[] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) result.push([flat[i] ?? "", flat[i + 1] ?? ""]);
  return result;
}

/** @throws TryItFailure when the order is not one, or holds what is not the caller's to set */
function parseOrder(json: unknown): TryItOrder {
  const fields = (typeof json === "object" && json !== null ? json : {}) as Readonly<Record<string, unknown>>;
  const { apiId = "", method, path, headers = [], body = null } = fields;
  if (typeof apiId !== "string" || apiId.length > 100) throw invalid("The API's id is not a text.");
  if (typeof method !== "string" || !isToken(method) || method === "CONNECT" || method === "TRACE")
    throw invalid("This method cannot be sent.");
  if (typeof path !== "string" || !TARGET.test(path) || path.length > tryItLimits.pathCharsMax)
    throw invalid('The path must start with "/" and hold visible ASCII characters only; encode others.');
  if (!Array.isArray(headers) || headers.length > tryItLimits.headersMax) throw invalid("Too many headers.");
  if (body !== null && typeof body !== "string") throw invalid("The body is not a text.");
  return { apiId, method, path, headers: headers.map(parseHeader), body };
}

function parseHeader(header: unknown): readonly [string, string] {
  const [name, value] = Array.isArray(header) ? (header as unknown[]) : [];
  if (typeof name !== "string" || !isToken(name) || typeof value !== "string")
    throw invalid("A header is a name of letters, digits and dashes, and a value.");
  if (OWN_HEADERS.has(name.toLowerCase())) throw invalid(`The header ${name} is set by the console itself.`);
  if (!HEADER_VALUE.test(value) || value.length > tryItLimits.headerCharsMax)
    throw invalid(`The value of ${name} has characters that a header cannot carry, or is too long.`);
  return [name, value];
}

function invalid(message: string): TryItFailure {
  return new TryItFailure("invalid", message);
}

async function readJson(req: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Read to its end even when it is too large: leaving the loop early would close the connection before the response.
  for await (const chunk of req as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= tryItLimits.requestBytesMax) chunks.push(chunk);
  }
  if (bytes > tryItLimits.requestBytesMax) throw invalid("The request is too large to try from here.");
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw invalid("This is not JSON.");
  }
}

function sendJson(res: ServerResponse, status: number, value: unknown): void {
  const text = JSON.stringify(value);
  res.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
  });
  res.end(text);
}
