/**
 * Cold. Lays the routes of one Api out as the program that router.ts reads, or says which two collide.
 * The order of the definitions does not matter for what matches, only for which of two is named.
 */
import { err, ok, type Result } from "@latchkey/core";
import { type Endpoint, endpointKey } from "./endpoint.js";
import { LEAF_COUNT_SHIFT, ROUTES_MAX } from "./program.js";
import { ANY_METHOD, Route, type RouteConflict, type RouteDefinition } from "./route.js";
import { Router } from "./router.js";
import { layOutStaticSlots } from "./static-slots.js";
import { layOutTree } from "./tree.js";

/**
 * @returns the router; or the first definition with the method and the pattern (but for the names of
 *   parameters) of an earlier one. Up to 32,767 definitions.
 */
export function buildRouter<T>(definitions: readonly RouteDefinition<T>[]): Result<Router<T>, RouteConflict> {
  if (definitions.length > ROUTES_MAX) return err(tooManyRoutes());
  const endpoints = new Map<string, Endpoint>();
  for (let index = 0; index < definitions.length; index++) {
    const { method, pattern } = definitions[index]!;
    const key = endpointKey(pattern);
    const endpoint = endpoints.get(key);
    if (endpoint === undefined) {
      const isStatic = pattern.parameterNames.length === 0;
      endpoints.set(key, { key, isStatic, definitions: [index], leaf: 0 });
      continue;
    }
    for (const earlier of endpoint.definitions) {
      if (definitions[earlier]!.method === method) return err(duplicateRoute(definitions, index, earlier));
    }
    endpoint.definitions.push(index);
  }

  const routes: Route<T>[] = [];
  const statics: Endpoint[] = [];
  const treeEndpoints: Endpoint[] = [];
  for (const endpoint of endpoints.values()) {
    (endpoint.isStatic ? statics : treeEndpoints).push(endpoint);
    addRoutes(endpoint, definitions, routes);
  }

  const { words, sampleCount, slotBits, leftOver } = layOutStaticSlots(statics);
  for (const endpoint of leftOver) treeEndpoints.push(endpoint);
  const rootAt = layOutTree(treeEndpoints, words);
  return ok(new Router(Int32Array.from(words), routes, sampleCount, slotBits, rootAt));
}

/** Explicit methods first, ANY last: so ANY is what is left when no method is the request's. */
function addRoutes<T>(
  endpoint: Endpoint,
  definitions: readonly RouteDefinition<T>[],
  routes: Route<T>[],
): void {
  const first = routes.length;
  let any: Route<T> | null = null;
  for (const index of endpoint.definitions) {
    const route = new Route(definitions[index]!);
    if (route.method === ANY_METHOD) any = route;
    else routes.push(route);
  }
  let count = 2 * (routes.length - first);
  if (any !== null) {
    count++;
    routes.push(any);
  }
  endpoint.leaf = first | (count << LEAF_COUNT_SHIFT);
}

function duplicateRoute(
  definitions: readonly RouteDefinition<unknown>[],
  index: number,
  earlierIndex: number,
): RouteConflict {
  const { method, pattern } = definitions[index]!;
  const earlier = definitions[earlierIndex]!.pattern;
  const same =
    earlier.text === pattern.text ? "" : ` as ${earlier.text} (names of parameters make no difference)`;
  return {
    code: "duplicate_route",
    message: `${method} ${pattern.text} is there already${same}.`,
    index,
    earlierIndex,
  };
}

function tooManyRoutes(): RouteConflict {
  return {
    code: "too_many_routes",
    message: `A router has at most ${ROUTES_MAX} routes.`,
    index: ROUTES_MAX,
    earlierIndex: ROUTES_MAX,
  };
}
