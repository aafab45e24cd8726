// Request heads: method, target in its four forms, version, Host, Expect (RFC 9112 §3, RFC 9110 §7.2, §10.1.1).
// Decides what is refused; responding is the server's. Does not decode or normalise paths.

import { ASTERISK, CR, LF, PATH, QUERY, QUESTION, SLASH, SP, TOKEN_LOWER } from "./ascii.js";
import { isAuthority } from "./authority.js";
import type { FaultCode } from "./fault.js";
import { FIELD_EXPECT, FIELD_HOST } from "./field-name.js";
import { HEAD_INCOMPLETE, HEAD_REFUSED, type HeadLimits, HeadParser } from "./head-parser.js";
import type { HeaderBlock } from "./header-block.js";
import { LastBytes } from "./last-bytes.js";

export interface RequestRules extends HeadLimits {
  /** Let CONNECT through (with an authority-form target). */
  readonly allowConnect: boolean;
  /** Let TRACE through. */
  readonly allowTrace: boolean;
}

/** `HTTP/1.` */
const HTTP_1 = [0x48, 0x54, 0x54, 0x50, 0x2f, 0x31, 0x2e] as const;
const VERSION_LENGTH = 8;
/** Longer than any registered method (RFC 9112 §3). */
const METHOD_BYTES_MAX = 32;

export class RequestParser extends HeadParser {
  method = "";
  /** Path as sent: origin-form's, absolute-form's (`/` when it has none), `*`, or CONNECT's authority. */
  path = "";
  /** What follows the first `?`, without it. */
  query = "";
  /** Host and port: of an absolute-form target, else of `Host`; empty for HTTP/1.0 without Host. */
  host = "";
  /** `100-continue` is waited for. */
  expectContinue = false;

  /** Of the last request. */
  readonly #lastBlock: LastBytes<HeaderBlock>;
  readonly #rules: RequestRules;
  #methodEnd = 0;
  #targetStart = 0;
  #targetEnd = 0;
  #queryMark = -1;
  #hostField = -1;
  #leadingLine = false;

  /** @param lastBlock the header block that this parser read last: filled here, and given up by its owner */
  constructor(rules: RequestRules, lastBlock = new LastBytes<HeaderBlock>()) {
    super(rules);
    this.#rules = rules;
    this.#lastBlock = lastBlock;
  }

  override reset(): void {
    super.reset();
    this.method = "";
    this.path = "";
    this.query = "";
    this.host = "";
    this.expectContinue = false;
    this.#queryMark = -1;
    this.#hostField = -1;
    this.#leadingLine = false;
  }

  protected override startLineTooLong(): FaultCode {
    return "target_too_long";
  }

  protected override parseStartLine(bytes: Buffer, base: number, end: number): boolean {
    let pos = base + this.line;
    if (pos < end && bytes[pos] === CR && !this.#leadingLine) {
      // One empty line before the request line is let pass (RFC 9112 §2.2): some clients send it after a POST.
      if (pos + 1 >= end) return false;
      if (bytes[pos + 1] !== LF) return this.refuse("line_bare_cr");
      this.#leadingLine = true;
      pos += 2;
      this.line += 2;
    }
    const start = pos;
    while (pos < end && TOKEN_LOWER[bytes[pos]!] !== 0) pos++;
    if (pos - start > METHOD_BYTES_MAX) return this.refuse("method_refused");
    if (pos >= end) return false;
    if (bytes[pos] !== SP || pos === start) {
      return this.refuse(
        pos === start ? "request_line_malformed" : lineFault(bytes[pos]!, "method_malformed"),
      );
    }
    const methodEnd = pos++;
    const targetStart = pos;
    const path = PATH;
    while (pos < end && path[bytes[pos]!] === 1) pos++;
    let queryMark = -1;
    if (pos < end && bytes[pos] === QUESTION) {
      queryMark = pos++;
      while (pos < end && QUERY[bytes[pos]!] === 1) pos++;
    }
    if (pos - targetStart > this.limits.targetBytesMax) return this.refuse("target_too_long");
    if (pos >= end) return false;
    if (bytes[pos] !== SP) {
      const byte = bytes[pos]!;
      // `GET /path CRLF` is HTTP/0.9.
      if (byte === CR || byte === LF) return this.refuse("request_line_malformed");
      return this.refuse(queryMark < 0 ? "path_unencoded" : "query_unencoded");
    }
    if (pos === targetStart) return this.refuse("request_line_malformed");
    const targetEnd = pos++;
    if (!this.#parseVersion(bytes, pos, end)) return false;
    pos += VERSION_LENGTH;
    if (pos >= end) return false;
    if (bytes[pos] !== CR) return this.refuse(lineFault(bytes[pos]!, "version_malformed"));
    if (pos + 1 >= end) return false;
    if (bytes[pos + 1] !== LF) return this.refuse("line_bare_cr");
    this.#methodEnd = methodEnd - base;
    this.#targetStart = targetStart - base;
    this.#targetEnd = targetEnd - base;
    this.#queryMark = queryMark < 0 ? -1 : queryMark - base;
    this.line = pos + 2 - base;
    return true;
  }

  /** False with a fault, or false without one when bytes are missing. */
  #parseVersion(bytes: Buffer, pos: number, end: number): boolean {
    for (let i = 0; i < HTTP_1.length; i++) {
      if (pos + i >= end) return false;
      if (bytes[pos + i] !== HTTP_1[i]) return this.#refuseVersion(bytes, pos, end);
    }
    if (pos + 7 >= end) return false;
    const minor = bytes[pos + 7]! - 0x30;
    if (minor !== 1 && minor !== 0) return this.#refuseVersion(bytes, pos, end);
    this.minorVersion = minor;
    return true;
  }

  #refuseVersion(bytes: Buffer, pos: number, end: number): boolean {
    const text = bytes.toString("latin1", pos, Math.min(end, pos + VERSION_LENGTH));
    if (/^HTTP\/[0-9]\.[0-9]$/.test(text)) return this.refuse("version_unsupported");
    // It may still become `HTTP/2.0`.
    const open = "HTTP/0.0".slice(0, text.length).replaceAll("0", "[0-9]").replaceAll(".", "\\.");
    if (text.length < VERSION_LENGTH && new RegExp(`^${open}$`).test(text)) return false;
    return this.refuse(/[\r\n]/.test(text.charAt(0)) ? "request_line_malformed" : "version_malformed");
  }

  protected override parseField(kind: number, bytes: Buffer, from: number, to: number): boolean {
    if (kind === FIELD_HOST) {
      if (this.#hostField >= 0) return this.refuse("host_repeated");
      if (!isAuthority(bytes, from, to)) return this.refuse("host_malformed");
      this.#hostField = this.fieldCount - 1;
      return true;
    }
    if (kind === FIELD_EXPECT) {
      // An HTTP/1.0 client's expectation is ignored (RFC 9110 §10.1.1).
      if (this.minorVersion === 0) return true;
      if (bytes.toString("latin1", from, to).toLowerCase() !== "100-continue") {
        return this.refuse("expectation_unsupported");
      }
      this.expectContinue = true;
    }
    return true;
  }

  protected override recall(bytes: Buffer, base: number, from: number, end: number): number {
    if (this.minorVersion === 0) return HEAD_INCOMPLETE; // some lines mean something else there
    const after = this.#lastBlock.find(bytes, from, end);
    if (after < 0) return HEAD_INCOMPLETE;
    const block = this.#lastBlock.value!;
    this.headers = block.headers;
    this.contentLength = block.contentLength;
    this.chunked = block.chunked;
    this.connectionClose = block.connectionClose;
    this.connectionKeepAlive = block.connectionKeepAlive;
    this.connectionNames = block.connectionNames;
    this.expectContinue = block.expectContinue;
    this.#hostField = block.hostField;
    return this.finish(bytes.toString("latin1", base, from)) ? after : HEAD_REFUSED;
  }

  protected override keep(bytes: Buffer, from: number, to: number): void {
    if (this.minorVersion === 0) return;
    if (this.#lastBlock.keep(bytes, from, to)) this.#lastBlock.value = this.#toBlock();
  }

  /** What was read, to be kept beyond `reset`. */
  #toBlock(): HeaderBlock {
    return {
      headers: this.headers,
      contentLength: this.contentLength,
      chunked: this.chunked,
      connectionClose: this.connectionClose,
      connectionKeepAlive: this.connectionKeepAlive,
      connectionNames: this.connectionNames,
      expectContinue: this.expectContinue,
      hostField: this.#hostField,
    };
  }

  /** @param text starts with the request line */
  protected override finish(text: string): boolean {
    const method = methodAt(text, this.#leadingLine ? 2 : 0, this.#methodEnd);
    this.method = method;
    if (this.#hostField >= 0) this.host = this.headers[this.#hostField * 2 + 1]!;
    else if (this.minorVersion === 1) return this.refuse("host_missing");
    const targetStart = this.#targetStart;
    const targetEnd = this.#targetEnd;
    if (method === "CONNECT") return this.#finishConnect(text);
    if (method === "TRACE" && !this.#rules.allowTrace) return this.refuse("method_refused");
    const first = text.charCodeAt(targetStart);
    if (first === SLASH) {
      this.#split(text, targetStart, targetEnd);
      return true;
    }
    if (first === ASTERISK) {
      if (targetEnd - targetStart !== 1 || method !== "OPTIONS") return this.refuse("target_malformed");
      this.path = "*";
      return true;
    }
    return this.#finishAbsolute(text);
  }

  #split(text: string, from: number, to: number): void {
    const mark = this.#queryMark;
    if (mark < 0) {
      this.path = text.slice(from, to);
    } else {
      this.path = text.slice(from, mark);
      this.query = text.slice(mark + 1, to);
    }
  }

  #finishConnect(text: string): boolean {
    if (!this.#rules.allowConnect) return this.refuse("method_refused");
    const authority = text.slice(this.#targetStart, this.#targetEnd);
    // authority-form always has a port (RFC 9112 §3.2.3).
    if (this.#queryMark >= 0 || !/:[0-9]+$/.test(authority)) return this.refuse("target_malformed");
    const bytes = Buffer.from(authority, "latin1");
    if (!isAuthority(bytes, 0, bytes.length)) return this.refuse("target_malformed");
    this.path = authority;
    this.host = authority;
    return true;
  }

  /** `http://host:port/path?query`: its authority replaces Host (RFC 9112 §3.2.2). */
  #finishAbsolute(text: string): boolean {
    const target = text.slice(this.#targetStart, this.#targetEnd);
    const scheme = /^https?:\/\//i.exec(target);
    if (scheme === null) return this.refuse("target_malformed");
    const from = scheme[0].length;
    let to = from;
    while (to < target.length && target[to] !== "/" && target[to] !== "?") to++;
    const authority = target.slice(from, to);
    const bytes = Buffer.from(authority, "latin1");
    if (!isAuthority(bytes, 0, bytes.length)) return this.refuse("target_malformed");
    this.host = authority;
    const mark = target.indexOf("?", to);
    const path = target.slice(to, mark < 0 ? target.length : mark);
    // No path: `*` for OPTIONS (RFC 9112 §3.2.4), `/` for everything else.
    this.path = path !== "" ? path : this.method === "OPTIONS" && mark < 0 ? "*" : "/";
    if (mark >= 0) this.query = target.slice(mark + 1);
    return true;
  }
}

/** By length. Texts that are the same object compare without a look at their characters. */
const METHODS: readonly (readonly string[])[] = [
  [],
  [],
  [],
  ["GET", "PUT"],
  ["POST", "HEAD"],
  ["PATCH", "TRACE"],
  ["DELETE"],
  ["OPTIONS", "CONNECT"],
];

function methodAt(text: string, from: number, to: number): string {
  const length = to - from;
  if (length < METHODS.length) {
    const methods = METHODS[length]!;
    for (let i = 0; i < methods.length; i++) if (text.startsWith(methods[i]!, from)) return methods[i]!;
  }
  return text.slice(from, to);
}

function lineFault(byte: number, otherwise: FaultCode): FaultCode {
  return byte === CR || byte === LF ? "request_line_malformed" : otherwise;
}
