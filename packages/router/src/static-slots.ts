/**
 * Cold. Lays out the hash table over whole paths without parameters. The hash looks at the length and at
 * a few characters only, chosen so that they tell the paths of this router apart: comparing one string is
 * several times cheaper than hashing all of a path that was just read from a socket (bench/router).
 */
import type { Endpoint } from "./endpoint.js";
import { PROBES_MAX, SAMPLES_MAX, SLOT_LEAF, SLOT_WORDS } from "./program.js";
import { hashSlot, hashStep } from "./steps.js";

export interface StaticSlots {
  /** Samples, then slots. */
  readonly words: number[];
  readonly sampleCount: number;
  readonly slotBits: number;
  /** What found no slot: the tree has to match it. */
  readonly leftOver: readonly Endpoint[];
}

export function layOutStaticSlots(endpoints: readonly Endpoint[]): StaticSlots {
  const samples = chooseSamples(endpoints);
  const slotBits = Math.max(1, Math.ceil(Math.log2(2 * endpoints.length || 1)));
  const slotCount = 2 ** slotBits;
  const words = samples.concat(new Array<number>(SLOT_WORDS * slotCount).fill(0));
  const leftOver: Endpoint[] = [];
  for (const endpoint of endpoints) {
    const hash = sampledHash(endpoint.key, samples);
    const home = hashSlot(hash, slotBits);
    let probe = 0;
    for (; probe < PROBES_MAX; probe++) {
      const slot = samples.length + SLOT_WORDS * ((home + probe) & (slotCount - 1));
      if (words[slot + SLOT_LEAF] !== 0) continue;
      words[slot] = hash;
      words[slot + SLOT_LEAF] = endpoint.leaf;
      break;
    }
    if (probe === PROBES_MAX) leftOver.push(endpoint);
  }
  return { words, sampleCount: samples.length, slotBits, leftOver };
}

/** The same as the first lines of Router.find. */
function sampledHash(path: string, samples: readonly number[]): number {
  let hash = path.length;
  for (const position of samples) {
    hash = hashStep(hash, position < path.length ? path.charCodeAt(position) : 0);
  }
  return hash;
}

/** Adds a position that tells two paths apart for as long as two have one hash. */
function chooseSamples(endpoints: readonly Endpoint[]): number[] {
  const samples: number[] = [];
  const seen = new Map<number, string>();
  for (let k = 0; k < endpoints.length; k++) {
    const path = endpoints[k]!.key;
    const hash = sampledHash(path, samples);
    const other = seen.get(hash);
    if (other === undefined) {
      seen.set(hash, path);
      continue;
    }
    const position = mostTelling(path, other, endpoints);
    if (position < 0 || samples.includes(position)) continue;
    samples.push(position);
    if (samples.length === SAMPLES_MAX) break;
    seen.clear();
    k = -1;
  }
  return samples;
}

/** Paths looked at to judge a position: enough to see what varies, few enough to cost nothing. */
const JUDGED_MAX = 16;

/** Of the positions where two paths differ, the one with most different characters over all paths; or -1. */
function mostTelling(one: string, other: string, endpoints: readonly Endpoint[]): number {
  const stride = Math.ceil(endpoints.length / JUDGED_MAX);
  let best = -1;
  let bestScore = 0;
  for (let position = Math.min(one.length, other.length) - 1; position > 0; position--) {
    if (one.charCodeAt(position) === other.charCodeAt(position)) continue;
    let low = 0;
    let high = 0;
    for (let k = 0; k < endpoints.length; k += stride) {
      const bit = endpoints[k]!.key.charCodeAt(position) & 63;
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
