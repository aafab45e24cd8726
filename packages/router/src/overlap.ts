/**
 * Cold. What two patterns, or the routes of one Api, have in common: for the control plane, before it
 * takes a route. Builds no router.
 */
import type { RoutePattern } from "@latchkey/core";
import { groupByPattern } from "./endpoint.js";
import type { RouteConflict, RouteDefinition } from "./route.js";

/** The first definition that `buildRouter` would refuse, or null. */
export function findConflict(definitions: readonly RouteDefinition<unknown>[]): RouteConflict | null {
  const grouped = groupByPattern(definitions);
  return grouped.ok ? null : grouped.error;
}

/**
 * Whether some path matches both patterns. That is no conflict: one of them comes first by the rules of
 * precedence. It is what a person may want to be told when `/orders/{id}` is added beside `/orders/new`.
 */
export function patternsOverlap(one: RoutePattern, other: RoutePattern): boolean {
  for (let k = 0; ; k++) {
    const a = one.segments[k];
    const b = other.segments[k];
    if (a === undefined || b === undefined) return a === b;
    if (a.kind === "rest" || b.kind === "rest") return true;
    if (a.kind === "static" && b.kind === "static" && a.text !== b.text) return false;
  }
}
