/** Header lists towards the integration and back: what the gateway adds, and what never crosses. */
import { GATEWAY_ERROR_FIELD, HOP_BY_HOP_FIELDS, isToken, setsConsoleCookie } from "@latchkey/core";
import { ResponseHeaders } from "@latchkey/http1";
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
  readonly headers: ResponseHeaders;
  readonly #statedLength: string;

  /** @param statedLength empty when there is none */
  constructor(headers: ResponseHeaders, statedLength: string) {
    this.headers = headers;
    this.#statedLength = statedLength;
  }

  /** The value of `Content-Length` of responses without a body, -1 when there is none. A number only where it is asked for. */
  get statedLength(): number {
    const length = Number(this.#statedLength);
    return this.#statedLength !== "" && Number.isSafeInteger(length) ? length : -1;
  }
}

export function endToEndOf(headers: readonly string[]): EndToEndHead {
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
  return new EndToEndHead(new ResponseHeaders(kept), length);
}

/**
 * Appends the forwarding headers, and the gateway itself.
 * @param address of the peer
 * @param pseudonym the gateway, in Via and CDN-Loop
 * @param via the Via that came, or null
 * @param carried what a trusted proxy said of the client
 */
export function pushForwarding(
  headers: string[],
  address: string,
  host: string,
  scheme: string,
  pseudonym: string,
  via: string | null,
  carried: CarriedForwarding | null,
): void {
  const quotedHost = isToken(host) ? host : `"${host}"`; // Host holds neither quotes nor backslashes
  const hostPart = host === "" ? "" : `;host=${quotedHost}`; // HTTP/1.0 may have none
  const element = `${forwardedForOf(address)}${hostPart};proto=${scheme}`;
  const forwarded = carried?.forwarded ?? null;
  const forwardedFor = carried?.forwardedFor ?? null;
  headers.push(
    "forwarded",
    forwarded === null ? element : `${forwarded}, ${element}`,
    "x-forwarded-for",
    forwardedFor === null ? address : `${forwardedFor}, ${address}`,
    "x-forwarded-proto",
    carried?.proto ?? scheme,
  );
  const forwardedHost = carried?.host ?? host;
  if (forwardedHost !== "") headers.push("x-forwarded-host", forwardedHost);
  const own = `1.1 ${pseudonym}`;
  // CDN-Loop is a list: a line of its own goes behind the client's lines, which pass as they came (RFC 8586).
  headers.push("via", via === null ? own : `${via}, ${own}`, "cdn-loop", pseudonym);
}
