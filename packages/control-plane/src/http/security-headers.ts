/** Headers of every response. Pages run under a policy without inline scripts and without anything from elsewhere. */

const COMMON = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
} as const;

/** For data: nothing in it may run or be shown. */
export const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** For the console. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

/** GraphiQL's editor makes style elements and workers of its own. */
export const GRAPHIQL_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

export function commonHeaders(isTls: boolean): Readonly<Record<string, string>> {
  return isTls ? { ...COMMON, "strict-transport-security": "max-age=31536000" } : COMMON;
}
