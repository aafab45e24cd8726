/**
 * Cold. Lays out the tree of patterns as nodes of the program: by dividing the definitions, again and again, by the
 * character that comes next. No keys, no sorting of texts: each character of a pattern is looked at twice.
 */
import {
  ALTERNATIVES_WORDS,
  CHILD_ADDRESS_SHIFT,
  CHILD_LIST_MAX,
  CHILD_WORDS_SHIFT,
  HAS_ALTERNATIVES,
  HAS_CHILD_TABLE,
  HAS_LEAF,
  PARAMETER_NEXT,
  ROUTES_MAX,
} from "./program.js";
import type { ProgramWriter } from "./program-writer.js";
import type { RouteList } from "./route-list.js";

// What comes next in a pattern, if it is no character of a static segment: below every such character, so that
// sorting puts them in this order.
const ENDED = 0;
const PARAMETER = 1;
const REST = 2;

// Scratch of one call of layOutTree, which is synchronous: never read across calls.
/** The index of a definition, and above it what comes next in its pattern. */
const entries = new Int32Array(ROUTES_MAX);
const CODE_SHIFT = 15;
const MEMBER_MASK = 0x7fff;
/** How far its pattern has been laid out, by index of a definition. */
const ats = new Uint16Array(ROUTES_MAX);

/** Fewer are sorted by insertion. */
const INSERTED_MAX = 64;
/** Of a node without its label. */
const NODE_WORDS_MAX = 256;

const OPEN_CODE = 0x7b;
const ASTERISK_CODE = 0x2a;

/**
 * Writes the nodes.
 *
 * @param members indices of the definitions whose patterns go into the tree
 * @returns the address of the root; 0 if there are no members
 */
export function layOutTree(
  members: readonly number[],
  list: RouteList<unknown>,
  program: ProgramWriter,
): number {
  for (let k = 0; k < members.length; k++) {
    const member = members[k]!;
    entries[k] = member;
    ats[member] = 0;
  }
  return members.length === 0 ? 0 : new TreeWriter(list, program).node(0, members.length);
}

class TreeWriter {
  readonly list: RouteList<unknown>;
  readonly program: ProgramWriter;

  constructor(list: RouteList<unknown>, program: ProgramWriter) {
    this.list = list;
    this.program = program;
  }

  /**
   * Writes the node of the entries from `low` to before `high`, which are one and the same so far, then the nodes
   * that it leads to. Returns its address.
   */
  node(low: number, high: number): number {
    if (high - low === 1) return this.chain(low);
    const { program } = this;
    const address = program.length;
    const first = entries[low]! & MEMBER_MASK;
    const text = this.list.text(first);
    const from = ats[first]!;
    const to = this.commonEnd(low, high, text, from);
    this.divide(low, high, to - from);
    const alternativesLow = runEnd(low, high, ENDED);
    const parametersHigh = runEnd(alternativesLow, high, PARAMETER);
    const childrenLow = runEnd(parametersHigh, high, REST);
    const childCount = runCount(childrenLow, high);
    const isTable = childCount > CHILD_LIST_MAX;
    const lowest = isTable ? entries[childrenLow]! >> CODE_SHIFT : 0;
    const span = isTable ? (entries[high - 1]! >> CODE_SHIFT) - lowest + 1 : 0;
    const childWords = isTable ? 1 + span : childCount;
    const isLeaf = alternativesLow > low;

    program.reserve(NODE_WORDS_MAX + to - from);
    program.push(
      (to - from) |
        (isLeaf ? HAS_LEAF : 0) |
        (childrenLow > alternativesLow ? HAS_ALTERNATIVES : 0) |
        (isTable ? HAS_CHILD_TABLE : 0) |
        (childWords << CHILD_WORDS_SHIFT),
    );
    if (isTable) program.push(lowest | (span << CHILD_ADDRESS_SHIFT));
    for (let k = isTable ? 1 : 0; k < childWords; k++) program.push(0);
    program.pushLabel(text, from, to);
    if (isLeaf) program.push(this.leaf(low, alternativesLow));
    if (childrenLow > alternativesLow) this.alternatives(alternativesLow, parametersHigh, childrenLow);

    // What this node leads to is written behind it, so only addresses remain to be filled in.
    let slot = address + 1;
    for (let start = childrenLow; start < high; ) {
      const charCode = entries[start]! >> CODE_SHIFT;
      const end = runEnd(start, high, charCode);
      for (let k = start; k < end; k++) ats[entries[k]! & MEMBER_MASK]!++;
      const child = this.node(start, end);
      if (isTable) program.words[slot + 1 + charCode - lowest] = child;
      else program.words[slot++] = charCode | (child << CHILD_ADDRESS_SHIFT);
      start = end;
    }
    return address;
  }

  /** The nodes of a single entry: each leads to the one right behind it. */
  private chain(low: number): number {
    const { program } = this;
    const address = program.length;
    const member = entries[low]! & MEMBER_MASK;
    const text = this.list.text(member);
    const leaf = this.leaf(low, low + 1);
    for (let from = ats[member]!; ; ) {
      const open = text.indexOf("{", from);
      const to = open < 0 ? text.length : open;
      program.reserve(NODE_WORDS_MAX + to - from);
      program.push((to - from) | (open < 0 ? HAS_LEAF : HAS_ALTERNATIVES));
      program.pushLabel(text, from, to);
      if (open < 0) {
        program.push(leaf);
        return address;
      }
      const close = text.indexOf("}", open);
      if (close + 1 === text.length) {
        const isRest = text.charCodeAt(close - 1) === ASTERISK_CODE;
        pushAlternatives(program, isRest ? 0 : leaf, 0, isRest ? leaf : 0);
        return address;
      }
      pushAlternatives(program, 0, program.length + ALTERNATIVES_WORDS, 0);
      from = close + 2;
    }
  }

  private alternatives(low: number, parametersHigh: number, high: number): void {
    const { program } = this;
    const nextLow = this.divideParameters(low, parametersHigh);
    const alternatives = program.length;
    const leaf = nextLow > low ? this.leaf(low, nextLow) : 0;
    pushAlternatives(program, leaf, 0, high > parametersHigh ? this.leaf(parametersHigh, high) : 0);
    if (nextLow === parametersHigh) return;
    const next = this.node(nextLow, parametersHigh);
    program.words[alternatives + PARAMETER_NEXT] = next;
  }

  private leaf(low: number, high: number): number {
    for (let k = low; k < high; k++) this.list.add(entries[k]! & MEMBER_MASK);
    return this.list.leaf();
  }

  /** Where the texts of the entries part, or meet a parameter; as an index of the first one's text. */
  private commonEnd(low: number, high: number, text: string, from: number): number {
    const open = text.indexOf("{", from);
    let to = open < 0 ? text.length : open;
    for (let k = low + 1; k < high; k++) {
      const member = entries[k]! & MEMBER_MASK;
      const other = this.list.text(member);
      const offset = ats[member]! - from;
      let at = from;
      while (at < to && text.charCodeAt(at) === other.charCodeAt(at + offset)) at++;
      to = at;
    }
    return to;
  }

  /** Goes on by a label, and sorts the entries by what comes then. */
  private divide(low: number, high: number, labelLength: number): void {
    for (let k = low; k < high; k++) {
      const member = entries[k]! & MEMBER_MASK;
      const at = ats[member]! + labelLength;
      ats[member] = at;
      entries[k] = member | (codeAt(this.list.text(member), at) << CODE_SHIFT);
    }
    sort(low, high);
  }

  /** Goes on behind the parameter, and puts the entries that end there first. Returns where the others start. */
  private divideParameters(low: number, high: number): number {
    for (let k = low; k < high; k++) {
      const member = entries[k]! & MEMBER_MASK;
      const text = this.list.text(member);
      const end = text.indexOf("}", ats[member]) + 1;
      ats[member] = end + 1; // behind the slash
      entries[k] = member | ((end === text.length ? ENDED : PARAMETER) << CODE_SHIFT);
    }
    sort(low, high);
    return runEnd(low, high, ENDED);
  }
}

function pushAlternatives(program: ProgramWriter, parameter: number, next: number, rest: number): void {
  program.push(parameter);
  program.push(next);
  program.push(rest);
}

function sort(low: number, high: number): void {
  if (high - low > INSERTED_MAX) {
    entries.subarray(low, high).sort();
    return;
  }
  for (let k = low + 1; k < high; k++) {
    const entry = entries[k]!;
    let to = k;
    for (; to > low && entries[to - 1]! > entry; to--) entries[to] = entries[to - 1]!;
    entries[to] = entry;
  }
}

/** How far, from `low`, entries have this code. */
function runEnd(low: number, high: number, code: number): number {
  let end = low;
  while (end < high && entries[end]! >> CODE_SHIFT === code) end++;
  return end;
}

function runCount(low: number, high: number): number {
  let count = 0;
  let previous = -1;
  for (let k = low; k < high; k++) {
    const code = entries[k]! >> CODE_SHIFT;
    if (code !== previous) count++;
    previous = code;
  }
  return count;
}

function codeAt(text: string, at: number): number {
  if (at === text.length) return ENDED;
  const charCode = text.charCodeAt(at);
  if (charCode !== OPEN_CODE) return charCode;
  return text.charCodeAt(text.indexOf("}", at) - 1) === ASTERISK_CODE ? REST : PARAMETER;
}
