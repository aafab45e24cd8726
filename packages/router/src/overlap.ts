/** Cold. What two patterns have in common: for the control plane, before it takes a route. */
import {
  isInsideEscape,
  type MixedSegment,
  mixedValues,
  type RoutePattern,
  type RouteSegment,
} from "@latchkey/core";

/**
 * Whether some path matches both patterns. That is no conflict: one of them comes first by the rules of
 * precedence. It is what a person may want to be told when `/orders/{id}` is added beside `/orders/new`.
 */
export function patternsOverlap(one: RoutePattern, other: RoutePattern): boolean {
  const ours = one.segments;
  const theirs = other.segments;
  for (let k = 0; ; k++) {
    const a = ours[k];
    const b = theirs[k];
    if (a === undefined || b === undefined) return a === b;
    if (a.kind === "rest" || b.kind === "rest") return true;
    if (!segmentsOverlap(a, b)) return false;
  }
}

function segmentsOverlap(a: RouteSegment, b: RouteSegment): boolean {
  if (a.kind === "static" && b.kind === "static") return a.text === b.text;
  if (a.kind === "mixed" && b.kind === "static") return mixedValues(a, b.text) !== null;
  if (a.kind === "static" && b.kind === "mixed") return mixedValues(b, a.text) !== null;
  return a.kind !== "mixed" || b.kind !== "mixed" || mixedOverlap(a, b);
}

/** What is between the first and the last literal of one goes into a parameter of the other. */
function mixedOverlap({ literals: a }: MixedSegment, { literals: b }: MixedSegment): boolean {
  const [short = "", long = ""] = [a[0]!, b[0]!].sort((one, other) => one.length - other.length);
  const [end = "", longEnd = ""] = [a.at(-1)!, b.at(-1)!].sort((one, other) => one.length - other.length);
  if (!long.startsWith(short) || !longEnd.endsWith(end)) return false;
  return end === "" || !isInsideEscape(longEnd, longEnd.length - end.length);
}
