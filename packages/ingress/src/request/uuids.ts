/** HOT. Random UUIDs (RFC 9562, version 4) made in batches: `randomUUID` joins each from twenty texts. */
import { randomPool, takeRandom } from "./random-pool.js";

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

/** Digits are overwritten, the dashes stay. */
const chars = Buffer.alloc(LENGTH * BATCH, "-");
let text = "";
let at = 0;

/** A new one. A slice of its batch, which it keeps alive: 2 KiB. */
export function nextUuid(): string {
  if (at === text.length) refill();
  const from = at;
  at += LENGTH;
  return text.slice(from, at);
}

function refill(): void {
  // Locals: an imported binding is read anew in each round of a loop.
  const random = randomPool;
  const to = chars;
  let from = takeRandom(RANDOM_BYTES * BATCH);
  for (let uuid = 0; uuid < LENGTH * BATCH; uuid += LENGTH) {
    for (let i = 0; i < RANDOM_BYTES; i++) {
      const byte = random[from + i]!;
      const digits = uuid + DIGITS_AT[i]!;
      to[digits] = HIGH_DIGIT[byte]!;
      to[digits + 1] = LOW_DIGIT[byte]!;
    }
    to[uuid + VERSION_AT] = VERSION_4;
    to[uuid + VARIANT_AT] = VARIANT_DIGIT[random[from + 8]!]!;
    from += RANDOM_BYTES;
  }
  text = to.toString("latin1");
  at = 0;
}
