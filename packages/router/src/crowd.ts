/**
 * Cold. Finds patterns that would make matching slow: of segments with several parameters (`{a}-{b}`), each that a text may
 * match costs a look through the text, so only a few of an API may start alike. Others never cost more than the path.
 */
import { RoutePattern } from "@latchkey/core";
import { PrefixChains } from "./prefix-chains.js";

/** Different segments with several parameters, at one depth, whose first literals are the start of one text. */
const ALIKE_MAX = 16;

export const CROWD_MESSAGE = `An API has at most ${ALIKE_MAX} different segments with several parameters that start alike at one depth.`;

/**
 * The index of a pattern for which there is no room, or null.
 *
 * @param patterns canonical texts
 */
export function findCrowd(patterns: readonly string[]): number | null {
  /** By depth and the text in front of the first parameter: the different segments. */
  const depths: Map<string, Set<string>>[] = [];
  for (const [index, pattern] of patterns.entries()) {
    if (!hasSeveralParameters(pattern)) continue;
    for (const [depth, segment] of new RoutePattern(pattern, 0).segments.entries()) {
      if (segment.kind !== "mixed" || segment.names.length === 1) continue;
      depths[depth] ??= new Map();
      const groups = depths[depth];
      const prefix = segment.literals[0]!;
      const group = groups.get(prefix) ?? new Set();
      groups.set(prefix, group.add(segment.literals.join("{}")));
      if (group.size > ALIKE_MAX) return index;
    }
  }
  return depths.some(isCrowded) ? patterns.findLastIndex(hasSeveralParameters) : null;
}

function hasSeveralParameters(text: string): boolean {
  return text.split("/").some((segment) => segment.indexOf("{") !== segment.lastIndexOf("{"));
}

function isCrowded(groups: Map<string, Set<string>>): boolean {
  const chains = new PrefixChains(groups.keys());
  for (const prefix of groups.keys()) {
    let count = 0;
    for (const one of chains.of(prefix)) {
      count += groups.get(one)!.size;
      if (count > ALIKE_MAX) return true;
    }
  }
  return false;
}
