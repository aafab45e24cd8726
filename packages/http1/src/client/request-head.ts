// The heads of a pool's requests: request line, host, the headers it is given, and the framing. One object for all requests of
// a pool, so that a head costs no allocation but its text: what `write` finds is there until its next call.

import { SLASH } from "../codec/ascii.js";
import { isSendableMethod, requestHeaderText } from "../codec/head-text.js";
import type { SharedHeaders } from "../codec/shared-headers.js";
import type { UpstreamRequest } from "./upstream-client.js";

const NO_SHARED_HEADERS: readonly SharedHeaders[] = [];

export class RequestHeadWriter {
  /** Request line and headers, with the empty line. */
  text = "";
  /** Lines of the text. */
  lines = 0;
  /** Where the target is in the text. */
  targetFrom = 0;
  targetTo = 0;

  /** What stands between target and headers of every request. */
  readonly #afterTarget: string;

  constructor(hostHeader: string) {
    this.#afterTarget = ` HTTP/1.1\r\nhost: ${hostHeader}`;
  }

  /** @returns false: method, path, length or the name of a header may not be sent. The bytes are looked at when it is sent. */
  write(request: UpstreamRequest): boolean {
    const { method, path, headers, sharedHeaders = NO_SHARED_HEADERS, contentLength, upgrade } = request;
    let headerText: string | null = "";
    let lines = headers.length >> 1;
    for (let i = 0; i < sharedHeaders.length; i++) {
      const { text, list } = sharedHeaders[i]!;
      headerText = text === null || headerText === null ? null : headerText + text;
      lines += list.length >> 1;
    }
    const ownText = requestHeaderText(headers);
    const framing = upgrade === undefined ? framingOf(method, contentLength) : upgradeOf(upgrade);
    // Request line, host, the empty line, and what ends the last one.
    this.lines = lines + (framing === HEAD_END ? 3 : 4) + (upgrade === undefined ? 0 : 1);
    this.targetFrom = method.length + 1;
    this.targetTo = this.targetFrom + path.length;
    this.text = `${method} ${path}${this.#afterTarget}${headerText ?? ""}${ownText ?? ""}${framing}`;
    return (
      headerText !== null &&
      ownText !== null &&
      isLength(contentLength) &&
      isSendableMethod(method) &&
      isTarget(path)
    );
  }
}

const HEAD_END = "\r\n\r\n";

function upgradeOf(protocol: string): string {
  return `\r\nconnection: Upgrade\r\nupgrade: ${protocol}${HEAD_END}`;
}

function framingOf(method: string, contentLength: number): string {
  if (contentLength > 0) return `\r\ncontent-length: ${contentLength}${HEAD_END}`;
  if (contentLength < 0) return `\r\ntransfer-encoding: chunked${HEAD_END}`;
  // These usually have a body: say that there is none (RFC 9110 §8.6).
  return method === "POST" || method === "PUT" || method === "PATCH"
    ? `\r\ncontent-length: 0${HEAD_END}`
    : HEAD_END;
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
