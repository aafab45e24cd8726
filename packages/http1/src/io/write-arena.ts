// HOT. Scratch memory for what is about to be written: small pieces of all connections are laid one after the other
// into one warm buffer, which starts again once everything in it has been handed to the kernel. Knows no sockets.

import type { WordBuffer } from "../codec/word-buffer.js";
import { READ_BYTES } from "./read-arena.js";

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
