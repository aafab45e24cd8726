// The heads of a pool's requests: request line, host, the headers it is given, and the framing. One object for all requests of
// a pool, so that a head costs no allocation but its text: what `write` finds is there until its next call.

import { SLASH } from "../codec/ascii.js";
import { Fields } from "../codec/fields.js";
import { isSendableMethod, requestHeaderText, sharedHeaderText } from "../codec/head-text.js";
import { LastRequestStart } from "./request-start.js";
import type { UpstreamRequest } from "./upstream-client.js";

const NO_SHARED_HEADERS: readonly Fields[] = [];
const NO_FIELDS = new Fields([]);

export class RequestHeadWriter {
  /** What stands in front of `text`, in bytes; null: nothing. */
  start: Uint8Array | null = null;
  /** Request line and headers, with the empty line. */
  text = "";
  /** Lines of the text. */
  lines = 0;
  /** Where the target is in the text; equal: it is in `start`. */
  targetFrom = 0;
  targetTo = 0;

  /** What stands between target and headers of every request. */
  readonly #afterTarget: string;
  readonly #lastStart = new LastRequestStart();

  constructor(hostHeader: string) {
    this.#afterTarget = ` HTTP/1.1\r\nhost: ${hostHeader}`;
  }

  /** @returns false: method, path, length or the name of a header may not be sent. The bytes are looked at when it is sent. */
  write(request: UpstreamRequest): boolean {
    const {
      method,
      path,
      headers,
      sharedHeaders = NO_SHARED_HEADERS,
      fields = NO_FIELDS,
      contentLength,
    } = request;
    const ownLines = requestHeaderText(headers);
    const headerText = sharedHeaderText(fields);
    const framing = framingOf(method, contentLength);
    let lines = (headers.length + fields.list.length) >> 1;
    lines += framing === HEAD_END ? 2 : 3; // of the last line before, and the empty one
    const text = `${headerText ?? ""}${ownLines ?? ""}${framing}`;
    let isValid = headerText !== null && ownLines !== null && isLength(contentLength);
    const start = this.#lastStart.find(method, path, sharedHeaders);
    this.start = start;
    if (start !== null) {
      this.text = text;
      this.lines = lines;
      this.targetFrom = 0;
      this.targetTo = 0;
      return isValid;
    }
    const sharedLines = linesOf(sharedHeaders);
    const startLines = 2 + countOf(sharedHeaders);
    const startText = `${method} ${path}${this.#afterTarget}${sharedLines ?? ""}`;
    isValid &&= sharedLines !== null && isSendableMethod(method) && isTarget(path);
    if (isValid) this.#lastStart.keep(method, path, sharedHeaders, startText, startLines);
    this.text = startText + text;
    this.lines = lines + startLines - 1;
    this.targetFrom = method.length + 1;
    this.targetTo = this.targetFrom + path.length;
    return isValid;
  }
}

const HEAD_END = "\r\n\r\n";

function framingOf(method: string, contentLength: number): string {
  if (contentLength > 0) return `\r\ncontent-length: ${contentLength}${HEAD_END}`;
  if (contentLength < 0) return `\r\ntransfer-encoding: chunked${HEAD_END}`;
  // These usually have a body: say that there is none (RFC 9110 §8.6).
  return method === "POST" || method === "PUT" || method === "PATCH"
    ? `\r\ncontent-length: 0${HEAD_END}`
    : HEAD_END;
}

/** Null when a name is refused. */
function linesOf(sharedHeaders: readonly Fields[]): string | null {
  let text = "";
  for (let i = 0; i < sharedHeaders.length; i++) {
    const lines = sharedHeaderText(sharedHeaders[i]!);
    if (lines === null) return null;
    text += lines;
  }
  return text;
}

function countOf(sharedHeaders: readonly Fields[]): number {
  let count = 0;
  for (let i = 0; i < sharedHeaders.length; i++) count += sharedHeaders[i]!.list.length >> 1;
  return count;
}

/** The rest of the target is looked at byte by byte when it is sent. */
function isTarget(path: string): boolean {
  return path.charCodeAt(0) === SLASH || path === "*";
}

function isLength(length: number): boolean {
  return length === -1 || (Number.isSafeInteger(length) && length >= 0);
}

/** RFC 9110 §9.2.2, of the methods that are sent. */
export function isIdempotent(method: string): boolean {
  return (
    method === "GET" || method === "HEAD" || method === "PUT" || method === "DELETE" || method === "OPTIONS"
  );
}
