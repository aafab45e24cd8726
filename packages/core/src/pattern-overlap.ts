/**
 * Whether there are paths that two patterns both match. Says so in doubt: of two segments that mix text and parameters only
 * their ends are compared. For documents; no request is decided by it.
 */
import { mixedValues } from "./mixed-segment.js";
import type { RoutePattern } from "./route-pattern.js";
import type { RouteSegment } from "./route-segment.js";

export function patternsOverlap(one: RoutePattern, other: RoutePattern): boolean {
  return segmentsOverlap(one.segments, other.segments);
}

/** Of patterns; see `RoutePattern.segments`. */
export function segmentsOverlap(one: readonly RouteSegment[], other: readonly RouteSegment[]): boolean {
  const length = Math.max(one.length, other.length);
  for (let i = 0; i < length; i++) {
    const [mine, theirs] = [one[i], other[i]];
    if (mine === undefined || theirs === undefined) return false;
    if (mine.kind === "rest" || theirs.kind === "rest") return true;
    if (!isOverlapping(mine, theirs)) return false;
  }
  return true;
}

function isOverlapping(one: RouteSegment, other: RouteSegment): boolean {
  if (one.kind === "static" && other.kind === "static") return one.text === other.text;
  if (one.kind === "static" && other.kind === "mixed") return mixedValues(other, one.text) !== null;
  if (one.kind === "mixed" && other.kind === "static") return mixedValues(one, other.text) !== null;
  if (one.kind === "mixed" && other.kind === "mixed") return haveCommonEnds(one.literals, other.literals);
  return true;
}

function haveCommonEnds(one: readonly string[], other: readonly string[]): boolean {
  const [start = "", otherStart = ""] = [one[0], other[0]];
  const [end = "", otherEnd = ""] = [one.at(-1), other.at(-1)];
  return (
    (start.startsWith(otherStart) || otherStart.startsWith(start)) &&
    (end.endsWith(otherEnd) || otherEnd.endsWith(end))
  );
}
