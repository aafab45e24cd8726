/** What is found in one place of a request or response, as items of a problem. */
import { type ProblemItem, pointerToken } from "@latchkey/core";
import { type CompiledSchema, type SchemaIssue, TOO_COSTLY } from "./schema-compiler.js";

export type Place = ProblemItem["in"];

/** `later`: it takes longer than the budget. */
export type Found = readonly ProblemItem[] | "later";

export const NOTHING: readonly ProblemItem[] = [];

export function pointerTo(name: string): string {
  return `/${pointerToken(name)}`;
}

/**
 * Nothing when one of the values fits, else what is wrong with the first.
 * @param prefix pointer to the value
 */
export function foundIn(
  schema: CompiledSchema,
  values: readonly unknown[],
  place: Place,
  prefix: string,
  findAll = true,
): Found {
  if (values.length > 1)
    for (const value of values) {
      const issues = schema(value, { findAll: false });
      if (issues.length === 0) return NOTHING;
      if (issues === TOO_COSTLY) return "later";
    }
  const issues = schema(values[0], { findAll });
  if (issues.length === 0) return NOTHING;
  return issues === TOO_COSTLY ? "later" : issues.map((issue) => itemOf(issue, place, prefix));
}

function itemOf({ pointer, detail }: SchemaIssue, place: Place, prefix: string): ProblemItem {
  return { in: place, pointer: prefix + pointer, detail };
}
