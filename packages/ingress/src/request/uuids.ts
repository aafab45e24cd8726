/** HOT. Random UUIDs (RFC 9562, version 4) made in batches: `randomUUID` joins each from twenty texts. */
import { randomFillSync } from "node:crypto";

const LENGTH = 36;
const BATCH = 64;
const HEX = Buffer.from("0123456789abcdef", "latin1");
/** The digit that says which variant it is: 8, 9, a or b. */
const VARIANT_AT = 19;

/** Digits are overwritten, the rest stays. */
const chars = Buffer.from("xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx".repeat(BATCH), "latin1");
const digitsAt = Uint32Array.from([...chars.keys()].filter((i) => chars[i] === "x".charCodeAt(0)));
const digitBytes = Math.ceil(digitsAt.length / 2);
const random = new Uint8Array(digitBytes + BATCH);
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
  randomFillSync(random);
  for (let i = 0; i < digitsAt.length; i++) {
    const byte = random[i >> 1]!;
    chars[digitsAt[i]!] = HEX[(i & 1) === 0 ? byte & 15 : byte >> 4]!;
  }
  for (let i = 0; i < BATCH; i++) chars[i * LENGTH + VARIANT_AT] = HEX[8 | (random[digitBytes + i]! & 3)]!;
  text = chars.toString("latin1");
  at = 0;
}
