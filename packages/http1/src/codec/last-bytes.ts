// Caches the last bytes of a kind on a connection: most clients send the same ones again and
// again. Compared whole, so nothing depends on luck.

import { AdmissionFilter } from "./admission-filter.js";
import { LF } from "./ascii.js";
import { type WordBuffer, wordBuffer } from "./word-buffer.js";

/** Longer ones are not kept. */
const BYTES_MAX = 1_024;
const IS_LITTLE_ENDIAN = new Uint8Array(Int32Array.of(1).buffer)[0] === 1;
/** A connection that asks less often keeps nothing: it would be memory for little. */
const KEPT_TICKS = 20;

/** @typeParam T what the bytes say */
export class LastBytes<T = unknown> {
  /** Of the bytes that are kept; set by who keeps them. */
  value: T | null = null;
  /** Where the bytes are; made once, since memory outside of V8's heap costs as much as a request does. */
  #memory: WordBuffer | null = null;
  /** 0: nothing is kept. */
  #length = 0;
  /** Where bytes most often stand that are looked for: they are compared by words. */
  readonly #shared: WordBuffer | null;
  readonly #admission = new AdmissionFilter();
  #isFirst = true;
  #ticksLeft = 0;

  constructor(shared: WordBuffer | null = null) {
    this.#shared = shared;
  }

  /**
   * Looks whether the bytes that are kept stand at `from`, whole.
   * Takes as long wherever the first difference is: a credential may be in them, and a proxy's connection is of many
   * clients.
   * @returns the offset behind them, or -1
   */
  find(bytes: Buffer, from: number, end: number): number {
    const length = this.#length;
    const after = from + length;
    if (length === 0 || after > end || bytes[after - 1] !== LF) return -1;
    const kept = this.#memory!;
    const shared = this.#shared;
    let whole = 0;
    let difference = 0;
    if (shared !== null && bytes === shared.bytes && IS_LITTLE_ENDIAN) {
      whole = length >> 2;
      difference = wordDifference(shared.words, from, kept.words, whole);
    }
    for (let i = whole << 2; i < length; i++) difference |= bytes[from + i]! ^ kept.bytes[i]!;
    if (difference !== 0) return -1;
    this.#admission.hit();
    this.#ticksLeft = KEPT_TICKS;
    return after;
  }

  /**
   * Bytes that were not found, the last of them a line feed. The first ones of a connection are not kept: many are
   * the last.
   * @returns whether they are kept, and what they say is to be set; if not, none are any more
   */
  keep(bytes: Buffer, from: number, to: number): boolean {
    const length = to - from;
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    if (isFirst || !this.#admission.admitsMiss() || length > BYTES_MAX) {
      this.#forget();
      return false;
    }
    let memory = this.#memory;
    if (memory === null || memory.bytes.length < length) memory = wordBuffer((length + 31) & ~31);
    bytes.copy(memory.bytes, 0, from, to);
    this.#memory = memory;
    this.#length = length;
    this.#ticksLeft = KEPT_TICKS;
    return true;
  }

  get isEmpty(): boolean {
    return this.#memory === null;
  }

  /** Called with each tick. */
  age(): void {
    if (this.#memory === null || --this.#ticksLeft >= 0) return;
    this.#memory = null;
    this.#forget();
  }

  #forget(): void {
    this.#length = 0;
    this.value = null;
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
