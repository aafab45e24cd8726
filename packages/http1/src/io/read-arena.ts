// Where small reads wait for the batch of the event loop, when they were read into a buffer that the next read needs:
// appended one after the other to one warm buffer, which starts again with each batch. Knows no sockets.

import { type WordBuffer, wordBuffer } from "../codec/word-buffer.js";

/** ~400 heads; more of a batch go to memory of their own. */
const ARENA_BYTES = 65_536;

/** A body of 64 KiB and its head come in one read, and leave in one write: bodies are often cut to powers of two. */
export const READ_BYTES = 81_920;

/** What plain connections read into, of clients and of origins: reads are handled before the next one happens. */
export const sharedRead: WordBuffer = wordBuffer(READ_BYTES);

export class ReadArena implements WordBuffer {
  readonly bytes: Buffer = Buffer.allocUnsafeSlow(ARENA_BYTES);
  readonly memory = this.bytes.buffer as ArrayBuffer;
  readonly words = new Int32Array(this.memory, 0, ARENA_BYTES / 4);
  /** First free word. */
  #free = 0;

  /** Copies the first `length` bytes. @returns their offset in `bytes`, or -1 when there is no room */
  append(source: WordBuffer, length: number): number {
    const count = (length + 3) >> 2;
    const from = this.#free;
    const { words } = this;
    if (from + count > words.length) return -1;
    const read = source.words;
    for (let i = 0; i < count; i++) words[from + i] = read[i]!;
    this.#free = from + count;
    return from << 2;
  }

  /** Nothing that was appended is needed any more. */
  recycle(): void {
    this.#free = 0;
  }
}

/** The process's. */
export const readArena = new ReadArena();
