/**
 * Cold. Lays the routes of one Api out as the program that router.ts reads, or says which two collide.
 * The order of the definitions does not matter for what matches, only for which of two is named.
 */
import { err, invariant, ok, type Result } from "@latchkey/core";
import { findConflict } from "./conflict.js";
import { findCrowd } from "./crowd.js";
import { PATTERN_CHARS_MAX, ROUTES_MAX } from "./program.js";
import { ProgramWriter } from "./program-writer.js";
import type { RouteConflict, RouteDefinition } from "./route.js";
import { RouteList } from "./route-list.js";
import { Router } from "./router.js";
import { layOutStaticSlots } from "./static-slots.js";
import { layOutTree } from "./tree.js";

/**
 * @returns the router; or the first definition with the method and the pattern (but for the names of
 *   parameters) of an earlier one, or the one that is too many (32,767 definitions, 4 Mi characters; see also crowd.ts).
 */
export function buildRouter<T>(definitions: readonly RouteDefinition<T>[]): Result<Router<T>, RouteConflict> {
  const router = layOut(definitions);
  if (router !== null) return ok(router);
  const conflict = findConflict(definitions);
  invariant(conflict !== null, "what cannot be laid out has a conflict");
  return err(conflict);
}

/** One for all routers without mixed segments. */
const NO_SEGMENTS: readonly (readonly string[])[] = Object.freeze([]);

/** Null: there is a conflict. */
function layOut<T>(definitions: readonly RouteDefinition<T>[]): Router<T> | null {
  if (definitions.length > ROUTES_MAX) return null;
  const statics: number[] = [];
  const others: number[] = [];
  let chars = 0;
  for (let index = 0; index < definitions.length; index++) {
    const { text, parameterCount } = definitions[index]!.pattern;
    chars += text.length;
    (parameterCount === 0 ? statics : others).push(index);
  }
  if (chars > PATTERN_CHARS_MAX) return null;

  const list = new RouteList(definitions);
  const program = new ProgramWriter();
  const { sampleCount, slotBits, leftOver } = layOutStaticSlots(statics, list, program);
  for (const index of leftOver) others.push(index);
  const segments: (readonly string[])[] = [];
  const rootAt = layOutTree(others, list, program, segments);
  if (list.hasConflict) return null;
  const hasSeveral = segments.some((literals) => literals.length > 2);
  if (hasSeveral && findCrowd(definitions.map(({ pattern }) => pattern.text)) !== null) return null;
  // A copy has no room for more.
  return new Router(
    program.finish(),
    list.routes.slice(),
    segments.length === 0 ? NO_SEGMENTS : segments.slice(),
    sampleCount,
    slotBits,
    rootAt,
  );
}
