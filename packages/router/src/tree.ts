/** Cold. Lays out the tree of patterns as nodes of the program, from the patterns' keys in sorted order. */
import { type Endpoint, PARAMETER_MARK_CODE, REST_MARK_CODE } from "./endpoint.js";
import {
  CHILD_ADDRESS_SHIFT,
  CHILD_LIST_MAX,
  CHILD_WORDS_SHIFT,
  HAS_ALTERNATIVES,
  HAS_CHILD_TABLE,
  HAS_LEAF,
  PARAMETER_NEXT,
} from "./program.js";

/**
 * Appends the nodes to `words`.
 * @returns the address of the root; 0 if there are no endpoints
 */
export function layOutTree(endpoints: readonly Endpoint[], words: number[]): number {
  if (endpoints.length === 0) return 0;
  const sorted = endpoints.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  return new TreeWriter(sorted, words).node(0, sorted.length, 0);
}

class TreeWriter {
  readonly #endpoints: readonly Endpoint[];
  readonly #words: number[];

  constructor(endpoints: readonly Endpoint[], words: number[]) {
    this.#endpoints = endpoints;
    this.#words = words;
  }

  /**
   * Writes the node of the endpoints from `low` to before `high`, whose keys are one and the same up to
   * `depth`, then the nodes that it leads to. Returns its address.
   */
  node(low: number, high: number, depth: number): number {
    const words = this.#words;
    const address = words.length;
    const shortest = this.#key(low);
    const at = commonEnd(shortest, this.#key(high - 1), depth);
    const isLeaf = shortest.length === at;
    // Sorted: what ends here, parameters, rest, static continuations.
    const alternativesLow = isLeaf ? low + 1 : low;
    const parametersHigh = this.#markedHigh(alternativesLow, high, at, PARAMETER_MARK_CODE);
    const childrenLow = this.#markedHigh(parametersHigh, high, at, REST_MARK_CODE);
    const childCount = this.#charCount(childrenLow, high, at);
    const isTable = childCount > CHILD_LIST_MAX;
    const lowest = isTable ? this.#key(childrenLow).charCodeAt(at) : 0;
    const span = isTable ? this.#key(high - 1).charCodeAt(at) - lowest + 1 : 0;
    const childWords = isTable ? 1 + span : childCount;

    words.push(
      (at - depth) |
        (isLeaf ? HAS_LEAF : 0) |
        (childrenLow > alternativesLow ? HAS_ALTERNATIVES : 0) |
        (isTable ? HAS_CHILD_TABLE : 0) |
        (childWords << CHILD_WORDS_SHIFT),
    );
    if (isTable) words.push(lowest | (span << CHILD_ADDRESS_SHIFT));
    for (let k = isTable ? 1 : 0; k < childWords; k++) words.push(0);
    pushLabel(shortest, depth, at, words);
    if (isLeaf) words.push(this.#leaf(low));
    if (childrenLow > alternativesLow) this.#alternatives(alternativesLow, parametersHigh, childrenLow, at);

    // What this node leads to is written behind it, so only addresses remain to be filled in.
    let slot = address + 1;
    for (let first = childrenLow; first < high; ) {
      const charCode = this.#key(first).charCodeAt(at);
      const end = this.#markedHigh(first, high, at, charCode);
      const child = this.node(first, end, at + 1);
      if (isTable) words[slot + 1 + charCode - lowest] = child;
      else words[slot++] = charCode | (child << CHILD_ADDRESS_SHIFT);
      first = end;
    }
    return address;
  }

  #alternatives(low: number, parametersHigh: number, high: number, at: number): void {
    const words = this.#words;
    const isLeaf = low < parametersHigh && this.#key(low).length === at + 1;
    const nextLow = isLeaf ? low + 1 : low;
    const alternatives = words.length;
    words.push(isLeaf ? this.#leaf(low) : 0, 0, high > parametersHigh ? this.#leaf(parametersHigh) : 0);
    // Behind the mark and its slash.
    if (nextLow < parametersHigh)
      words[alternatives + PARAMETER_NEXT] = this.node(nextLow, parametersHigh, at + 2);
  }

  /** How far, from `low`, keys have this character at `at`. */
  #markedHigh(low: number, high: number, at: number, charCode: number): number {
    let end = low;
    while (end < high && this.#key(end).charCodeAt(at) === charCode) end++;
    return end;
  }

  #charCount(low: number, high: number, at: number): number {
    let count = 0;
    let previous = -1;
    for (let k = low; k < high; k++) {
      const charCode = this.#key(k).charCodeAt(at);
      if (charCode !== previous) count++;
      previous = charCode;
    }
    return count;
  }

  #key(index: number): string {
    return this.#endpoints[index]!.key;
  }

  #leaf(index: number): number {
    return this.#endpoints[index]!.leaf;
  }
}

/** Where two keys that are the same up to `depth` part, or meet a parameter. */
function commonEnd(one: string, other: string, depth: number): number {
  const end = Math.min(one.length, other.length);
  let at = depth;
  while (at < end) {
    const charCode = one.charCodeAt(at);
    if (charCode <= REST_MARK_CODE || charCode !== other.charCodeAt(at)) break;
    at++;
  }
  return at;
}

function pushLabel(text: string, from: number, to: number, words: number[]): void {
  for (let at = from; at < to; at += 4) {
    let word = 0;
    for (let k = 0; k < 4 && at + k < to; k++) word |= text.charCodeAt(at + k) << (8 * k);
    words.push(word);
  }
}
