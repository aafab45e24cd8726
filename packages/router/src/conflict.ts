/** Cold. Why definitions cannot be routes of one router: for the control plane, before it takes a route. Builds no router. */
import { normalizedKey } from "@latchkey/core";
import { CROWD_MESSAGE, findCrowd } from "./crowd.js";
import { PATTERN_CHARS_MAX, ROUTES_MAX } from "./program.js";
import type { RouteConflict, RouteDefinition } from "./route.js";

/** The first definition that `buildRouter` would refuse, or null. */
export function findConflict(definitions: readonly RouteDefinition<unknown>[]): RouteConflict | null {
  const indices = new Map<string, number>();
  let chars = 0;
  for (const [index, { method, pattern }] of definitions.entries()) {
    chars += pattern.text.length;
    if (index >= ROUTES_MAX || chars > PATTERN_CHARS_MAX) return tooManyRoutes(index);
    const key = `${method} ${normalizedKey(pattern)}`;
    const earlierIndex = indices.get(key);
    if (earlierIndex !== undefined) return duplicateRoute(definitions, index, earlierIndex);
    indices.set(key, index);
  }
  const crowdIndex = findCrowd(definitions.map(({ pattern }) => pattern.text));
  return crowdIndex === null ? null : tooManyAlike(definitions, crowdIndex);
}

function tooManyAlike(definitions: readonly RouteDefinition<unknown>[], index: number): RouteConflict {
  const { method, pattern } = definitions[index]!;
  return {
    code: "too_many_alike",
    message: `${method} ${pattern.text}: ${CROWD_MESSAGE}`,
    index,
    earlierIndex: index,
  };
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

function tooManyRoutes(index: number): RouteConflict {
  return {
    code: "too_many_routes",
    message: `A router has at most ${ROUTES_MAX} routes, with ${PATTERN_CHARS_MAX} characters in all their patterns.`,
    index,
    earlierIndex: index,
  };
}
