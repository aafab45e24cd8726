// HOT. Turns the bytes of a field name into an interned lower-case string, without allocating for names seen
// before. Bounded: a fixed table that is filled once and never evicts, so hostile names cost time, not memory.

import { TOKEN_LOWER } from "./ascii.js";

/** What the framing code must look at. Everything else is `FIELD_OTHER`. */
export const FIELD_OTHER = 0;
export const FIELD_CONTENT_LENGTH = 1;
export const FIELD_TRANSFER_ENCODING = 2;
export const FIELD_HOST = 3;
export const FIELD_CONNECTION = 4;
export const FIELD_EXPECT = 5;
export const FIELD_KEEP_ALIVE = 6;

const KINDS: Readonly<Record<string, number>> = {
  "content-length": FIELD_CONTENT_LENGTH,
  "transfer-encoding": FIELD_TRANSFER_ENCODING,
  host: FIELD_HOST,
  connection: FIELD_CONNECTION,
  expect: FIELD_EXPECT,
  "keep-alive": FIELD_KEEP_ALIVE,
};

/** Names worth having from the start: they are literals, so the engine compares them by pointer. */
const COMMON = [
  ...Object.keys(KINDS),
  "accept",
  "accept-charset",
  "accept-encoding",
  "accept-language",
  "accept-ranges",
  "access-control-allow-credentials",
  "access-control-allow-headers",
  "access-control-allow-methods",
  "access-control-allow-origin",
  "access-control-expose-headers",
  "access-control-max-age",
  "access-control-request-headers",
  "access-control-request-method",
  "age",
  "allow",
  "alt-svc",
  "authorization",
  "cache-control",
  "cf-connecting-ip",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-location",
  "content-range",
  "content-security-policy",
  "content-type",
  "cookie",
  "correlation-id",
  "date",
  "dnt",
  "etag",
  "expires",
  "forwarded",
  "from",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "last-modified",
  "link",
  "location",
  "max-forwards",
  "origin",
  "pragma",
  "priority",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "range",
  "referer",
  "referrer-policy",
  "retry-after",
  "sec-ch-ua",
  "sec-ch-ua-mobile",
  "sec-ch-ua-platform",
  "sec-fetch-dest",
  "sec-fetch-mode",
  "sec-fetch-site",
  "sec-fetch-user",
  "server",
  "server-timing",
  "set-cookie",
  "strict-transport-security",
  "te",
  "traceparent",
  "tracestate",
  "trailer",
  "upgrade",
  "upgrade-insecure-requests",
  "user-agent",
  "vary",
  "via",
  "warning",
  "www-authenticate",
  "x-content-type-options",
  "x-correlation-id",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-proto",
  "x-frame-options",
  "x-powered-by",
  "x-real-ip",
  "x-request-id",
  "x-xss-protection",
];

/** Four times as many slots as a busy gateway sees names; power of two. */
const SLOTS = 4096;
/** Longer names are rare and would let strangers park memory here. */
const NAME_CACHED_MAX = 48;

const names: (string | undefined)[] = new Array<string | undefined>(SLOTS).fill(undefined);
const kinds = new Uint8Array(SLOTS);
/** Name and kind of the name interned last. One call site reads both, so no object is made for them. */
let lastKind = FIELD_OTHER;

/** Step of the hash that callers run over the lower-case bytes while they check them. */
export function hashStep(hash: number, lower: number): number {
  return (Math.imul(hash, 31) + lower) | 0;
}

/** The hash of a name in lower case. */
export function hashFieldName(name: string): number {
  let hash = 0;
  for (let i = 0; i < name.length; i++) hash = hashStep(hash, name.charCodeAt(i));
  return hash;
}

function slotOf(hash: number): number {
  return (hash ^ (hash >>> 12)) & (SLOTS - 1);
}

for (const name of COMMON) {
  const slot = slotOf(hashFieldName(name));
  // A collision would only make the second name slower; kinds must not depend on luck.
  if (names[slot] === undefined) {
    names[slot] = name;
    kinds[slot] = KINDS[name] ?? FIELD_OTHER;
  } else if (KINDS[name] !== undefined) {
    throw new Error(`the slot of ${name} is taken`);
  }
}

/**
 * The lower-case name of the token in `bytes[from, to)`, whose every byte the caller has checked.
 * @param hash `hashStep` over its lower-case bytes, from 0.
 */
export function internFieldName(bytes: Buffer, from: number, to: number, hash: number): string {
  const slot = slotOf(hash);
  const cached = names[slot];
  const length = to - from;
  if (cached !== undefined && cached.length === length) {
    let i = 0;
    while (i < length && cached.charCodeAt(i) === TOKEN_LOWER[bytes[from + i]!]) i++;
    if (i === length) {
      lastKind = kinds[slot]!;
      return cached;
    }
  }
  lastKind = FIELD_OTHER;
  const name = bytes.toString("latin1", from, to).toLowerCase();
  if (cached === undefined && length <= NAME_CACHED_MAX) names[slot] = name;
  return name;
}

/** The kind of the name that `internFieldName` returned last. */
export function lastFieldKind(): number {
  return lastKind;
}
