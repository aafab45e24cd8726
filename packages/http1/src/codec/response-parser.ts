// Response heads: status line and Keep-Alive hints (RFC 9112 §4). What body follows depends on the request and
// is decided by `responseBody`. Interim responses are parsed like others; the caller counts and drops them.

import { CR, FIELD_VALUE, LF, NINE, SP, ZERO } from "./ascii.js";
import type { FaultCode } from "./fault.js";
import { FIELD_KEEP_ALIVE } from "./field-name.js";
import { HeadParser } from "./head-parser.js";
import type { ResponseHead } from "./response-head.js";

const HTTP_1 = [0x48, 0x54, 0x54, 0x50, 0x2f, 0x31, 0x2e] as const;
/** `HTTP/1.1 200`: as far as the status line has fixed columns. */
const STATUS_END = 12;

/** No body follows. */
export const BODY_NONE = 0;
/** `contentLength` bytes follow. */
export const BODY_FIXED = 1;
export const BODY_CHUNKED = 2;
/** Everything up to the end of the connection. */
export const BODY_UNTIL_CLOSE = 3;

export class ResponseParser extends HeadParser {
  status = 0;
  statusText = "";
  /** Seconds of `Keep-Alive: timeout=`; -1 when not given. */
  keepAliveSeconds = -1;
  #reasonFrom = 0;
  #reasonTo = 0;

  override reset(): void {
    super.reset();
    this.status = 0;
    this.statusText = "";
    this.keepAliveSeconds = -1;
  }

  protected override parseStartLine(bytes: Buffer, base: number, end: number): boolean {
    for (let i = 0; i < HTTP_1.length; i++) {
      if (base + i >= end) return false;
      if (bytes[base + i] !== HTTP_1[i]) return this.refuse("status_line_malformed");
    }
    if (base + STATUS_END >= end) return false;
    const minor = bytes[base + 7]! - ZERO;
    if (minor !== 1 && minor !== 0) return this.refuse("status_line_malformed");
    this.minorVersion = minor;
    if (bytes[base + 8] !== SP) return this.refuse("status_line_malformed");
    let status = 0;
    for (let i = 9; i < STATUS_END; i++) {
      const byte = bytes[base + i]!;
      if (byte < ZERO || byte > NINE) return this.refuse("status_line_malformed");
      status = status * 10 + byte - ZERO;
    }
    if (status < 100 || status > 599) return this.refuse("status_line_malformed");
    this.status = status;
    let pos = base + STATUS_END;
    // `HTTP/1.1 200 CRLF` without the second space is wrong by the grammar, common, and changes no framing.
    if (bytes[pos] === SP) pos++;
    else if (bytes[pos] !== CR) return this.refuse(lineFault(bytes[pos]!));
    const reason = pos;
    while (pos < end && FIELD_VALUE[bytes[pos]!] === 1) pos++;
    if (pos >= end) return false;
    if (bytes[pos] !== CR) return this.refuse(lineFault(bytes[pos]!));
    if (pos + 1 >= end) return false;
    if (bytes[pos + 1] !== LF) return this.refuse("line_bare_cr");
    this.#reasonFrom = reason - base;
    this.#reasonTo = pos - base;
    this.line = pos + 2 - base;
    return true;
  }

  protected override parseField(kind: number, bytes: Buffer, from: number, to: number): boolean {
    if (kind === FIELD_KEEP_ALIVE) {
      const found = /(?:^|[,;\s])timeout=([0-9]{1,6})(?=$|[,;\s])/i.exec(bytes.toString("latin1", from, to));
      if (found !== null) this.keepAliveSeconds = Number(found[1]);
    }
    return true;
  }

  protected override finish(text: string): boolean {
    this.statusText = this.#reasonTo === this.#reasonFrom ? "" : text.slice(this.#reasonFrom, this.#reasonTo);
    return true;
  }

  /** What was read, to be kept beyond `reset`. */
  toHead(): ResponseHead {
    return {
      status: this.status,
      statusText: this.statusText,
      headers: this.headers,
      contentLength: this.contentLength,
      chunked: this.chunked,
      persistent: !this.connectionClose && (this.minorVersion === 1 || this.connectionKeepAlive),
      keepAliveSeconds: this.keepAliveSeconds,
    };
  }
}

function lineFault(byte: number): FaultCode {
  return byte === LF ? "line_bare_lf" : "status_line_malformed";
}

/** What follows a final response head (RFC 9112 §6.3). */
export function responseBody(head: ResponseHead, toHead: boolean): number {
  const { status } = head;
  if (toHead || status === 204 || status === 304) return BODY_NONE;
  if (status === 101) return BODY_UNTIL_CLOSE; // it has no framing headers (RFC 9110 §15.2.2)
  if (head.chunked) return BODY_CHUNKED;
  if (head.contentLength >= 0) return head.contentLength === 0 ? BODY_NONE : BODY_FIXED;
  return BODY_UNTIL_CLOSE;
}
