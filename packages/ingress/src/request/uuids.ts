/** Random UUIDs (RFC 9562, version 4) made in batches: `randomUUID` joins each from twenty texts. */
import type { RandomPool } from "./random-pool.js";

const LENGTH = 36;
const RANDOM_BYTES = 16;
const BATCH = 64;
/** Where the two digits of each byte stand. */
const DIGITS_AT = Uint8Array.of(0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34);
/** The digit that says which version it is. */
const VERSION_AT = 14;
const VERSION_4 = 0x34;
/** The digit that says which variant it is: 8, 9, a or b. */
const VARIANT_AT = 19;

const DIGITS = Buffer.from("0123456789abcdef", "latin1");
const HIGH_DIGIT = Uint8Array.from({ length: 256 }, (_, byte) => DIGITS[byte >> 4]!);
const LOW_DIGIT = Uint8Array.from({ length: 256 }, (_, byte) => DIGITS[byte & 15]!);
const VARIANT_DIGIT = Uint8Array.from({ length: 256 }, (_, byte) => DIGITS[8 | (byte >> 6)]!);

export class Uuids {
  readonly #random: RandomPool;
  /** Digits are overwritten, the dashes stay. */
  readonly #chars = Buffer.alloc(LENGTH * BATCH, "-");
  #text = "";
  #at = 0;

  constructor(random: RandomPool) {
    this.#random = random;
  }

  /** A new one. A slice of its batch, which it keeps alive: 2 KiB. */
  next(): string {
    if (this.#at === this.#text.length) this.#refill();
    const from = this.#at;
    this.#at += LENGTH;
    return this.#text.slice(from, this.#at);
  }

  #refill(): void {
    const random = this.#random.bytes;
    const chars = this.#chars;
    let from = this.#random.take(RANDOM_BYTES * BATCH);
    for (let uuid = 0; uuid < LENGTH * BATCH; uuid += LENGTH) {
      for (let i = 0; i < RANDOM_BYTES; i++) {
        const byte = random[from + i]!;
        const digits = uuid + DIGITS_AT[i]!;
        chars[digits] = HIGH_DIGIT[byte]!;
        chars[digits + 1] = LOW_DIGIT[byte]!;
      }
      chars[uuid + VERSION_AT] = VERSION_4;
      chars[uuid + VARIANT_AT] = VARIANT_DIGIT[random[from + 8]!]!;
      from += RANDOM_BYTES;
    }
    this.#text = chars.toString("latin1");
    this.#at = 0;
  }
}
