/** What the gateway does with each request header. Made once from the configuration; looked up for every line. */

/** Const object instead of an enum: plain numbers in the hot switch. */
export const HeaderClass = {
  /** End-to-end: goes on as it came. */
  pass: 0,
  /** Hop-by-hop (RFC 9110 §7.6.1), framing, or set by the gateway itself. */
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
  /** Other `x-forwarded-*`: only from a trusted proxy. */
  forwardedOther: 11,
  via: 12,
  expect: 13,
  connection: 14,
  contentType: 15,
  authorization: 16,
  maxForwards: 17,
} as const;

export type HeaderClass = (typeof HeaderClass)[keyof typeof HeaderClass];

const DROPPED = [
  "host",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
  "content-length",
  "configcorrelationid",
] as const;

const PATH_PARAMETER_PREFIX = "cx-path-";
const FORWARDED_PREFIX = "x-forwarded-";

export class HeaderClasses {
  readonly #classes = new Map<string, HeaderClass>();

  /** Names in lower case. */
  constructor(keyHeader: string, webhookHeader: string) {
    for (const name of DROPPED) this.#classes.set(name, HeaderClass.drop);
    this.#classes.set("interchangeid", HeaderClass.interchangeId);
    this.#classes.set("traceparent", HeaderClass.traceparent);
    this.#classes.set("tracestate", HeaderClass.tracestate);
    this.#classes.set("x-forwarded-for", HeaderClass.forwardedFor);
    this.#classes.set("x-forwarded-proto", HeaderClass.forwardedProto);
    this.#classes.set("x-forwarded-host", HeaderClass.forwardedHost);
    this.#classes.set("forwarded", HeaderClass.forwarded);
    this.#classes.set("via", HeaderClass.via);
    this.#classes.set("expect", HeaderClass.expect);
    this.#classes.set("connection", HeaderClass.connection);
    this.#classes.set("content-type", HeaderClass.contentType);
    this.#classes.set("authorization", HeaderClass.authorization);
    this.#classes.set("max-forwards", HeaderClass.maxForwards);
    this.#classes.set(webhookHeader, HeaderClass.webhookFlag);
    this.#classes.set(keyHeader, HeaderClass.key);
  }

  /** HOT. */
  of(name: string): HeaderClass {
    const known = this.#classes.get(name);
    if (known !== undefined) return known;
    if (name.startsWith(PATH_PARAMETER_PREFIX)) return HeaderClass.drop;
    if (name.startsWith(FORWARDED_PREFIX)) return HeaderClass.forwardedOther;
    return name.includes("_") ? this.#ofUnderscored(name) : HeaderClass.pass;
  }

  /**
   * CGI-like upstreams read `X_Forwarded_For` and `X-Forwarded-For` as one name: what could pass for a header that
   * the gateway sets, or for the key, does not go on.
   */
  #ofUnderscored(name: string): HeaderClass {
    const dashed = name.replaceAll("_", "-");
    const twin = this.of(dashed);
    const isHarmless =
      twin === HeaderClass.pass || twin === HeaderClass.contentType || twin === HeaderClass.authorization;
    return isHarmless ? HeaderClass.pass : HeaderClass.drop;
  }
}
