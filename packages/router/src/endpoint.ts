/**
 * Cold. The routes of one pattern, and the text that stands for a pattern while the program is laid out.
 */
import type { RoutePattern } from "@latchkey/core";

// Below every character of a path, so that sorting keys puts patterns in the order of the tree.
export const PARAMETER_MARK = "\u0001";
export const REST_MARK = "\u0002";
export const PARAMETER_MARK_CODE = 1;
export const REST_MARK_CODE = 2;

export interface Endpoint {
  /** The pattern with marks for its parameters: same key, same paths. */
  readonly key: string;
  readonly isStatic: boolean;
  /** Indexes of the definitions; explicit methods first, once the endpoint is complete. */
  readonly definitions: number[];
  /** As in program.ts; set once the routes have their places. */
  leaf: number;
}

export function endpointKey(pattern: RoutePattern): string {
  if (pattern.parameterNames.length === 0) return pattern.text;
  let key = "";
  for (const segment of pattern.segments) {
    key += "/";
    key +=
      segment.kind === "static" ? segment.text : segment.kind === "parameter" ? PARAMETER_MARK : REST_MARK;
  }
  return key;
}
