// Scratch memory for what is about to be written: small pieces of all connections are appended one after the other
// to one warm buffer, which starts again once everything in it has been handed to the kernel. Knows no sockets.

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
  readonly words = new Int32Array(this.memory, 0, SLAB_BYTES / 4);
  /** First free byte. */
  pos = 0;
  /** The kernel has not taken everything yet: the memory must not be used again. */
  pinned = false;
}

class WriteArena {
  #current = new Slab();
  #used: Slab[] = [this.#current];
  readonly #spare: Slab[] = [];
  readonly #bulkSpare: Buffer[] = [];

  /** A slab with room for `length` more bytes (at most `SMALL_MAX` and a word). */
  slabFor(length: number): Slab {
    const current = this.#current;
    return current.pos + length > SLAB_BYTES ? this.#nextSlab() : current;
  }

  #nextSlab(): Slab {
    const slab = this.#spare.pop() ?? new Slab();
    this.#current = slab;
    this.#used.push(slab);
    return slab;
  }

  /** The kernel still reads something of this batch; rare enough not to ask of which slab. */
  pin(): void {
    for (const slab of this.#used) slab.pinned = true;
  }

  /** Everything appended so far has been written, or pinned: start again. */
  recycle(): void {
    const current = this.#current;
    if (this.#used.length === 1 && !current.pinned) {
      current.pos = 0;
      return;
    }
    for (const slab of this.#used) {
      if (slab.pinned || this.#spare.length >= SPARE_MAX) continue; // left to the garbage collector
      slab.pos = 0;
      this.#spare.push(slab);
    }
    this.#current = this.#spare.pop() ?? new Slab();
    this.#used = [this.#current];
  }

  /** A buffer for one large piece, at least `length` bytes. */
  takeBulk(length: number): Buffer {
    if (length > BULK_BYTES) return Buffer.allocUnsafeSlow(length);
    return this.#bulkSpare.pop() ?? Buffer.allocUnsafeSlow(BULK_BYTES);
  }

  /** Returns a buffer that is read no more. */
  returnBulk(bytes: Buffer): void {
    if (bytes.length === BULK_BYTES && this.#bulkSpare.length < BULK_SPARE_MAX) this.#bulkSpare.push(bytes);
  }
}

/** The process's. */
export const writeArena = new WriteArena();
