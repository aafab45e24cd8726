// What the pool of an origin remembers from the last response: many origins respond with the same bytes again and again (an
// acknowledgement, and a date that changes once a second), and bytes that are the same need not be parsed twice. The handler of
// the responses extends it with what it derives from the head, so that an origin has one memo.

import { AdmissionFilter } from "../codec/admission-filter.js";
import type { ResponseHead } from "../codec/response-head.js";
import { type WordBuffer, wordBuffer } from "../codec/word-buffer.js";

/** Longer heads are not kept. */
const HEAD_BYTES_MAX = 1_024;

export class OriginMemo {
  /**
   * Caches: the final head, as parsed. Bound: one of at most 1 KiB. Invalid: other bytes; compared whole, so nothing depends
   * on a hash. Gain: 9 % of a small GET, with what is derived from it (docs/request-path.md).
   */
  head: ResponseHead | null = null;
  /** Bytes of the head; 0: there is none. */
  length = 0;
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
