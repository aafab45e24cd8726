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

/** Shared by the many endpoints that have one route; never added to. */
const NONE: number[] = [];

export interface Endpoint {
  /** The pattern with marks for its parameters: same key, same paths. */
  readonly key: string;
  readonly isStatic: boolean;
  /** Index of its first definition, and of the others, in their order. */
  readonly first: number;
  others: number[];
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
      endpoints.set(key, { key, isStatic, first: index, others: NONE, leaf: 0 });
      continue;
    }
    if (definitions[endpoint.first]!.method === method)
      return err(duplicateRoute(definitions, index, endpoint.first));
    for (const earlier of endpoint.others) {
      if (definitions[earlier]!.method === method) return err(duplicateRoute(definitions, index, earlier));
    }
    if (endpoint.others === NONE) endpoint.others = [index];
    else endpoint.others.push(index);
  }
  return ok([...endpoints.values()]);
}

function endpointKey({ text, parameterNames }: RoutePattern): string {
  if (parameterNames.length === 0) return text;
  let key = "";
  let from = 0;
  for (let open = text.indexOf("{"); open >= 0; open = text.indexOf("{", from)) {
    const close = text.indexOf("}", open);
    key += text.slice(from, open) + (text[close - 1] === "*" ? REST_MARK : PARAMETER_MARK);
    from = close + 1;
  }
  return from === text.length ? key : key + text.slice(from);
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
