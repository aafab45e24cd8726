// The text of outgoing heads: headers from a flat list, with each name checked once and cached. Refuses
// names that are no tokens or that belong to the framing. Values are checked on the wire by `SocketWriter.writeHead`.

import { isToken } from "@latchkey/core";

/** Written by the codec itself, never taken from a list. */
const OWN: ReadonlySet<string> = new Set([
  "content-length",
  "transfer-encoding",
  "connection",
  "keep-alive",
  "proxy-connection",
  "upgrade",
  "te",
  "trailer",
]);
const OWN_OF_REQUESTS: ReadonlySet<string> = new Set(["host", "expect"]);
/** Names cached for each side. A gateway sends a few hundred; names from clients must not grow it without bound. */
const CACHED_MAX = 2_048;
const NAME_CACHED_MAX = 64;

/** Writes the headers of one side and caches what names become. */
class HeaderWriter {
  readonly #refused: ReadonlySet<string>;
  /** Name → `CRLF name: `. */
  readonly #prefixes = new Map<string, string>();

  /** @param refused names that may not be sent, in lower case */
  constructor(refused: ReadonlySet<string>) {
    this.#refused = refused;
  }

  /**
   * Headers, each with its line end in front; null when a name is refused.
   * The result is a rope of the parts: cheap to make, flattened once when it is written.
   */
  text(headers: readonly string[]): string | null {
    let text = "";
    for (let i = 0; i + 1 < headers.length; i += 2) {
      const name = headers[i]!;
      const prefix = this.#prefixes.get(name) ?? this.#newPrefix(name);
      if (prefix === null) return null;
      text += prefix + headers[i + 1]!;
    }
    return text;
  }

  #newPrefix(name: string): string | null {
    if (!isToken(name) || this.#refused.has(name.toLowerCase())) return null;
    const prefix = `\r\n${name}: `;
    if (name.length <= NAME_CACHED_MAX && this.#prefixes.size < CACHED_MAX) this.#prefixes.set(name, prefix);
    return prefix;
  }
}

const requestHeaders = new HeaderWriter(new Set([...OWN, ...OWN_OF_REQUESTS]));
const responseHeaders = new HeaderWriter(OWN);

export function requestHeaderText(fields: readonly string[]): string | null {
  return requestHeaders.text(fields);
}

/** The same text in one piece: a rope of parts is walked through at each use. */
export function flatText(text: string): string {
  return Buffer.from(text, "latin1").toString("latin1");
}

export function responseHeaderText(fields: readonly string[]): string | null {
  return responseHeaders.text(fields);
}

const methods: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

export function isSendableMethod(method: string): boolean {
  return methods.has(method) || (isToken(method) && method !== "CONNECT");
}

/** True when a response with this status has no body whatever its headers say (RFC 9110 §6.4.1). */
export function isBodiless(method: string, status: number): boolean {
  return method === "HEAD" || status === 204 || status === 304;
}
