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
  const byKey = new Map<string, Endpoint>();
  for (const endpoint of endpoints) byKey.set(endpoint.key, endpoint);
  return new TreeWriter([...byKey.keys()].sort(), byKey, words).write();
}

class TreeWriter {
  readonly #keys: readonly string[];
  readonly #byKey: ReadonlyMap<string, Endpoint>;
  readonly #words: number[];

  constructor(keys: readonly string[], byKey: ReadonlyMap<string, Endpoint>, words: number[]) {
    this.#keys = keys;
    this.#byKey = byKey;
    this.#words = words;
  }

  write(): number {
    return this.#node(0, this.#keys.length, 0);
  }

  /**
   * Writes the node of the keys from `low` to before `high`, which are one and the same up to `depth`,
   * then the nodes that it leads to. Returns its address.
   */
  #node(low: number, high: number, depth: number): number {
    const keys = this.#keys;
    const words = this.#words;
    const address = words.length;
    const shortest = keys[low]!;
    const at = commonEnd(shortest, keys[high - 1]!, depth);
    const isLeaf = shortest.length === at;
    const alternativesLow = isLeaf ? low + 1 : low;
    const parametersHigh = this.#markedHigh(alternativesLow, high, at, PARAMETER_MARK_CODE);
    const childrenLow = this.#markedHigh(parametersHigh, high, at, REST_MARK_CODE);
    const groups = this.#groups(childrenLow, high, at);
    const lowest = childrenLow < high ? keys[childrenLow]!.charCodeAt(at) : 0;
    const isTable = groups.length > CHILD_LIST_MAX;
    const span = isTable ? keys[high - 1]!.charCodeAt(at) - lowest + 1 : 0;

    const childWords = isTable ? 1 + span : groups.length;
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

    // What this node leads to is written behind it, so only addresses remain to be filled in.
    if (childrenLow > alternativesLow) {
      const isParameterLeaf = alternativesLow < parametersHigh && keys[alternativesLow]!.length === at + 1;
      const nextLow = isParameterLeaf ? alternativesLow + 1 : alternativesLow;
      const alternatives = words.length;
      words.push(
        isParameterLeaf ? this.#leaf(alternativesLow) : 0,
        0,
        childrenLow > parametersHigh ? this.#leaf(parametersHigh) : 0,
      );
      if (nextLow < parametersHigh) {
        words[alternatives + PARAMETER_NEXT] = this.#node(nextLow, parametersHigh, at + 2);
      }
    }
    for (let k = 0; k < groups.length; k++) {
      const group = groups[k]!;
      const child = this.#node(group, groups[k + 1] ?? high, at + 1);
      const charCode = keys[group]!.charCodeAt(at);
      if (isTable) words[address + 2 + charCode - lowest] = child;
      else words[address + 1 + k] = charCode | (child << CHILD_ADDRESS_SHIFT);
    }
    return address;
  }

  /** How far, from `low`, keys have this mark at `at`. */
  #markedHigh(low: number, high: number, at: number, mark: number): number {
    let end = low;
    while (end < high && this.#keys[end]!.charCodeAt(at) === mark) end++;
    return end;
  }

  /** Where keys with another character at `at` begin. */
  #groups(low: number, high: number, at: number): number[] {
    const groups: number[] = [];
    let previous = -1;
    for (let k = low; k < high; k++) {
      const charCode = this.#keys[k]!.charCodeAt(at);
      if (charCode !== previous) groups.push(k);
      previous = charCode;
    }
    return groups;
  }

  #leaf(index: number): number {
    return this.#byKey.get(this.#keys[index]!)!.leaf;
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
