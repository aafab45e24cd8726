/**
 * Which pages may do what: the console's own page may sign in and open live updates; pages of `corsOrigins` may call
 * GraphQL with a bearer token; all others may do nothing. Requests that no browser page sent have no origin and pass.
 */
import type { IncomingMessage } from "node:http";
import { parseUrl } from "@latchkey/core";
import { HttpError } from "../errors/http-error.js";
import type { ClientAddresses } from "./client-address.js";
import type { Exchange } from "./exchange.js";

const ALLOWED_HEADERS =
  "authorization, content-type, idempotency-key, x-request-id, apollo-require-preflight";
const PREFLIGHT_SECONDS = "600";

export interface OriginPolicyOptions {
  /** Origins under which browsers reach the console, beside the request's own `Host`. */
  readonly publicOrigins: readonly string[];
  /** Origins of other pages that may call GraphQL. */
  readonly corsOrigins: readonly string[];
  readonly addresses: ClientAddresses;
}

export class OriginPolicy {
  readonly #public: ReadonlySet<string>;
  readonly #cors: ReadonlySet<string>;
  readonly #addresses: ClientAddresses;

  constructor(options: OriginPolicyOptions) {
    this.#public = new Set(options.publicOrigins);
    this.#cors = new Set(options.corsOrigins);
    this.#addresses = options.addresses;
  }

  /** Whether the request comes from the console's own page, or from no page at all. */
  isOwn(req: IncomingMessage): boolean {
    const { origin } = req.headers;
    // No page can set this header, and the browser compares with the URL it shows: a proxy that rewrites Host does not matter.
    const site = req.headers["sec-fetch-site"];
    if (origin === undefined) return site === undefined || site === "same-origin" || site === "none";
    if (this.#public.has(origin) || site === "same-origin") return true;
    const page = parseUrl(origin);
    if (site !== undefined || page === null) return false;
    const { protocol, host } = page;
    return this.#hostsOf(req).some((name) => hostOf(protocol, name) === host);
  }

  /** Whether a page of `corsOrigins` sent it. */
  isCors(req: IncomingMessage): boolean {
    return req.headers.origin !== undefined && this.#cors.has(req.headers.origin);
  }

  /** Lets pages of `corsOrigins` read the response. They send a bearer token: cookies are never allowed. */
  allowReading(exchange: Exchange): void {
    if (this.#cors.size === 0) return;
    exchange.res.setHeader("vary", "origin");
    if (!this.isCors(exchange.req)) return;
    exchange.res.setHeader("access-control-allow-origin", exchange.req.headers.origin ?? "");
    exchange.res.setHeader("access-control-expose-headers", "x-request-id, retry-after");
  }

  /** Responds to OPTIONS: to a preflight request by the origin, and to what no page sent with the methods. @throws HttpError 403 */
  preflight(exchange: Exchange): void {
    const { headers } = exchange.req;
    if (headers.origin === undefined && this.isOwn(exchange.req)) {
      exchange.noContent({ allow: "GET, POST, OPTIONS" });
      return;
    }
    this.allowReading(exchange);
    if (!this.isCors(exchange.req)) throw this.refusal(exchange.req);
    exchange.noContent({
      "access-control-allow-methods": "GET, POST",
      "access-control-allow-headers": ALLOWED_HEADERS,
      "access-control-max-age": PREFLIGHT_SECONDS,
    });
  }

  /** Says what is wrong and what to set. */
  refusal(req: IncomingMessage): HttpError {
    const host = clip(req.headers.host ?? "");
    const { origin } = req.headers;
    if (origin === undefined)
      return new HttpError(
        403,
        "ORIGIN_REFUSED",
        `The browser says that a page of another origin sent this request to host "${host}" (Sec-Fetch-Site: ${clip(String(req.headers["sec-fetch-site"]))}). Open the console at its own address.`,
      );
    const shown = clip(origin);
    return new HttpError(
      403,
      "ORIGIN_REFUSED",
      `The page's origin ${shown} is not this control plane's (the request came for host "${host}"). Behind a reverse proxy, pass the Host header on or add ${shown} to http.publicOrigins; for a page of your own that calls GraphQL, add it to http.corsOrigins.`,
    );
  }

  #hostsOf(req: IncomingMessage): readonly string[] {
    const { host = "" } = req.headers;
    const forwarded = req.headers["x-forwarded-host"];
    return typeof forwarded === "string" && this.#addresses.isTrusted(req.socket.remoteAddress ?? "")
      ? [host, forwarded.split(",")[0]?.trim() ?? ""]
      : [host];
  }
}

/** `console.example` for `console.example:443` under https: a default port is no difference. */
function hostOf(protocol: string, host: string): string | null {
  return parseUrl(`${protocol}//${host}`)?.host ?? null;
}

function clip(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}
