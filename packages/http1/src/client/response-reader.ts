// Reads one response after the other from what a connection has received: interim heads, the final head, and the body out
// of its framing. Knows no sockets and no time; reports faults, and fails nothing.

import { BodyDecoder, type BodyLimits } from "../codec/body-decoder.js";
import type { FaultCode } from "../codec/fault.js";
import { HEAD_INCOMPLETE, HEAD_REFUSED, type HeadLimits } from "../codec/head-parser.js";
import type { ResponseHead } from "../codec/response-head.js";
import {
  BODY_CHUNKED,
  BODY_FIXED,
  BODY_NONE,
  BODY_UNTIL_CLOSE,
  ResponseParser,
  responseBody,
} from "../codec/response-parser.js";
import type { WordBuffer } from "../codec/word-buffer.js";
import type { OriginMemo } from "./origin-memo.js";
import type { UpstreamErrorCode } from "./upstream-client.js";

export interface ResponseLimits {
  readonly headLimits: HeadLimits;
  readonly bodyLimits: BodyLimits;
  readonly interimResponsesMax: number;
}

const EVENT_STREAM = "text/event-stream";

export class ResponseReader {
  /** Why the response was refused. */
  fault: FaultCode | null = null;
  /** The final head; null before it is complete. */
  head: ResponseHead | null = null;
  /** Bytes of heads that have come, interim ones included. */
  headBytes = 0;
  readonly body: BodyDecoder;

  readonly #memory: WordBuffer;
  readonly #limits: ResponseLimits;
  readonly #memo: OriginMemo;
  readonly #parser: ResponseParser;
  #framing = BODY_NONE;
  #interims = 0;
  /** 101 is a final head. */
  #mayUpgrade = false;

  /** @param memory what is received, from its start */
  constructor(memory: WordBuffer, limits: ResponseLimits, memo: OriginMemo) {
    this.#memory = memory;
    this.#limits = limits;
    this.#memo = memo;
    this.#parser = new ResponseParser(limits.headLimits);
    this.body = new BodyDecoder(limits.bodyLimits);
  }

  /** A request is sent: what is received from now on is its response. */
  start(mayUpgrade: boolean): void {
    this.#mayUpgrade = mayUpgrade;
    this.head = null;
    this.headBytes = 0;
    this.#interims = 0;
  }

  get hasBody(): boolean {
    return this.#framing !== BODY_NONE;
  }

  /** The end of the connection is the end of the body. */
  get endsByClose(): boolean {
    return this.#framing === BODY_UNTIL_CLOSE;
  }

  /** 101: what follows is no HTTP. */
  get isUpgraded(): boolean {
    return this.head!.status === 101;
  }

  /** `text/event-stream`: long silence is normal. */
  get isEventStream(): boolean {
    const { headers } = this.head!;
    for (let i = 0; i < headers.length; i += 2)
      if (headers[i] === "content-type")
        return headers[i + 1]!.slice(0, EVENT_STREAM.length).toLowerCase() === EVENT_STREAM;
    return false;
  }

  /**
   * Reads heads up to the final one.
   * @returns the offset behind it, `HEAD_INCOMPLETE`, or `HEAD_REFUSED`
   */
  readHead(end: number): number {
    const memo = this.#memo;
    const isFirst = this.headBytes === 0;
    if (isFirst && memo.isAtStartOf(this.#memory, end)) {
      this.headBytes = memo.length;
      this.head = memo.head;
      return memo.length;
    }
    const pos = this.#parseHeads(end);
    if (pos < 0) return pos;
    const head = this.#parser.toHead();
    this.#parser.reset();
    if (isFirst && pos === this.headBytes && this.#interims === 0 && head.status !== 101)
      memo.keep(this.#memory, pos, head);
    this.head = head;
    return pos;
  }

  #parseHeads(end: number): number {
    const parser = this.#parser;
    const { bytes } = this.#memory;
    let pos = 0;
    for (;;) {
      const after = parser.parse(bytes, pos, end);
      if (after === HEAD_REFUSED) {
        this.headBytes += end - pos;
        return this.#refuse(parser.fault!);
      }
      this.headBytes += (after === HEAD_INCOMPLETE ? end : after) - pos;
      if (this.headBytes > this.#limits.headLimits.headBytesMax) return this.#refuse("head_too_large");
      if (after === HEAD_INCOMPLETE) return after;
      pos = after;
      if (parser.status >= 200) return pos;
      if (parser.status === 101) return this.#mayUpgrade ? pos : this.#refuse("upgrade_unasked");
      if (++this.#interims > this.#limits.interimResponsesMax) return this.#refuse("interim_too_many");
      parser.reset();
      if (pos === end) return HEAD_INCOMPLETE;
    }
  }

  #refuse(fault: FaultCode): number {
    this.fault = fault;
    return HEAD_REFUSED;
  }

  /**
   * The body behind the final head.
   * @param toHead the request was HEAD
   * @returns its length, 0 for none, -1 when it is not known before its end
   */
  startBody(toHead: boolean): number {
    const head = this.head!;
    const framing = responseBody(head, toHead);
    this.#framing = framing;
    if (framing === BODY_NONE) return 0;
    if (framing === BODY_FIXED) {
      this.body.startFixed(head.contentLength);
      this.fault = this.body.fault;
      return head.contentLength;
    }
    if (framing === BODY_CHUNKED) this.body.startChunked();
    else this.body.startUntilClose();
    return -1;
  }
}

/** What a response with this fault is to the request. */
export function codeOfResponseFault(fault: FaultCode): UpstreamErrorCode {
  if (fault === "head_too_large" || fault === "fields_too_many" || fault === "interim_too_many")
    return "response_head_too_large";
  return fault === "upgrade_unasked" ? "response_upgrade" : "response_malformed";
}
