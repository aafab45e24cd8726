// HOT. The field section of a request as it was read, and the memory of the last one of a connection: a client that
// goes on asking says the same lines again and again, behind another request line. Compared whole, so nothing depends
// on luck.

import { arrivals, arrivalWords, type WordBuffer, wordBuffer } from "./arrivals.js";
import { LF } from "./ascii.js";
import type { Fields } from "./fields.js";
import { Novelty } from "./novelty.js";

/** What the field section of an HTTP/1.1 request says. Never changed, and shared by all requests that say the same. */
export interface FieldSection {
  readonly fields: Fields;
  /** -1 when there is none. */
  readonly contentLength: number;
  readonly chunked: boolean;
  readonly connectionClose: boolean;
  readonly connectionKeepAlive: boolean;
  readonly connectionNames: readonly string[];
  readonly expectContinue: boolean;
  /** Index of the field `Host`; -1 when there is none. */
  readonly hostField: number;
}

/** Longer sections are not kept. */
const SECTION_BYTES_MAX = 1_024;
const IS_LITTLE_ENDIAN = new Uint8Array(Int32Array.of(1).buffer)[0] === 1;
/** A connection that asks less often keeps nothing: it would be memory for little. */
const KEPT_TICKS = 20;

export class LastFieldSection {
  section: FieldSection | null = null;
  /** The bytes of the section, and behind them zeros up to a whole word. */
  #kept: WordBuffer | null = null;
  #length = 0;
  readonly #novelty = new Novelty();
  #isFirst = true;
  #ticksLeft = 0;

  /**
   * Looks whether the section that is kept stands at `from`, whole.
   * Takes as long wherever the first difference is: a credential is in it, and a proxy's connection is of many clients.
   * @returns the offset behind it, or -1
   */
  find(bytes: Buffer, from: number, end: number): number {
    const kept = this.#kept;
    if (kept === null) return -1;
    const length = this.#length;
    const after = from + length;
    if (after > end || bytes[after - 1] !== LF) return -1;
    const whole = bytes === arrivals && IS_LITTLE_ENDIAN ? length >> 2 : 0;
    let difference = wordDifference(arrivalWords, from, kept.words, whole);
    for (let i = whole << 2; i < length; i++) difference |= bytes[from + i]! ^ kept.bytes[i]!;
    if (difference !== 0) return -1;
    this.#novelty.metAgain();
    this.#ticksLeft = KEPT_TICKS;
    return after;
  }

  /** A section that was read from `bytes[from, to)`. The first one of a connection is not kept: many are the last. */
  keep(bytes: Buffer, from: number, to: number, read: { toSection(): FieldSection }): void {
    const length = to - from;
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    if (isFirst || !this.#novelty.isWorthKeeping() || length > SECTION_BYTES_MAX) {
      this.#forget();
      return;
    }
    let kept = this.#kept;
    if (kept === null || kept.bytes.length < length) kept = wordBuffer((length + 3) & ~3);
    bytes.copy(kept.bytes, 0, from, to);
    this.#kept = kept;
    this.#length = length;
    this.section = read.toSection();
    this.#ticksLeft = KEPT_TICKS;
  }

  /** Called with each tick. */
  age(): void {
    if (this.#kept !== null && --this.#ticksLeft < 0) this.#forget();
  }

  #forget(): void {
    this.#kept = null;
    this.section = null;
  }
}

/** 0: the first `count` words of `kept` stand at the byte `from` of `words`. */
function wordDifference(words: Int32Array, from: number, kept: Int32Array, count: number): number {
  let difference = 0;
  let at = from >> 2;
  const shift = (from & 3) << 3;
  if (shift === 0) {
    for (let i = 0; i < count; i++) difference |= words[at + i]! ^ kept[i]!;
    return difference;
  }
  let low = words[at]!;
  for (let i = 0; i < count; i++) {
    const high = words[++at]!;
    difference |= ((low >>> shift) | (high << (32 - shift))) ^ kept[i]!;
    low = high;
  }
  return difference;
}
