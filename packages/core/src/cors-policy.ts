/**
 * Cross-origin resource sharing of an API (Fetch standard, section 3.3): which pages may send requests and read responses.
 * Reads and compares origins; writes no headers.
 */
import { HOST_NAME_RULE, isUrlHost } from "./host-name.js";
import { parseUrl } from "./parse-url.js";
import { err, ok, type Result } from "./result.js";

export interface CorsPolicy {
  /** `*`, origins (`https://app.example.com`), or all subdomains of a host (`https://*.example.com`). At least one. */
  readonly origins: readonly string[];
  /** Methods that pages may use. Empty: any. */
  readonly methods: readonly string[];
  /** Request headers that pages may set, in lower case. Empty: any. */
  readonly headers: readonly string[];
  /** Response headers that pages may read beside those that browsers always show, in lower case. */
  readonly exposedHeaders: readonly string[];
  /** Browsers may send cookies along. Not with the origin `*`. */
  readonly credentials: boolean;
  /** How long browsers may keep the response to a preflight request: 0 to 86,400 s. */
  readonly maxAgeSeconds: number;
}

export const corsLimits = {
  originsMax: 100,
  originCharsMax: 300,
  methodsMax: 40,
  headersMax: 100,
  maxAgeSecondsMax: 86_400,
} as const;

/** Any page. */
export const ANY_ORIGIN = "*";

/** An origin as browsers write it (RFC 6454, section 6.2): no upper case, no path, no default port. */
const ORIGIN = /^[a-z][a-z0-9+.-]{0,30}:\/\/(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?$/;
const SCHEME_END = "://";

/**
 * The canonical spelling of what `CorsPolicy.origins` may hold, or a sentence on what is wrong with it.
 * Schemes other than http and https are those of apps (`capacitor://localhost`): they are compared as they are.
 */
export function parseOriginPattern(text: string): Result<string, string> {
  const trimmed = text.trim();
  if (trimmed === ANY_ORIGIN) return ok(ANY_ORIGIN);
  if (trimmed === "null")
    return err(
      "`null` is the origin of every page without one, sandboxed frames included: it cannot be allowed.",
    );
  if (trimmed.length > corsLimits.originCharsMax)
    return err(`an origin has at most ${corsLimits.originCharsMax} characters.`);
  const end = trimmed.indexOf(SCHEME_END);
  if (end <= 0) return err("an origin has a scheme and a host, as in `https://app.example.com`.");
  const scheme = trimmed.slice(0, end).toLowerCase();
  const rest = trimmed.slice(end + SCHEME_END.length);
  if (scheme !== "http" && scheme !== "https") {
    const origin = `${scheme}${SCHEME_END}${rest.toLowerCase()}`;
    return ORIGIN.test(origin)
      ? ok(origin)
      : err("an origin is a scheme, a host and maybe a port, nothing else.");
  }
  const isWildcard = rest.startsWith("*.");
  const url = `${scheme}${SCHEME_END}${isWildcard ? rest.slice(2) : rest}`;
  if (url.includes("*"))
    return err("`*` stands for whole subdomains and at the start only: `https://*.example.com`.");
  const parsed = parseUrl(url);
  if (parsed === null) return err("the host or the port is not valid.");
  const { origin, host, hostname, pathname, search, hash, username, password } = parsed;
  if (pathname !== "/" || search !== "" || hash !== "" || username !== "" || password !== "")
    return err("an origin ends after the host and the port: remove the path, the query and the user.");
  if (!ORIGIN.test(origin)) return err("the host has characters that browsers do not send.");
  if (!isUrlHost(hostname)) return err(HOST_NAME_RULE);
  if (!isWildcard) return ok(origin);
  if (!/[a-z]/.test(hostname) || hostname.startsWith("["))
    return err("an address has no subdomains: remove `*.`.");
  if (!hostname.includes(".") && hostname !== "localhost")
    return err(`\`*.${hostname}\` would allow every site of this top-level domain.`);
  return ok(`${scheme}${SCHEME_END}*.${host}`);
}

/**
 * The patterns that allow an origin, the most exact one first: itself, the wildcards above it, `*`. At most one for each
 * label of a host name.
 * @param origin as a browser sent it; what no browser sends is allowed by `*` only
 */
export function originPatternsOf(origin: string): string[] {
  if (origin.length > corsLimits.originCharsMax || !ORIGIN.test(origin)) return [ANY_ORIGIN];
  const patterns = [origin];
  const host = origin.indexOf(SCHEME_END) + SCHEME_END.length;
  const scheme = origin.slice(0, host);
  if (scheme === "http://" || scheme === "https://") {
    for (let dot = origin.indexOf(".", host); dot !== -1; dot = origin.indexOf(".", dot + 1))
      patterns.push(`${scheme}*${origin.slice(dot)}`);
  }
  patterns.push(ANY_ORIGIN);
  return patterns;
}
