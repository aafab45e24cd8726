/**
 * Spans of requests by OpenTelemetry's conventions for HTTP: one for the gateway, and one for each attempt below it
 * (docs/opentelemetry.md). Never a key, a query, a header or a body. Spans are made once their request is over, from what the message trail has.
 */
// Not the global: it is found by a getter at each use.
import { performance } from "node:perf_hooks";
import { hideApiKeys, type IngressErrorCode } from "@latchkey/core";
import {
  type FinishedSpan,
  isTraceparent,
  type SpanAttributes,
  type SpanStart,
  type Tracing,
} from "@latchkey/observe";
import type { ClientAddresses } from "../policies/client-addresses.js";
import { CLIENT_CLOSED_STATUS } from "../usage/outcome.js";
import type { RequestAttempt } from "../usage/request-samples.js";
import type { RequestContext } from "./request-context.js";
import { RequestTrace } from "./request-trace.js";
import type { Transfer } from "./transfer.js";

const PATH_CHARS_MAX = 1_024;
const HOST_CHARS_MAX = 256;
/** W3C Trace Context §3.3.1.5: a longer one need not go on. */
const TRACE_STATE_CHARS_MAX = 512;
const METHODS: ReadonlySet<string> = new Set([
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "TRACE",
  "CONNECT",
]);

export interface RequestSpansParts {
  readonly tracing: Tracing;
  readonly scheme: "http" | "https";
  readonly clientAddresses: ClientAddresses;
  /** As the access log does. */
  readonly showsClient: boolean;
}

export class RequestSpans {
  readonly #parts: RequestSpansParts;

  constructor(parts: RequestSpansParts) {
    this.#parts = parts;
  }

  /** Decides once for a request. Null: it is not sampled. */
  traceOf(context: RequestContext): RequestTrace | null {
    if (context.trace === undefined) context.trace = this.#begin(context);
    return context.trace;
  }

  /** The request is over. @param transfer null: nothing was forwarded */
  end(
    context: RequestContext,
    status: number,
    code: IngressErrorCode | null,
    transfer: Transfer | null,
  ): void {
    const trace = this.traceOf(context);
    if (trace === null) return;
    const { tracing } = this.#parts;
    const { startedAtMs } = context;
    const attempts = transfer?.attempts() ?? [];
    const endedAtMs = transfer?.respondedAtMs ?? performance.now();
    const ids = trace.attemptSpanIds(attempts.length);
    for (const [i, attempt] of attempts.entries())
      tracing.end(attemptSpan(context, trace.start, ids[i] as string, attempt, i));
    tracing.end({
      ...trace.start,
      name: nameOf(context),
      kind: "server",
      startedAtMs,
      endedAtMs,
      attributes: this.#attributesOf(context, status, code, transfer, endedAtMs - startedAtMs),
      isError: status >= 500 || (code !== null && status < 400),
    });
  }

  #begin(context: RequestContext): RequestTrace | null {
    const { tracing } = this.#parts;
    const { traceparent, tracestate } = context.scan;
    const isContinued = traceparent !== null && isTraceparent(traceparent);
    const traceState = isContinued && tracestate !== null ? tracestate : "";
    const start = tracing.begin(
      isContinued ? traceparent : null,
      traceState.length > TRACE_STATE_CHARS_MAX ? "" : traceState,
    );
    return start === null ? null : new RequestTrace(tracing, start);
  }

  #attributesOf(
    context: RequestContext,
    status: number,
    code: IngressErrorCode | null,
    transfer: Transfer | null,
    durationMs: number,
  ): SpanAttributes {
    const { key, route, request, revision } = context;
    const { path, host, method } = request.head;
    const { clientAddresses, scheme, showsClient } = this.#parts;
    const isClosed = status === CLIENT_CLOSED_STATUS;
    const server = serverOf(host.slice(0, HOST_CHARS_MAX));
    return {
      "http.request.method": knownMethod(method),
      "url.scheme": scheme,
      "url.path": hideApiKeys(path).slice(0, PATH_CHARS_MAX),
      "latchkey.interchange_id": context.interchangeId,
      "server.address": server?.address,
      "server.port": server?.port,
      // A client that left got no status.
      "http.response.status_code": isClosed || status === 0 ? undefined : status,
      "error.type": code ?? (isClosed ? "client_closed" : errorTypeOf(status, 500)),
      "client.address": showsClient ? clientAddresses.of(context) : undefined,
      "latchkey.api.id": key?.api.id,
      "latchkey.key.id": key?.id,
      "http.route": route?.path.pattern,
      "latchkey.route.id": route?.id,
      "latchkey.integration.id": route?.integration.id,
      "latchkey.revision": revision?.number,
      "http.request.body.size": transfer?.requestBytes,
      "http.response.body.size": context.ownBodyBytes + (transfer?.responseBytes ?? 0),
      "latchkey.gateway.duration_us": transfer?.gatewayUsOf(Math.round(durationMs * 1_000)),
    };
  }
}

function nameOf({ route, request }: RequestContext): string {
  const method = METHODS.has(request.head.method) ? request.head.method : "HTTP";
  return route === null ? method : `${method} ${route.path.pattern}`;
}

/** @param index among the attempts that are known, from 0 */
function attemptSpan(
  context: RequestContext,
  parent: SpanStart,
  spanId: string,
  attempt: RequestAttempt,
  index: number,
): FinishedSpan {
  const received = context.request.head.method;
  const method = context.isWebSocket ? "GET" : (context.integration?.methodFor(received) ?? received);
  const startedAtMs = context.startedAtMs + attempt.startedUs / 1_000;
  const { url, status } = attempt;
  const server = serverOf(hostOf(url));
  const errorType = attempt.errorCode === "" ? errorTypeOf(status, 400) : attempt.errorCode;
  return {
    traceId: parent.traceId,
    spanId,
    parentSpanId: parent.spanId,
    isParentRemote: false,
    traceState: parent.traceState,
    name: METHODS.has(method) ? method : "HTTP",
    kind: "client",
    startedAtMs,
    endedAtMs: startedAtMs + attempt.durationUs / 1_000,
    attributes: {
      "http.request.method": knownMethod(method),
      "url.full": url,
      "server.address": server?.address,
      "server.port": server?.port,
      "latchkey.attempt.wait_us": attempt.waitUs,
      "latchkey.attempt.connect_us": attempt.connectUs,
      "latchkey.attempt.first_byte_us": attempt.firstByteUs > 0 ? attempt.firstByteUs : undefined,
      "http.request.resend_count": index > 0 ? index : undefined,
      "http.response.status_code": status > 0 ? status : undefined,
      "error.type": errorType,
    },
    isError: errorType !== undefined,
  };
}

/** A client may send any token for a method. */
function knownMethod(method: string): string {
  return METHODS.has(method) ? method : "_OTHER";
}

/** The status of a response that is an error from `errorsFrom` on. */
function errorTypeOf(status: number, errorsFrom: number): string | undefined {
  return status >= errorsFrom ? String(status) : undefined;
}

/** Host and port of a target's URL, as configured. */
function hostOf(url: string): string {
  return /^[a-z]+:\/\/(?:[^/?#@]*@)?([^/?#]*)/.exec(url)?.[1] ?? "";
}

/** @param host `Host`, or that of a URL; undefined: there is none */
function serverOf(host: string): { readonly address: string; readonly port: number | undefined } | undefined {
  if (host === "") return undefined;
  const colon = host.lastIndexOf(":");
  const port = host.slice(colon + 1);
  if (colon < 0 || !/^\d{1,5}$/.test(port)) return { address: host, port: undefined };
  return { address: host.slice(0, colon), port: Number(port) };
}
