/** Where a JSON Schema holds other schemas: what every walk over schemas in this package goes by. */

import { fromPointerToken } from "@latchkey/core";

export type JsonObject = { readonly [key: string]: unknown };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Sets a member whatever its name is. */
export function setMember(object: { [key: string]: unknown }, key: string, value: unknown): void {
  if (key === "__proto__")
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  else object[key] = value;
}

/** Keywords whose schema is applied once for each item or property. */
export const repeatedKeywords: ReadonlySet<string> = new Set([
  "items",
  "contains",
  "additionalProperties",
  "propertyNames",
  "unevaluatedItems",
  "unevaluatedProperties",
]);
export const repeatedMapKeywords: ReadonlySet<string> = new Set(["patternProperties"]);
export const schemaMapKeywords: ReadonlySet<string> = new Set([
  "properties",
  "dependentSchemas",
  "$defs",
  "definitions",
]);
export const schemaListKeywords: ReadonlySet<string> = new Set(["allOf", "anyOf", "oneOf", "prefixItems"]);
export const schemaKeywords: ReadonlySet<string> = new Set(["not", "if", "then", "else", "contentSchema"]);

/** Keywords whose schemas are applied to the same instance as the schema that holds them. */
export const inPlaceKeywords: ReadonlySet<string> = new Set([
  "allOf",
  "anyOf",
  "oneOf",
  "not",
  "if",
  "then",
  "else",
  "dependentSchemas",
]);

/** What a local reference (`#/components/schemas/Pet`) leads to; undefined when it leads nowhere. */
export function targetOf(root: unknown, ref: unknown): unknown {
  if (typeof ref !== "string" || !ref.startsWith("#")) return undefined;
  let at = root;
  if (ref === "#") return at;
  for (const token of ref.slice(2).split("/")) {
    const key = decodedToken(token);
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as JsonObject)[key];
  }
  return at;
}

/** As it stands in a reference: percent-encoded (RFC 6901, section 6), then escaped. */
export function decodedToken(token: string): string {
  let text = token;
  try {
    text = decodeURIComponent(token);
  } catch {
    // As it stands, then.
  }
  return fromPointerToken(text);
}
