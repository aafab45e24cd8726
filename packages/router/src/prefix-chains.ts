/** Cold. Finds those of many texts that another text starts with. Linear in that text and the number of those found. */

export class PrefixChains {
  /** In the order of code units, each once. */
  readonly #texts: readonly string[];
  /** The place of the longest other text that this one starts with, or -1. */
  readonly #parents: readonly number[];

  constructor(texts: Iterable<string>) {
    this.#texts = [...new Set(texts)].sort();
    const parents: number[] = [];
    for (const [k, text] of this.#texts.entries()) {
      let parent = k - 1;
      while (parent >= 0 && !text.startsWith(this.#texts[parent]!)) parent = parents[parent]!;
      parents.push(parent);
    }
    this.#parents = parents;
  }

  /** The texts that `text` starts with, longest first. */
  *of(text: string): Generator<string> {
    let place = this.#lastUpTo(text);
    if (place < 0) return;
    const common = commonLength(this.#texts[place]!, text);
    while (place >= 0 && this.#texts[place]!.length > common) place = this.#parents[place]!;
    for (; place >= 0; place = this.#parents[place]!) yield this.#texts[place]!;
  }

  /** The place of the last text that does not come after `text`, or -1. */
  #lastUpTo(text: string): number {
    let low = 0;
    let high = this.#texts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#texts[middle]! <= text) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

function commonLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one.charCodeAt(length) === other.charCodeAt(length)) length++;
  return length;
}
