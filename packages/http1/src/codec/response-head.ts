// The head of a response as it was read, and the memory of the last one: many origins respond with the same bytes
// again and again (an acknowledgement, and a date that changes once a second), and bytes that are the same need not be
// read twice. Compared whole, so nothing depends on luck.

import { AdmissionFilter } from "./admission-filter.js";
import type { Fields } from "./fields.js";
import { type WordBuffer, wordBuffer } from "./word-buffer.js";

/** A final head (2xx to 5xx). Never changed, and shared by all responses with the same head. */
export interface ResponseHead {
  readonly status: number;
  readonly statusText: string;
  readonly fields: Fields;
  /** -1 when there is none. */
  readonly contentLength: number;
  readonly chunked: boolean;
  /** The connection may serve another request, by its head. */
  readonly persistent: boolean;
  /** Seconds of `Keep-Alive: timeout=`; -1 when not given. */
  readonly keepAliveSeconds: number;
}

/** Longer heads are not kept. */
const HEAD_BYTES_MAX = 1_024;

export class LastResponseHead {
  /** Bytes of the head that is kept; 0: none is. */
  length = 0;
  head: ResponseHead | null = null;
  readonly #kept = wordBuffer(HEAD_BYTES_MAX);
  readonly #admission = new AdmissionFilter();

  /** What was read starts with the head that is kept. */
  isAtStartOf(read: WordBuffer, end: number): boolean {
    const { length } = this;
    if (length === 0 || end < length) return false;
    const { words, bytes } = read;
    const kept = this.#kept;
    const whole = length >> 2;
    for (let i = 0; i < whole; i++) if (words[i] !== kept.words[i]) return false;
    for (let i = whole << 2; i < length; i++) if (bytes[i] !== kept.bytes[i]) return false;
    this.#admission.hit();
    return true;
  }

  /** A head that was read from the first `length` bytes. */
  keep(read: WordBuffer, length: number, head: ResponseHead): void {
    if (!this.#admission.admitsMiss() || length > HEAD_BYTES_MAX) return;
    this.#kept.bytes.set(read.bytes.subarray(0, length));
    this.length = length;
    this.head = head;
  }
}
