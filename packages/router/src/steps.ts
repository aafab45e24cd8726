/**
 * The steps that a match is made of; Router.find has them inlined. Pure functions of the program
 * (program.ts) and the path.
 */
import * as program from "./program.js";

// V8 reads an imported or exported binding anew at each use, with checks (20 ns a match on Node.js 20,
// bench/router); a local constant becomes part of the code. Hence the copies, here and in router.ts.
const { CHAR_MASK, CHILD_ADDRESS_SHIFT, CHILD_WORDS_SHIFT, HAS_CHILD_TABLE } = program;

/** One step of the static hash, which starts with the path's length. */
export function hashStep(hash: number, charCode: number): number {
  return (Math.imul(hash, 31) + charCode) | 0;
}

/** The slot of a hash, of 2^slotBits (1 or more bits). */
export function hashSlot(hash: number, slotBits: number): number {
  return (Math.imul(hash, 0x9e3779b1) >> (32 - slotBits)) & ((1 << slotBits) - 1);
}

/** Address of the child that starts with a character, or 0. */
export function childAt(code: Int32Array, node: number, header: number, charCode: number): number {
  const children = node + 1;
  if ((header & HAS_CHILD_TABLE) === 0) {
    const end = children + (header >>> CHILD_WORDS_SHIFT);
    for (let child = children; child < end; child++) {
      const word = code[child]!;
      if ((word & CHAR_MASK) === charCode) return word >>> CHILD_ADDRESS_SHIFT;
    }
    return 0;
  }
  const range = code[children]!;
  const index = charCode - (range & CHAR_MASK);
  return index >= 0 && index < range >>> CHILD_ADDRESS_SHIFT ? code[children + 1 + index]! : 0;
}

/** Whether the label is what the path has from `from`, where it has that many characters left. */
export function labelMatches(
  code: Int32Array,
  label: number,
  length: number,
  path: string,
  from: number,
): boolean {
  let word = label;
  let at = from;
  const end = from + length;
  for (; at + 4 <= end; at += 4) {
    const a = path.charCodeAt(at);
    const b = path.charCodeAt(at + 1);
    const c = path.charCodeAt(at + 2);
    const d = path.charCodeAt(at + 3);
    if ((a | b | c | d) > CHAR_MASK) return false;
    if ((a | (b << 8) | (c << 16) | (d << 24)) !== code[word]) return false;
    word++;
  }
  if (at < end) {
    for (let left = code[word]!; at < end; at++) {
      if (path.charCodeAt(at) !== (left & CHAR_MASK)) return false;
      left >>>= 8;
    }
  }
  return true;
}
