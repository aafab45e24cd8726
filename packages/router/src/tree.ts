/**
 * Cold. Lays out the tree of patterns as nodes of the program: by dividing the definitions, again and again, by the
 * character that comes next. No keys, no sorting of texts: each character of a pattern is looked at twice.
 */
import { compareSegments, type MixedSegment, mixedSegment } from "@latchkey/core";
import {
  ALTERNATIVES_WORDS,
  CANDIDATE_NEXT,
  CANDIDATE_WORDS,
  CHILD_ADDRESS_SHIFT,
  CHILD_LIST_MAX,
  CHILD_WORDS_SHIFT,
  HAS_ALTERNATIVES,
  HAS_CANDIDATES,
  HAS_CHILD_TABLE,
  HAS_LEAF,
  LAST_CANDIDATE,
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
/** A parameter with text behind it in its segment. */
const MIXED = 3;

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
const SLASH_CODE = 0x2f;

/**
 * Writes the nodes.
 *
 * @param members indices of the definitions whose patterns go into the tree
 * @param segments gets the literals of each mixed segment that candidates name
 * @returns the address of the root; 0 if there are no members
 */
export function layOutTree(
  members: readonly number[],
  list: RouteList<unknown>,
  program: ProgramWriter,
  segments: (readonly string[])[],
): number {
  for (let k = 0; k < members.length; k++) {
    const member = members[k]!;
    entries[k] = member;
    ats[member] = 0;
  }
  return members.length === 0 ? 0 : new TreeWriter(list, program, segments).node(0, members.length);
}

/** The entries at one place whose next segment is the same. */
interface CandidateGroup {
  readonly segment: MixedSegment;
  readonly members: number[];
}

class TreeWriter {
  readonly list: RouteList<unknown>;
  readonly program: ProgramWriter;
  readonly segments: (readonly string[])[];
  /** The places in `segments`, by the text behind the first literal without names. Made for the first one. */
  private segmentIndices: Map<string, number> | null = null;

  constructor(list: RouteList<unknown>, program: ProgramWriter, segments: (readonly string[])[]) {
    this.list = list;
    this.program = program;
    this.segments = segments;
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
    const candidatesLow = runEnd(parametersHigh, high, REST);
    const childrenLow = runEnd(candidatesLow, high, MIXED);
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
        (childrenLow > candidatesLow ? HAS_CANDIDATES : 0) |
        (isTable ? HAS_CHILD_TABLE : 0) |
        (childWords << CHILD_WORDS_SHIFT),
    );
    if (isTable) program.push(lowest | (span << CHILD_ADDRESS_SHIFT));
    for (let k = isTable ? 1 : 0; k < childWords; k++) program.push(0);
    program.pushLabel(text, from, to);
    if (isLeaf) program.push(this.leaf(low, alternativesLow));
    if (childrenLow > candidatesLow)
      this.candidates(candidatesLow, childrenLow, alternativesLow, parametersHigh);
    else if (childrenLow > alternativesLow) this.alternatives(alternativesLow, parametersHigh, candidatesLow);

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
      const close = open < 0 ? -1 : text.indexOf("}", open);
      const isMixed = open >= 0 && close + 1 < text.length && text.charCodeAt(close + 1) !== SLASH_CODE;
      program.reserve(NODE_WORDS_MAX + to - from);
      program.push((to - from) | (open < 0 ? HAS_LEAF : HAS_ALTERNATIVES) | (isMixed ? HAS_CANDIDATES : 0));
      program.pushLabel(text, from, to);
      if (open < 0) {
        program.push(leaf);
        return address;
      }
      const end = isMixed ? segmentEnd(text, close) : close + 1;
      const isLast = end === text.length;
      if (isMixed) {
        const next = program.length + CANDIDATE_WORDS + ALTERNATIVES_WORDS;
        this.candidate(mixedSegment(text.slice(open, end)), true, isLast ? leaf : 0, isLast ? 0 : next);
        pushAlternatives(program, 0, 0, 0);
      } else if (isLast) {
        const isRest = text.charCodeAt(close - 1) === ASTERISK_CODE;
        pushAlternatives(program, isRest ? 0 : leaf, 0, isRest ? leaf : 0);
      } else pushAlternatives(program, 0, program.length + ALTERNATIVES_WORDS, 0);
      if (isLast) return address;
      from = end + 1;
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

  /** Writes candidates and alternatives, then the nodes they lead to. */
  private candidates(low: number, high: number, parametersLow: number, parametersHigh: number): void {
    const { program } = this;
    const groups = this.groups(low, high);
    program.reserve(groups.length * CANDIDATE_WORDS + NODE_WORDS_MAX);
    const first = program.length;
    const nextLows: number[] = [];
    let start = low;
    for (const [k, { segment, members }] of groups.entries()) {
      for (const [n, member] of members.entries()) entries[start + n] = member;
      const end = start + members.length;
      const nextLow = this.divideParameters(start, end);
      nextLows.push(nextLow);
      this.candidate(segment, k === groups.length - 1, nextLow > start ? this.leaf(start, nextLow) : 0, 0);
      start = end;
    }
    this.alternatives(parametersLow, parametersHigh, low);
    let end = low;
    for (const [k, { members }] of groups.entries()) {
      end += members.length;
      const nextLow = nextLows[k]!;
      // Read after the call: `words` may be another array then.
      const next = nextLow === end ? 0 : this.node(nextLow, end);
      program.words[first + k * CANDIDATE_WORDS + CANDIDATE_NEXT] = next;
    }
  }

  /** By precedence. */
  private groups(low: number, high: number): readonly CandidateGroup[] {
    const groups = new Map<string, CandidateGroup>();
    for (let k = low; k < high; k++) {
      const member = entries[k]! & MEMBER_MASK;
      const text = this.list.text(member);
      const at = ats[member]!;
      const segment = mixedSegment(text.slice(at, segmentEnd(text, at)));
      const key = segment.literals.join("{}");
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { segment, members: [member] });
      else group.members.push(member);
    }
    return [...groups.values()].sort((a, b) => compareSegments(a.segment, b.segment));
  }

  /** Only where there is room. The first literal has been matched when a candidate is tried, so it is empty here. */
  private candidate({ literals }: MixedSegment, isLast: boolean, leaf: number, next: number): void {
    const { program, segments } = this;
    this.segmentIndices ??= new Map();
    const key = literals.join("{}");
    let index = this.segmentIndices.get(key);
    if (index === undefined) {
      index = segments.push(literals) - 1;
      this.segmentIndices.set(key, index);
    }
    program.push(isLast ? index | LAST_CANDIDATE : index);
    program.push(leaf);
    program.push(next);
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

  /** Goes on behind the segment, and puts the entries that end there first. Returns where the others start. */
  private divideParameters(low: number, high: number): number {
    for (let k = low; k < high; k++) {
      const member = entries[k]! & MEMBER_MASK;
      const text = this.list.text(member);
      const end = segmentEnd(text, ats[member]!);
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
  const close = text.indexOf("}", at);
  if (text.charCodeAt(close - 1) === ASTERISK_CODE) return REST;
  return close + 1 === text.length || text.charCodeAt(close + 1) === SLASH_CODE ? PARAMETER : MIXED;
}

function segmentEnd(text: string, from: number): number {
  const slash = text.indexOf("/", from);
  return slash < 0 ? text.length : slash;
}
