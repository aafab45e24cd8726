// HOT. Where small pieces wait for the second half of the turn, when they were read into a buffer that the next read
// needs: laid one after the other into one warm buffer, which starts again with each turn. Knows no sockets.

import { type WordBuffer, wordBuffer } from "../codec/word-buffer.js";

/** ~400 heads; more of a turn go to memory of their own. */
const ARRIVALS_BYTES = 65_536;

export const arrivals: Buffer = Buffer.allocUnsafeSlow(ARRIVALS_BYTES);
/** The same memory, to look at four bytes at once. */
export const arrivalWords = new Int32Array(arrivals.buffer, 0, ARRIVALS_BYTES / 4);
let pos = 0;

/** A body of 64 KiB and its head come in one read, and leave in one write: bodies are often cut to powers of two. */
export const READ_BYTES = 81_920;

/** What plain connections read into, of clients and of origins: reads are handled before the next one happens. */
export const sharedRead: WordBuffer = wordBuffer(READ_BYTES);

/** Copies the first `length` bytes. @returns their offset in `arrivals`, or -1 when there is no room */
export function layDown(source: WordBuffer, length: number): number {
  const count = (length + 3) >> 2;
  const from = pos;
  const words = arrivalWords;
  if (from + count > words.length) return -1;
  const read = source.words;
  for (let i = 0; i < count; i++) words[from + i] = read[i]!;
  pos = from + count;
  return from << 2;
}

/** Everything laid down was looked at. */
export function recycleArrivals(): void {
  pos = 0;
}
