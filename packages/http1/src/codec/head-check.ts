// Looks at an outgoing head as bytes, before it is sent: a control byte that is neither a tab nor one of its line ends
// is an injection. Knows no names and no values.

import { CR, HTAB, LF, SP } from "./ascii.js";
import type { WordBuffer } from "./word-buffer.js";

const DEL = 0x7f;

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

/** Visible ASCII: what a request target is made of. */
export function isVisible(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const byte = bytes[i]!;
    if (byte <= SP || byte >= DEL) return false;
  }
  return true;
}
