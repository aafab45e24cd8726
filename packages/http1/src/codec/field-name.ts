// Turns the bytes of a field name into an interned lower-case string, without allocating for names seen
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
/** Longer names are rare, and clients could fill memory with them. */
export const NAME_BYTES_MAX = 48;
/** The slot of no name. */
export const NO_SLOT = 0;

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

/** Names that were seen, each in the slot of its hash. */
class FieldNameTable {
  /** By slot: name, its kind, its length (0 = free), and its bytes from `slot * NAME_BYTES_MAX` on. */
  readonly names: string[] = new Array<string>(SLOTS).fill("");
  readonly kinds = new Uint8Array(SLOTS);
  readonly lengths = new Uint8Array(SLOTS);
  readonly bytes = new Uint8Array(SLOTS * NAME_BYTES_MAX);

  constructor(names: readonly string[]) {
    for (const name of names) {
      const slot = slotOf(hashFieldName(name));
      // A collision makes the second name slower; kinds must not depend on luck.
      if (slot !== NO_SLOT && this.lengths[slot] === 0) this.#fill(slot, name);
      else if (KINDS[name] !== undefined) throw new Error(`the slot of ${name} is taken`);
    }
  }

  /**
   * The slot of the token in `bytes[from, to)`, whose every byte the caller has checked; `NO_SLOT` when there is none.
   * @param hash `hashStep` over its lower-case bytes, from 0.
   */
  slotFor(bytes: Buffer, from: number, to: number, hash: number): number {
    const slot = slotOf(hash);
    const length = to - from;
    if (slot === NO_SLOT || length > NAME_BYTES_MAX) return NO_SLOT;
    if (this.lengths[slot] === 0) {
      this.#fill(slot, bytes.toString("latin1", from, to).toLowerCase());
      return slot;
    }
    if (this.lengths[slot] !== length) return NO_SLOT;
    const known = this.bytes;
    let at = slot * NAME_BYTES_MAX;
    for (let i = from; i < to; i++) {
      if (TOKEN_LOWER[bytes[i]!] !== known[at++]) return NO_SLOT;
    }
    return slot;
  }

  /** The lower-case name of a checked token, without allocating when it has a slot. */
  nameOf(bytes: Buffer, from: number, to: number, hash: number): string {
    const slot = this.slotFor(bytes, from, to, hash);
    return slot === NO_SLOT ? bytes.toString("latin1", from, to).toLowerCase() : this.names[slot]!;
  }

  #fill(slot: number, name: string): void {
    this.names[slot] = name;
    this.kinds[slot] = KINDS[name] ?? FIELD_OTHER;
    this.lengths[slot] = name.length;
    const from = slot * NAME_BYTES_MAX;
    for (let i = 0; i < name.length; i++) this.bytes[from + i] = name.charCodeAt(i);
  }
}

function slotOf(hash: number): number {
  return (hash ^ (hash >>> 12)) & (SLOTS - 1);
}

/** The process's. */
export const fieldNames = new FieldNameTable(COMMON);
