/** The bytes that transfers carry: the same for a length everywhere, no two blocks alike, cut into pieces of many sizes. */
import { createHash } from "node:crypto";

const BLOCK = 1_048_573; // a prime: pieces never line up with what buffers and records take
const PIECES = [65_536, 16_384, 1, 100_000, 7, 16_385, 1_460, 262_144];

/** @type {Buffer | null} */
let block = null;

function theBlock() {
  if (block !== null) return block;
  block = Buffer.alloc(BLOCK);
  for (let at = 0, state = 1; at < BLOCK; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    block[at] = state >>> 16;
  }
  return block;
}

/** Views of memory that is not written any more. */
export function* pieces(bytes) {
  const source = theBlock();
  for (let sent = 0, turn = 0; sent < bytes; turn++) {
    const at = sent % BLOCK;
    const size = Math.min(PIECES[turn % PIECES.length], bytes - sent, BLOCK - at);
    yield source.subarray(at, at + size);
    sent += size;
  }
}

export function digestOf(bytes) {
  const hash = createHash("sha256");
  const source = theBlock();
  for (let left = bytes; left > 0; left -= BLOCK)
    hash.update(left < BLOCK ? source.subarray(0, left) : source);
  return hash.digest("hex");
}
