/** HOT. W3C Trace Context: a valid `traceparent` goes on, anything else is replaced by a new one (not sampled). */
import type { RandomPool } from "../request/random-pool.js";

const VERSION_00_LENGTH = 55;
const BATCH_BYTES = 24 * 64;
const ID_HEX_LENGTH = 48;

/** Form of version 00 (§3.2.2); a later version may be longer (§3.2.3). Ids of zeros are invalid. */
export function isTraceparent(value: string): boolean {
  if (value.length < VERSION_00_LENGTH) return false;
  if (value.charCodeAt(2) !== 0x2d || value.charCodeAt(35) !== 0x2d || value.charCodeAt(52) !== 0x2d)
    return false;
  if (!isHex(value, 0, 2) || !isHex(value, 3, 35) || !isHex(value, 36, 52) || !isHex(value, 53, 55))
    return false;
  const isVersion00 = value.startsWith("00");
  if (value.startsWith("ff") || (isVersion00 && value.length !== VERSION_00_LENGTH)) return false;
  if (!isVersion00 && value.length > VERSION_00_LENGTH && value.charCodeAt(55) !== 0x2d) return false;
  return !isZeros(value, 3, 35) && !isZeros(value, 36, 52);
}

function isHex(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    if (!((code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x66))) return false;
  }
  return true;
}

function isZeros(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (text.charCodeAt(i) !== 0x30) return false;
  return true;
}

/** Random ids from a batch: made one by one they would cost more than the rest of the header. */
export class TraceIds {
  readonly #random: RandomPool;
  #batch = "";
  #at = 0;

  constructor(random: RandomPool) {
    this.#random = random;
  }

  /** A new `traceparent`. */
  next(): string {
    if (this.#at === this.#batch.length) {
      const from = this.#random.take(BATCH_BYTES);
      this.#batch = this.#random.bytes.toString("hex", from, from + BATCH_BYTES);
      this.#at = 0;
    }
    const at = this.#at;
    this.#at += ID_HEX_LENGTH;
    return `00-${this.#batch.slice(at, at + 32)}-${this.#batch.slice(at + 32, at + 48)}-00`;
  }
}
