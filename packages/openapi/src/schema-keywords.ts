/**
 * The keywords of JSON Schema 2020-12 that documents carry, what their values must look like, and to which
 * instance types they apply. The order of this table is the order of keywords in every emitted schema.
 */

export type KeywordShape =
  | "string"
  | "boolean"
  | "number"
  /** Number above zero. */
  | "positive"
  /** Integer from zero up. */
  | "count"
  | "regex"
  | "json"
  | "json-array"
  /** Distinct strings, at least one. */
  | "strings"
  /** Name → distinct strings. */
  | "strings-map"
  | "type"
  | "schema"
  /** At least one schema. */
  | "schemas"
  | "schema-map"
  /** Any object, without extensions. */
  | "object"
  | "discriminator";

export interface Keyword {
  readonly shape: KeywordShape;
  /** Instance types that it says something about; absent: all. */
  readonly appliesTo?: readonly string[];
}

const object = ["object"];
const array = ["array"];
const string = ["string"];
const numeric = ["number", "integer"];

export const keywords = {
  $ref: { shape: "string" },
  title: { shape: "string" },
  description: { shape: "string" },
  type: { shape: "type" },
  format: { shape: "string" },
  enum: { shape: "json-array" },
  const: { shape: "json" },
  default: { shape: "json" },
  examples: { shape: "json-array" },
  deprecated: { shape: "boolean" },
  readOnly: { shape: "boolean" },
  writeOnly: { shape: "boolean" },
  externalDocs: { shape: "object" },
  xml: { shape: "object" },
  discriminator: { shape: "discriminator" },
  multipleOf: { shape: "positive", appliesTo: numeric },
  maximum: { shape: "number", appliesTo: numeric },
  exclusiveMaximum: { shape: "number", appliesTo: numeric },
  minimum: { shape: "number", appliesTo: numeric },
  exclusiveMinimum: { shape: "number", appliesTo: numeric },
  maxLength: { shape: "count", appliesTo: string },
  minLength: { shape: "count", appliesTo: string },
  pattern: { shape: "regex", appliesTo: string },
  contentEncoding: { shape: "string", appliesTo: string },
  contentMediaType: { shape: "string", appliesTo: string },
  maxItems: { shape: "count", appliesTo: array },
  minItems: { shape: "count", appliesTo: array },
  uniqueItems: { shape: "boolean", appliesTo: array },
  prefixItems: { shape: "schemas", appliesTo: array },
  items: { shape: "schema", appliesTo: array },
  contains: { shape: "schema", appliesTo: array },
  maxContains: { shape: "count", appliesTo: array },
  minContains: { shape: "count", appliesTo: array },
  unevaluatedItems: { shape: "schema", appliesTo: array },
  maxProperties: { shape: "count", appliesTo: object },
  minProperties: { shape: "count", appliesTo: object },
  required: { shape: "strings", appliesTo: object },
  properties: { shape: "schema-map", appliesTo: object },
  patternProperties: { shape: "schema-map", appliesTo: object },
  additionalProperties: { shape: "schema", appliesTo: object },
  propertyNames: { shape: "schema", appliesTo: object },
  unevaluatedProperties: { shape: "schema", appliesTo: object },
  dependentRequired: { shape: "strings-map", appliesTo: object },
  dependentSchemas: { shape: "schema-map", appliesTo: object },
  allOf: { shape: "schemas" },
  anyOf: { shape: "schemas" },
  oneOf: { shape: "schemas" },
  not: { shape: "schema" },
  if: { shape: "schema" },
  // biome-ignore lint/suspicious/noThenProperty: the keyword's name
  then: { shape: "schema" },
  else: { shape: "schema" },
} as const satisfies Record<string, Keyword>;

export type KeywordName = keyof typeof keywords;

export const keywordNames = Object.keys(keywords) as readonly KeywordName[];

/** Keywords that say where a schema lives or hold others to refer to: read elsewhere, never emitted. */
export const structuralKeywords: ReadonlySet<string> = new Set([
  "$schema",
  "$id",
  "id",
  "$anchor",
  "$dynamicAnchor",
  "$recursiveAnchor",
  "$vocabulary",
  "$comment",
  "$defs",
  "definitions",
]);

export const instanceTypes: ReadonlySet<string> = new Set([
  "null",
  "boolean",
  "object",
  "array",
  "number",
  "string",
  "integer",
]);

/** True when a JSON value is of one of the types (JSON Schema: 1.0 is an integer). */
export function isOfType(value: unknown, types: readonly string[]): boolean {
  if (value === null) return types.includes("null");
  if (Array.isArray(value)) return types.includes("array");
  if (typeof value === "number") {
    return types.includes("number") || (types.includes("integer") && Number.isInteger(value));
  }
  return types.includes(typeof value);
}
