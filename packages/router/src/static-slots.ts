/**
 * Cold. Lays out the hash table over whole paths without parameters. The hash looks at the length and at
 * a few characters only, chosen so that they tell the paths of this router apart: comparing one string is
 * several times cheaper than hashing all of a path that was just read from a socket (bench/router).
 */
import { PROBES_MAX, ROUTES_MAX, SAMPLES_MAX, SLOT_LEAF, SLOT_WORDS } from "./program.js";
import type { ProgramWriter } from "./program-writer.js";
import type { RouteList } from "./route-list.js";
import { hashSlot, hashStep } from "./steps.js";

export interface StaticSlots {
  readonly sampleCount: number;
  readonly slotBits: number;
  /** What found no slot: the tree has to match it. */
  readonly leftOver: readonly number[];
}

/** Writes samples, then slots. */
export function layOutStaticSlots(
  members: readonly number[],
  list: RouteList<unknown>,
  program: ProgramWriter,
): StaticSlots {
  let slotBits = slotBitsFor(members.length);
  program.reserve(SAMPLES_MAX + (SLOT_WORDS << slotBits));
  const { words } = program;
  const samples: number[] = [];
  let placed: Placed | null = null;
  while (placed === null) {
    placed = placeMembers(members, list, samples, words, slotBits);
    // Fewer texts than members where one text has several methods.
    if (placed !== null && slotBitsFor(placed.textCount) < slotBits) {
      slotBits = slotBitsFor(placed.textCount);
      placed = null;
    }
  }
  words.set(samples);
  program.length = samples.length + (SLOT_WORDS << slotBits);
  for (let at = samples.length + SLOT_LEAF; at < program.length; at += SLOT_WORDS) {
    if (words[at] === 0) continue;
    for (let place = words[at]!; place !== 0; place = twins[place]!) list.add(members[place - 1]!);
    words[at] = list.leaf();
  }
  return { sampleCount: samples.length, slotBits, leftOver: placed.leftOver };
}

/** Half of the slots stay empty at least, or more are looked at for a path that is not there. */
function slotBitsFor(texts: number): number {
  return 32 - Math.clz32(Math.max(1, 2 * texts - 1));
}

interface Placed {
  readonly textCount: number;
  /** Members that found no slot. */
  readonly leftOver: readonly number[];
}

/**
 * Scratch of one call. A place is that of a member among the members, counted from 1: this leads to the next one with the
 * same text, 0 if there is none.
 */
const twins = new Uint16Array(ROUTES_MAX + 1);

/**
 * Puts places where leaves are to be. Null if two texts have one hash, and a position that tells them apart has been
 * added to `samples`.
 */
function placeMembers(
  members: readonly number[],
  list: RouteList<unknown>,
  samples: number[],
  words: Int32Array,
  slotBits: number,
): Placed | null {
  words.fill(0, samples.length, samples.length + (SLOT_WORDS << slotBits));
  const leftOver: number[] = [];
  let textCount = 0;
  for (let place = 1; place <= members.length; place++) {
    const member = members[place - 1]!;
    const text = list.text(member);
    const hash = sampledHash(text, samples);
    let slot = hashSlot(hash, slotBits);
    let probe = 0;
    twins[place] = 0;
    for (; probe < PROBES_MAX; probe++) {
      const word = samples.length + SLOT_WORDS * slot;
      const first = words[word + SLOT_LEAF]!;
      if (first === 0) {
        words[word] = hash;
        words[word + SLOT_LEAF] = place;
        textCount++;
        break;
      }
      if (words[word] === hash) {
        const other = list.text(members[first - 1]!);
        if (other === text) {
          twins[place] = twins[first]!;
          twins[first] = place;
          break;
        }
        if (addSample(samples, text, other, members, list)) return null;
      }
      slot = (slot + 1) & ((1 << slotBits) - 1);
    }
    if (probe === PROBES_MAX) leftOver.push(member);
  }
  return { textCount: textCount + leftOver.length, leftOver };
}

/** The same as the first lines of Router.find. */
function sampledHash(path: string, samples: readonly number[]): number {
  let hash = path.length;
  for (let k = 0; k < samples.length; k++) {
    const position = samples[k]!;
    hash = hashStep(hash, position < path.length ? path.charCodeAt(position) : 0);
  }
  return hash;
}

/** Adds the position that tells two texts apart, if there is one and room for it. */
function addSample(
  samples: number[],
  one: string,
  other: string,
  members: readonly number[],
  list: RouteList<unknown>,
): boolean {
  if (samples.length === SAMPLES_MAX) return false;
  const position = mostTelling(one, other, members, list);
  if (position < 0 || samples.includes(position)) return false;
  samples.push(position);
  return true;
}

/** Paths looked at to judge a position: enough to see what varies, few enough to cost nothing. */
const JUDGED_MAX = 16;

/** Of the positions where two texts differ, the one with most different characters over all texts; or -1. */
function mostTelling(
  one: string,
  other: string,
  members: readonly number[],
  list: RouteList<unknown>,
): number {
  const stride = Math.ceil(members.length / JUDGED_MAX);
  let best = -1;
  let bestScore = 0;
  for (let position = Math.min(one.length, other.length) - 1; position > 0; position--) {
    if (one.charCodeAt(position) === other.charCodeAt(position)) continue;
    let low = 0;
    let high = 0;
    for (let k = 0; k < members.length; k += stride) {
      const bit = list.text(members[k]!).charCodeAt(position) & 63;
      if (bit < 32) low |= 1 << bit;
      else high |= 1 << (bit - 32);
    }
    const score = bitCount(low) + bitCount(high);
    if (score > bestScore) {
      best = position;
      bestScore = score;
    }
  }
  return best;
}

function bitCount(bits: number): number {
  let count = 0;
  for (let left = bits; left !== 0; left &= left - 1) count++;
  return count;
}
