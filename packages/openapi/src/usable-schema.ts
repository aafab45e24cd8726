/**
 * A schema without the patterns that requests cannot be held to, so that one look-ahead does not cost the whole schema.
 * Only where leaving a pattern out accepts more: below `not`, `if`, `oneOf` and `contains` it could refuse more.
 */
import { isArray, isObject, type Json, type JsonObject, type MutableJsonObject, put } from "./json.js";
import type { JsonSchema } from "./read-model.js";
import { type KeywordName, keywords } from "./schema-keywords.js";

export interface Removed {
  readonly pattern: string;
  readonly fault: string;
}

export interface UsableSchema {
  readonly schema: JsonSchema;
  readonly removed: readonly Removed[];
}

const NOT_MONOTONE: ReadonlySet<string> = new Set([
  "not",
  "if",
  "oneOf",
  "contains",
  "unevaluatedProperties",
  "unevaluatedItems",
]);

/** Null when no pattern is at fault, or when one cannot be left out without refusing more. */
export function withoutUnusablePatterns(
  schema: JsonSchema,
  faultOf: (schema: JsonSchema) => string | null,
): UsableSchema | null {
  const removed: Removed[] = [];
  let isMonotone = true;
  const visit = (value: Json): Json => {
    if (!isObject(value)) return value;
    const out: MutableJsonObject = {};
    for (const [key, item] of Object.entries(value)) {
      if (NOT_MONOTONE.has(key)) isMonotone = false;
      const fault = key === "pattern" && typeof item === "string" ? faultOf({ pattern: item }) : null;
      if (fault === null) put(out, key, visitKeyword(key, item));
      else removed.push({ pattern: item as string, fault });
    }
    return out;
  };
  const visitKeyword = (key: string, item: Json): Json => {
    const shape = key === "$defs" ? "schema-map" : keywords[key as KeywordName]?.shape;
    if (shape === "schema") return visit(item);
    if (shape === "schemas") return isArray(item) ? item.map(visit) : item;
    if (shape !== "schema-map" || !isObject(item)) return item;
    return Object.entries(item).reduce<MutableJsonObject>((map, [name, one]) => {
      put(map, name, visit(one));
      return map;
    }, {});
  };
  const usable = visit(schema as JsonObject) as JsonSchema;
  return removed.length > 0 && isMonotone ? { schema: usable, removed } : null;
}
