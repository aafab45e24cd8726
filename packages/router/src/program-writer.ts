/** Cold. Where a program is written while its length is not known: in one array for all routers, then copied out. */

/** Of the array that is kept; a router with a thousand routes has some 30,000. */
const KEPT_WORDS_MAX = 1 << 16;

let kept = new Int32Array(1 << 12);

export class ProgramWriter {
  /** Those from `length` on mean nothing. */
  words: Int32Array = kept;
  length = 0;

  /** Makes room for so many words behind `length`. `words` may be another array then. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.words.length) return;
    const larger = new Int32Array(2 * needed);
    larger.set(this.words.subarray(0, this.length));
    this.words = larger;
    if (larger.length <= KEPT_WORDS_MAX) kept = larger;
  }

  /** Only where there is room. */
  push(word: number): void {
    this.words[this.length++] = word;
  }

  /** Four characters to a word, the first in the low bits. Only where there is room. */
  pushLabel(text: string, from: number, to: number): void {
    const { words } = this;
    let { length } = this;
    let at = from;
    for (; at + 4 <= to; at += 4) {
      words[length++] =
        text.charCodeAt(at) |
        (text.charCodeAt(at + 1) << 8) |
        (text.charCodeAt(at + 2) << 16) |
        (text.charCodeAt(at + 3) << 24);
    }
    if (at < to) {
      let word = 0;
      for (let shift = 0; at < to; at++, shift += 8) word |= text.charCodeAt(at) << shift;
      words[length++] = word;
    }
    this.length = length;
  }

  finish(): Int32Array {
    return this.words.slice(0, this.length);
  }
}
