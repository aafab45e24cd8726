/** HOT. Header lists towards the integration and back: what the gateway adds, and what never crosses. */
import { GATEWAY_ERROR_FIELD, HOP_BY_HOP_FIELDS, isToken, setsConsoleCookie } from "@latchkey/core";
import { Fields } from "@latchkey/http1";
import { type CarriedForwarding, forwardedForOf } from "./carried-forwarding.js";
import { connectionOptions, dropNamed, isPlainConnection } from "./connection-header.js";

/** Hop-by-hop and framing headers of a response, and what only the gateway may say. */
const NOT_FROM_UPSTREAM = new Set([
  ...HOP_BY_HOP_FIELDS,
  "connection",
  "transfer-encoding",
  "content-length",
  GATEWAY_ERROR_FIELD,
  "interchangeid",
]);

/** The end-to-end headers of a response. */
export class EndToEndHead {
  readonly fields: Fields;
  readonly #statedLength: string;

  /** @param statedLength empty when there is none */
  constructor(fields: Fields, statedLength: string) {
    this.fields = fields;
    this.#statedLength = statedLength;
  }

  /** The value of `Content-Length` of responses without a body, -1 when there is none. A number only where it is asked for. */
  get statedLength(): number {
    const length = Number(this.#statedLength);
    return this.#statedLength !== "" && Number.isSafeInteger(length) ? length : -1;
  }
}

/** HOT. Made once for lines that come again. */
export function endToEndOf(received: Fields): EndToEndHead {
  const { derived } = received;
  if (derived instanceof EndToEndHead) return derived;
  const head = filterResponse(received.list);
  received.derived = head;
  return head;
}

function filterResponse(headers: readonly string[]): EndToEndHead {
  const kept: string[] = [];
  let length = "";
  let connection: string | null = null;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    const value = headers[i + 1] as string;
    if (!NOT_FROM_UPSTREAM.has(name)) {
      if (name !== "set-cookie" || !setsConsoleCookie(value)) kept.push(name, value);
    } else if (name === "content-length") length = value;
    else if (name === "connection") connection = connection === null ? value : `${connection}, ${value}`;
  }
  if (connection !== null && !isPlainConnection(connection)) dropNamed(kept, connectionOptions(connection));
  return new EndToEndHead(new Fields(kept), length);
}

const PEERS_MAX = 10_000;

/** A peer, and what the gateway tells integrations of it: the same for all its requests to one host, so made once. */
export class Peer {
  /** As in X-Forwarded-For. */
  readonly address: string;
  /** As in Forwarded. */
  readonly forwardedFor: string;
  /** The host of its last request. */
  #host = "";
  #pseudonym = "";
  #fields: Fields | null = null;

  constructor(address: string) {
    this.address = address;
    this.forwardedFor = forwardedForOf(address);
  }

  /** What `pushForwarding` says where no proxy has said anything before. */
  fieldsFor(host: string, scheme: string, pseudonym: string): Fields {
    if (this.#fields !== null && this.#host === host && this.#pseudonym === pseudonym) return this.#fields;
    const list: string[] = [];
    this.#host = Buffer.from(host, "latin1").toString("latin1"); // a slice would keep the head that it is of
    this.#pseudonym = pseudonym;
    pushForwarding(list, this, this.#host, scheme, pseudonym, null, null);
    this.#fields = new Fields(list);
    return this.#fields;
  }
}

export class Peers {
  #known = new Map<string, Peer>();

  of(address: string): Peer {
    const known = this.#known.get(address);
    if (known !== undefined) return known;
    if (this.#known.size >= PEERS_MAX) this.#known = new Map();
    const peer = new Peer(address);
    this.#known.set(address, peer);
    return peer;
  }
}

/**
 * HOT. Appends the forwarding headers, and the gateway itself.
 * @param pseudonym the gateway, in Via and CDN-Loop
 * @param via the Via that came, or null
 * @param carried what a trusted proxy said of the client
 */
export function pushForwarding(
  headers: string[],
  peer: Peer,
  host: string,
  scheme: string,
  pseudonym: string,
  via: string | null,
  carried: CarriedForwarding | null,
): void {
  const quotedHost = isToken(host) ? host : `"${host}"`; // Host holds neither quotes nor backslashes
  const hostPart = host === "" ? "" : `;host=${quotedHost}`; // HTTP/1.0 may have none
  const element = `${peer.forwardedFor}${hostPart};proto=${scheme}`;
  const forwarded = carried?.forwarded ?? null;
  const forwardedFor = carried?.forwardedFor ?? null;
  headers.push(
    "forwarded",
    forwarded === null ? element : `${forwarded}, ${element}`,
    "x-forwarded-for",
    forwardedFor === null ? peer.address : `${forwardedFor}, ${peer.address}`,
    "x-forwarded-proto",
    carried?.proto ?? scheme,
  );
  const forwardedHost = carried?.host ?? host;
  if (forwardedHost !== "") headers.push("x-forwarded-host", forwardedHost);
  const own = `1.1 ${pseudonym}`;
  // CDN-Loop is a list: a line of its own goes behind the client's lines, which pass as they came (RFC 8586).
  headers.push("via", via === null ? own : `${via}, ${own}`, "cdn-loop", pseudonym);
}
