/** Words of HTTP that several packages need: one copy of each. Parses nothing. */

/** The characters of a token (tchar, RFC 9110 §5.6.2). */
export const TOKEN_CHARS = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

const isTokenChar = new Uint8Array(128);
for (const char of TOKEN_CHARS) isTokenChar[char.charCodeAt(0)] = 1;

/** True for a token: a header name, a method, a pseudonym of `Via`. Linear, and allocates nothing. */
export function isToken(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (isTokenChar[text.charCodeAt(i)] !== 1) return false;
  return text.length > 0;
}

/**
 * Fields that are for one connection besides `Connection` and `Transfer-Encoding` (RFC 9110 §7.6.1, §11.7, RFC 9113 §8.2.2).
 * Each side of a gateway writes its own, and never passes on what it received.
 */
export const HOP_BY_HOP_FIELDS = [
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "upgrade",
  "http2-settings",
] as const;

/** Set by the ingress on responses that it made itself; no response of an integration carries it. */
export const GATEWAY_ERROR_FIELD = "latchkey-error";
