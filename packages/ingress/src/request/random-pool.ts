/** HOT. Random bytes from a pool: a call of the generator costs as much as a thousand bytes of it. */
import { randomFillSync } from "node:crypto";

const POOL_BYTES = 16_384;

export const randomPool: Buffer = Buffer.allocUnsafeSlow(POOL_BYTES);
let at = POOL_BYTES;

/** Where the next `count` unused bytes of the pool begin; they are the caller's until the next call. At most 4 KiB. */
export function takeRandom(count: number): number {
  if (at + count > POOL_BYTES) {
    randomFillSync(randomPool);
    at = 0;
  }
  const from = at;
  at += count;
  return from;
}
