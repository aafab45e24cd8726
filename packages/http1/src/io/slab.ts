// HOT. Scratch memory for what is about to be written: small pieces of all connections are laid one after the other
// into one warm buffer, which starts again once everything in it has been handed to the kernel. Knows no sockets.

import { CR, HTAB, LF, SP } from "../codec/ascii.js";
import { READ_BYTES, type WordBuffer } from "./arrivals.js";

/** Below malloc's mmap threshold, so that a fresh one costs no page faults; holds ~150 heads. */
const SLAB_BYTES = 65_536;
/** Unused slabs kept for a burst that needs more than one. */
const SPARE_MAX = 8;
/** Bulk buffers kept; one serves any number of writes that the kernel takes at once. */
const BULK_SPARE_MAX = 4;

/** Pieces up to this size go into the slab; larger ones get a buffer of their own. */
export const SMALL_MAX = 16_384;
/** One read is one piece. */
export const BULK_BYTES: number = READ_BYTES;

export class Slab implements WordBuffer {
  readonly bytes: Buffer = Buffer.allocUnsafeSlow(SLAB_BYTES);
  readonly memory = this.bytes.buffer as ArrayBuffer;
  /** The same memory, to look at four bytes at once. */
  readonly words = new Int32Array(this.memory, 0, SLAB_BYTES / 4);
  /** First free byte. */
  pos = 0;
  /** The kernel has not taken everything yet: the memory must not be used again. */
  pinned = false;
}

let current = new Slab();
let used: Slab[] = [current];
const spare: Slab[] = [];
const bulkSpare: Buffer[] = [];

/** A slab with room for `length` more bytes (at most `SMALL_MAX` and a word). */
export function slabFor(length: number): Slab {
  if (current.pos + length > SLAB_BYTES) {
    current = spare.pop() ?? new Slab();
    used.push(current);
  }
  return current;
}

/** The kernel holds on to something of this turn; rare enough not to ask of which slab. */
export function pinSlabs(): void {
  for (const slab of used) slab.pinned = true;
}

/** Everything laid down so far has been written, or pinned: start again. */
export function recycleSlabs(): void {
  if (used.length === 1 && !current.pinned) {
    current.pos = 0;
    return;
  }
  for (const slab of used) {
    if (slab.pinned || spare.length >= SPARE_MAX) continue; // left to the garbage collector
    slab.pos = 0;
    spare.push(slab);
  }
  current = spare.pop() ?? new Slab();
  used = [current];
}

/** A buffer for one large piece, at least `length` bytes. */
export function takeBulk(length: number): Buffer {
  if (length > BULK_BYTES) return Buffer.allocUnsafeSlow(length);
  return bulkSpare.pop() ?? Buffer.allocUnsafeSlow(BULK_BYTES);
}

/** Gives back a buffer that nobody reads any more. */
export function returnBulk(bytes: Buffer): void {
  if (bytes.length === BULK_BYTES && bulkSpare.length < BULK_SPARE_MAX) bulkSpare.push(bytes);
}

/**
 * The control bytes of a head in `[from, to)` are the line ends of its `lines` lines, and tabs: nothing was injected.
 * `from` is a multiple of 4. Overwrites up to 3 bytes behind `to`.
 */
export function hasLines(text: WordBuffer, from: number, to: number, lines: number): boolean {
  if (countControls(text, from, to) === lines * 2) return true;
  const { bytes } = text;
  let returns = 0;
  let feeds = 0;
  for (let i = from; i < to; i++) {
    const byte = bytes[i]!;
    if (byte === CR) returns++;
    else if (byte === LF) feeds++;
    else if (byte < SP && byte !== HTAB) return false;
  }
  return returns === lines && feeds === lines;
}

/** Bytes below 0x20 in `[from, to)`. */
function countControls(text: WordBuffer, from: number, to: number): number {
  const { bytes, words } = text;
  for (let i = to; (i & 3) !== 0; i++) bytes[i] = 0x20;
  let count = 0;
  const end = (to + 3) >> 2;
  let word = from >> 2;
  while (word < end) {
    // 255 words at most, or the four counters that live in one number would overflow.
    const stop = Math.min(end, word + 255);
    let counters = 0;
    for (; word < stop; word++) {
      // A byte is below 0x20 when its upper three bits are 0; each such byte adds 1 to its counter.
      const high = words[word]! & 0xe0e0e0e0;
      counters = (counters + (~(((high & 0x7f7f7f7f) + 0x7f7f7f7f) | high | 0x7f7f7f7f) >>> 7)) | 0;
    }
    count += (counters & 255) + ((counters >>> 8) & 255) + ((counters >>> 16) & 255) + (counters >>> 24);
  }
  return count;
}
