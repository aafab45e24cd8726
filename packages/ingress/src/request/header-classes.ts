/**
 * What the gateway does with each request header: docs/request-path.md has the list. Made once from the configuration;
 * looked up for every line. CGI-like upstreams read every character but letters and digits as `_`, so that
 * `content_type`, `content.type` and `Content-Type` are one name to them: such a variant of a name that means something
 * to the gateway does not go on.
 */
import { foldedName, HOP_BY_HOP_FIELDS, NEVER_FORWARDED } from "@latchkey/core";

/** Const object instead of an enum: plain numbers in the hot switch. All below 32: see `SINGLE_VALUED`. */
export const HeaderClass = {
  /** End-to-end: goes on as it came. */
  pass: 0,
  /** Hop-by-hop (RFC 9110 §7.6.1), set by the gateway itself, or not a client's to say. */
  drop: 1,
  key: 2,
  webhookFlag: 3,
  interchangeId: 4,
  traceparent: 5,
  tracestate: 6,
  forwardedFor: 7,
  forwarded: 8,
  forwardedProto: 9,
  forwardedHost: 10,
  /** Other `x-forwarded-*`: only from a trusted proxy that writes them. */
  forwardedOther: 11,
  via: 12,
  expect: 13,
  connection: 14,
  contentType: 15,
  authorization: 16,
  maxForwards: 17,
  contentEncoding: 18,
  cookie: 19,
  contentLength: 20,
  transferEncoding: 21,
  cdnLoop: 22,
  /** Goes on without an API key in it only: copied from elsewhere by browsers (the URL of a page) and tracing libraries. */
  keyless: 23,
} as const;

export type HeaderClass = (typeof HeaderClass)[keyof typeof HeaderClass];

/** Added to the class of a variant of a name. Variants never go on. */
export const VARIANT = 32;

/** Bits of the classes that the gateway decides by and that have one value. */
export const SINGLE_VALUED =
  (1 << HeaderClass.key) |
  (1 << HeaderClass.webhookFlag) |
  (1 << HeaderClass.contentType) |
  (1 << HeaderClass.authorization) |
  (1 << HeaderClass.maxForwards) |
  (1 << HeaderClass.contentLength) |
  (1 << HeaderClass.transferEncoding);

/** Headers that go on and that a recipient's security or cache relies on: `Connection` cannot name them. */
const NOT_NAMEABLE: ReadonlySet<string> = new Set([
  "cache-control",
  "date",
  "origin",
  "range",
  "referer",
  "x-csrf-token",
  "x-requested-with",
  "x-xsrf-token",
]);
const NOT_NAMEABLE_PREFIXES = ["access-control-", "content-", "if-", "sec-"] as const;

const PATH_PARAMETER_PREFIX = "cx-path-";
const FORWARDED_PREFIX = "x-forwarded-";

export class HeaderClasses {
  readonly #classes = new Map<string, HeaderClass>();

  /** Names in lower case. */
  constructor(keyHeader: string, webhookHeader: string) {
    for (const name of HOP_BY_HOP_FIELDS) this.#classes.set(name, HeaderClass.drop);
    for (const name of NEVER_FORWARDED) this.#classes.set(name, HeaderClass.drop);
    this.#classes.set("host", HeaderClass.drop); // engines give it with the head
    this.#classes.set("configcorrelationid", HeaderClass.drop);
    this.#classes.set("x-forwarded-method", HeaderClass.drop);
    this.#classes.set("x-forwarded-path", HeaderClass.drop);
    this.#classes.set("interchangeid", HeaderClass.interchangeId);
    this.#classes.set("traceparent", HeaderClass.traceparent);
    this.#classes.set("tracestate", HeaderClass.tracestate);
    this.#classes.set("x-forwarded-for", HeaderClass.forwardedFor);
    this.#classes.set("x-forwarded-proto", HeaderClass.forwardedProto);
    this.#classes.set("x-forwarded-host", HeaderClass.forwardedHost);
    this.#classes.set("forwarded", HeaderClass.forwarded);
    this.#classes.set("via", HeaderClass.via);
    this.#classes.set("cdn-loop", HeaderClass.cdnLoop);
    this.#classes.set("expect", HeaderClass.expect);
    this.#classes.set("connection", HeaderClass.connection);
    this.#classes.set("content-type", HeaderClass.contentType);
    this.#classes.set("content-encoding", HeaderClass.contentEncoding);
    this.#classes.set("content-length", HeaderClass.contentLength);
    this.#classes.set("transfer-encoding", HeaderClass.transferEncoding);
    this.#classes.set("authorization", HeaderClass.authorization);
    this.#classes.set("cookie", HeaderClass.cookie);
    this.#classes.set("referer", HeaderClass.keyless);
    this.#classes.set("baggage", HeaderClass.keyless);
    this.#classes.set("max-forwards", HeaderClass.maxForwards);
    this.#classes.set(webhookHeader, HeaderClass.webhookFlag);
    this.#classes.set(keyHeader, HeaderClass.key);
  }

  /** A class, plus `VARIANT` for another spelling of a name that means something to the gateway. */
  of(name: string): number {
    const known = this.#classes.get(name);
    if (known !== undefined) return known;
    if (name.startsWith(PATH_PARAMETER_PREFIX)) return HeaderClass.drop;
    if (name.startsWith(FORWARDED_PREFIX)) return HeaderClass.forwardedOther;
    if (isPlain(name)) return HeaderClass.pass;
    const folded = this.of(foldedName(name));
    return folded === HeaderClass.pass ? HeaderClass.pass : folded | VARIANT;
  }

  /** Whether a connection option may take the header of its name out of the request. */
  isNameable(option: string): boolean {
    const name = foldedName(option);
    if (NOT_NAMEABLE.has(name) || NOT_NAMEABLE_PREFIXES.some((prefix) => name.startsWith(prefix)))
      return false;
    switch (this.of(name)) {
      case HeaderClass.pass:
      case HeaderClass.connection:
      case HeaderClass.expect:
        return true;
      case HeaderClass.drop:
        return (HOP_BY_HOP_FIELDS as readonly string[]).includes(name);
      default:
        return false;
    }
  }
}

/** Letters, digits and dashes only: no variant of another name. */
function isPlain(name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    const isPlainChar = (code >= 0x61 && code <= 0x7a) || code === 0x2d || (code >= 0x30 && code <= 0x39);
    if (!isPlainChar) return false;
  }
  return true;
}
