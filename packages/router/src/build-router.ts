/**
 * Cold. Lays the routes of one Api out as the program that router.ts reads, or says which two collide.
 * The order of the definitions does not matter for what matches, only for which of two is named.
 */
import { ok, type Result } from "@latchkey/core";
import { type Endpoint, groupByPattern } from "./endpoint.js";
import { LEAF_COUNT_SHIFT } from "./program.js";
import { ANY_METHOD, Route, type RouteConflict, type RouteDefinition } from "./route.js";
import { Router } from "./router.js";
import { layOutStaticSlots } from "./static-slots.js";
import { layOutTree } from "./tree.js";

/**
 * @returns the router; or the first definition with the method and the pattern (but for the names of
 *   parameters) of an earlier one, or the one that is too many (32,767 definitions, 4 Mi characters).
 */
export function buildRouter<T>(definitions: readonly RouteDefinition<T>[]): Result<Router<T>, RouteConflict> {
  const grouped = groupByPattern(definitions);
  if (!grouped.ok) return grouped;
  const routes: Route<T>[] = [];
  const statics: Endpoint[] = [];
  const treeEndpoints: Endpoint[] = [];
  for (const endpoint of grouped.value) {
    (endpoint.isStatic ? statics : treeEndpoints).push(endpoint);
    addRoutes(endpoint, definitions, routes);
  }

  const { words, sampleCount, slotBits, leftOver } = layOutStaticSlots(statics);
  for (const endpoint of leftOver) treeEndpoints.push(endpoint);
  const rootAt = layOutTree(treeEndpoints, words);
  return ok(new Router(new Int32Array(words), routes, sampleCount, slotBits, rootAt));
}

/** Explicit methods first, ANY last: so ANY is what is left when no method is the request's. */
function addRoutes<T>(
  endpoint: Endpoint,
  definitions: readonly RouteDefinition<T>[],
  routes: Route<T>[],
): void {
  const first = routes.length;
  let any: RouteDefinition<T> | null = null;
  for (let k = -1; k < endpoint.others.length; k++) {
    const definition = definitions[k < 0 ? endpoint.first : endpoint.others[k]!]!;
    if (definition.method === ANY_METHOD) any = definition;
    else routes.push(new Route(definition));
  }
  let count = 2 * (routes.length - first);
  if (any !== null) {
    count++;
    routes.push(new Route(any));
  }
  endpoint.leaf = first | (count << LEAF_COUNT_SHIFT);
}
