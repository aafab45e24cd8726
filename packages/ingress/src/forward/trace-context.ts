/** New ids of W3C Trace Context, for a request without a valid `traceparent` (not sampled). */
import type { RandomPool } from "../request/random-pool.js";

const BATCH_BYTES = 24 * 64;
const ID_HEX_LENGTH = 48;

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
