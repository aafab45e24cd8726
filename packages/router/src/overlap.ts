/** Cold. What two patterns have in common: for the control plane, before it takes a route. */
import type { RoutePattern } from "@latchkey/core";

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
    if (a.kind === "static" && b.kind === "static" && a.text !== b.text) return false;
  }
}
