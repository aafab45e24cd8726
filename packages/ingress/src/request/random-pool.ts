/** Random bytes from a pool: a call of the generator costs as much as a thousand bytes of it. */
import { randomFillSync } from "node:crypto";

const POOL_BYTES = 16_384;

export class RandomPool {
  readonly bytes: Buffer = Buffer.allocUnsafeSlow(POOL_BYTES);
  #at = POOL_BYTES;

  /** Where the next `count` unused bytes begin; they are the caller's until the next call. At most 4 KiB. */
  take(count: number): number {
    if (this.#at + count > POOL_BYTES) {
      randomFillSync(this.bytes);
      this.#at = 0;
    }
    const from = this.#at;
    this.#at += count;
    return from;
  }
}
