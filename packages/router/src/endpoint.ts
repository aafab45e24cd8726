/**
 * Cold. Groups definitions by pattern, and finds those that collide. An endpoint's key stands for its
 * pattern while the program is laid out.
 */
import { err, ok, type Result, type RoutePattern } from "@latchkey/core";
import { PATTERN_CHARS_MAX, ROUTES_MAX } from "./program.js";
import type { RouteConflict, RouteDefinition } from "./route.js";

// Below every character of a path, so that sorting keys puts patterns in the order of the tree.
export const PARAMETER_MARK = "\u0001";
export const REST_MARK = "\u0002";
export const PARAMETER_MARK_CODE = 1;
export const REST_MARK_CODE = 2;

export interface Endpoint {
  /** The pattern with marks for its parameters: same key, same paths. */
  readonly key: string;
  readonly isStatic: boolean;
  /** Indexes of its definitions, in their order. */
  readonly definitions: number[];
  /** As in program.ts; set once the routes have their places. */
  leaf: number;
}

/** The endpoints, in the order of their first definitions; or the first definition that cannot be added. */
export function groupByPattern(
  definitions: readonly RouteDefinition<unknown>[],
): Result<readonly Endpoint[], RouteConflict> {
  const endpoints = new Map<string, Endpoint>();
  let chars = 0;
  for (let index = 0; index < definitions.length; index++) {
    const { method, pattern } = definitions[index]!;
    chars += pattern.text.length;
    if (index >= ROUTES_MAX || chars > PATTERN_CHARS_MAX) return err(tooManyRoutes(index));
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
  return ok([...endpoints.values()]);
}

function endpointKey(pattern: RoutePattern): string {
  if (pattern.parameterNames.length === 0) return pattern.text;
  let key = "";
  for (const segment of pattern.segments) {
    key += "/";
    key +=
      segment.kind === "static" ? segment.text : segment.kind === "parameter" ? PARAMETER_MARK : REST_MARK;
  }
  return key;
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
