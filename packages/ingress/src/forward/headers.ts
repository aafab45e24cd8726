/** HOT. Header lists towards the integration and back: what the gateway adds, and what never crosses. */
import { dropNamed, isPlainConnection } from "./connection-header.js";

/** Hop-by-hop and framing headers of an answer, and what only the gateway may say. */
const NOT_FROM_UPSTREAM = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "content-length",
  "latchkey-error",
]);

/**
 * HOT. Takes out of an answer's list, in place, what does not cross.
 * @returns the value of `Content-Length` for answers without body, -1 when there is none
 */
export function filterResponse(headers: string[]): number {
  let kept = 0;
  let length = -1;
  let connection: string | null = null;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (NOT_FROM_UPSTREAM.has(name)) {
      const value = headers[i + 1] as string;
      if (name === "content-length") length = Number(value);
      else if (name === "connection") connection = connection === null ? value : `${connection}, ${value}`;
      continue;
    }
    if (kept !== i) {
      headers[kept] = name;
      headers[kept + 1] = headers[i + 1] as string;
    }
    kept += 2;
  }
  headers.length = kept;
  if (connection !== null && !isPlainConnection(connection)) dropNamed(headers, connection);
  return Number.isSafeInteger(length) ? length : -1;
}

/** `Forwarded` and `X-Forwarded-*` of a peer; the same for all its requests, so made once. */
export interface PeerForms {
  /** As in X-Forwarded-For. */
  readonly address: string;
  /** `for=192.0.2.1` or `for="[2001:db8::1]"` (RFC 7239 §6). */
  readonly forwardedFor: string;
}

const PEERS_MAX = 10_000;

export class Peers {
  #forms = new Map<string, PeerForms>();

  of(address: string): PeerForms {
    const known = this.#forms.get(address);
    if (known !== undefined) return known;
    if (this.#forms.size >= PEERS_MAX) this.#forms = new Map();
    const forms = {
      address,
      forwardedFor:
        address === "" ? "for=unknown" : address.includes(":") ? `for="[${address}]"` : `for=${address}`,
    };
    this.#forms.set(address, forms);
    return forms;
  }
}

/** What a trusted proxy said of the client; all null when there is none. */
export interface CarriedForwarding {
  readonly forwarded: string | null;
  readonly forwardedFor: string | null;
  readonly forwardedProto: string | null;
  readonly forwardedHost: string | null;
}

/** HOT. Appends the forwarding headers. */
export function pushForwarding(
  headers: string[],
  peer: PeerForms,
  host: string,
  scheme: string,
  carried: CarriedForwarding,
): void {
  const quotedHost = isToken(host) ? host : `"${host}"`; // Host holds neither quotes nor backslashes
  const hostPart = host === "" ? "" : `;host=${quotedHost}`; // HTTP/1.0 may have none
  const element = `${peer.forwardedFor}${hostPart};proto=${scheme}`;
  headers.push(
    "forwarded",
    carried.forwarded === null ? element : `${carried.forwarded}, ${element}`,
    "x-forwarded-for",
    carried.forwardedFor === null ? peer.address : `${carried.forwardedFor}, ${peer.address}`,
    "x-forwarded-proto",
    carried.forwardedProto ?? scheme,
  );
  const forwardedHost = carried.forwardedHost ?? host;
  if (forwardedHost !== "") headers.push("x-forwarded-host", forwardedHost);
}

function isToken(host: string): boolean {
  for (let i = 0; i < host.length; i++) {
    const code = host.charCodeAt(i);
    const isPlain =
      (code >= 0x61 && code <= 0x7a) ||
      (code >= 0x30 && code <= 0x39) ||
      (code >= 0x41 && code <= 0x5a) ||
      code === 0x2e ||
      code === 0x2d;
    if (!isPlain) return false;
  }
  return host.length > 0;
}
