/** What the gateway serves itself: the description of an API, and `OPTIONS` that ask the gateway. */
import type { Integration } from "../forward/integration.js";
import type { BuiltApi } from "../table/compiled-api.js";
import type { Accounting } from "./accounting.js";
import { INTERCHANGE_ID } from "./interchange-id.js";
import type { RejectOptions } from "./reject.js";
import type { RequestContext } from "./request-context.js";

/** The API's own description, when its owner has it served. */
const OPENAPI_PATH = "/.well-known/openapi.json";
/** What an API may have routes for. */
const allow = ["allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"] as const;
const openapiHeaders = ["content-type", "application/json", "cache-control", "private, no-cache"] as const;
const NO_BYTES = new Uint8Array(0);

/** Of `TRACE` and `CONNECT`, which no API serves. */
export const NOT_SERVED: RejectOptions = { headers: allow };

export class GatewayResources {
  readonly #accounting: Accounting;

  constructor(accounting: Accounting) {
    this.#accounting = accounting;
  }

  /** `OPTIONS *` asks the gateway, and so does a request that may go no further (RFC 9110 §7.6.2, §9.3.7). */
  isForGateway({ request, scan }: RequestContext): boolean {
    const { method, path } = request.head;
    return method === "OPTIONS" && (path === "*" || scan.isLastHop);
  }

  respondToOptions(context: RequestContext): null {
    this.#respond(context, 204, "No Content", allow, NO_BYTES);
    return null;
  }

  /** To a preflight request. */
  permit(context: RequestContext, permission: readonly string[]): null {
    this.#respond(context, 204, "No Content", permission, NO_BYTES);
    return null;
  }

  /** False: this is no request for a description that is served. */
  serveDescription(context: RequestContext, api: BuiltApi<Integration>, path: string): boolean {
    const { method } = context.request.head;
    if (path !== OPENAPI_PATH || api.openapiJson === null) return false;
    if (method !== "GET" && method !== "HEAD") return false;
    this.#respond(context, 200, "OK", openapiHeaders, api.openapiJson);
    return true;
  }

  #respond(
    context: RequestContext,
    status: number,
    statusText: string,
    headers: readonly string[],
    body: Uint8Array,
  ): void {
    const { request, interchangeId, corsLines } = context;
    request.setOwnLine(INTERCHANGE_ID, interchangeId);
    const all = corsLines.length === 0 ? headers : headers.concat(corsLines);
    context.respondsItself(body.length);
    request.respond(status, statusText, all, body, false);
    this.#accounting.responded(context, status);
  }
}
