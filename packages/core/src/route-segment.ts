/** One segment of a path pattern, and which of two segments that match the same text has precedence. */
import type { MixedSegment } from "./mixed-segment.js";

export type RouteSegment =
  /** Matches this text. Canonical spelling, never empty. */
  | { readonly kind: "static"; readonly text: string }
  /** `{name}`: exactly one non-empty segment. */
  | { readonly kind: "parameter"; readonly name: string }
  /** `{id}.json`, `{a}-{b}`: text and parameters, each of which takes at least one character of the segment. */
  | MixedSegment
  /** `{name*}`, last only: everything to the end, at least one character, which is not a slash. */
  | { readonly kind: "rest"; readonly name: string };

const RANK = { static: 0, mixed: 1, parameter: 2, rest: 3 } as const;

/**
 * Below zero if of two segments in one place, which both match, `one` has precedence. Zero only if they are the same but for
 * names, or both without parameters.
 */
export function compareSegments(one: RouteSegment, other: RouteSegment): number {
  if (one.kind !== "mixed" || other.kind !== "mixed") return RANK[one.kind] - RANK[other.kind];
  return (
    lengthOf(other.literals[0]) - lengthOf(one.literals[0]) ||
    lengthOf(other.literals.at(-1)) - lengthOf(one.literals.at(-1)) ||
    lengthOf(other.literals.join("")) - lengthOf(one.literals.join("")) ||
    one.names.length - other.names.length ||
    compareTexts(one.literals.join("{}"), other.literals.join("{}"))
  );
}

function lengthOf(text: string | undefined): number {
  return text?.length ?? 0;
}

/** By code units. */
function compareTexts(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
