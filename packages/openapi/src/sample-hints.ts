/** What the sampler does not look at, in a form that it does: patterns, discriminators, and required names without a schema. */
import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type MutableJsonObject,
  member,
  pointerTokens,
  put,
  valueAt,
} from "./json.js";
import { patternSample } from "./pattern-sample.js";

/** What stands here is data, whatever it looks like. */
const data = new Set(["example", "examples", "default", "const", "enum"]);

/**
 * The document with an example for each text that has a pattern and no example, with the discriminator's value in the first
 * schema of each `oneOf` and `anyOf`, which is the one that is sampled, and with a schema for each required member. For samples only.
 */
export function withSampleHints(document: JsonObject): JsonObject {
  const visit = (value: Json, isPart: boolean): Json => {
    if (isArray(value)) return value.map((item) => visit(item, isPart));
    if (!isObject(value)) return value;
    const out: MutableJsonObject = {};
    for (const [key, item] of Object.entries(value))
      put(out, key, data.has(key) ? item : visit(item, partKeys.has(key)));
    const hints = { ...patternExample(value), ...discriminated(value, document) };
    return { ...(isPart ? out : { ...out, ...requiredMembers(out) }), ...hints };
  };
  return visit(document, false) as JsonObject;
}

/** Schemas in these are parts of one: another part may have the member. */
const partKeys = new Set(["allOf", "anyOf", "oneOf", "not", "if", "then", "else"]);

/** Properties for required members that only `additionalProperties` says something of, or nothing. */
function requiredMembers(schema: JsonObject): JsonObject {
  const { type, required, properties = {}, additionalProperties } = schema;
  if (type !== "object" || !isArray(required) || !isObject(properties)) return {};
  if (schema.patternProperties !== undefined || additionalProperties === false) return {};
  if ([...partKeys, ...data].some((key) => schema[key] !== undefined)) return {};
  const missing = required.filter(
    (name) => typeof name === "string" && member(properties, name) === undefined,
  );
  if (missing.length === 0) return {};
  const out: MutableJsonObject = { ...properties };
  for (const name of missing)
    put(out, name as string, isObject(additionalProperties) ? additionalProperties : { type: "string" });
  return { properties: out };
}

function patternExample(schema: JsonObject): JsonObject {
  const { type, pattern, minLength } = schema;
  const isText = type === "string" || (isArray(type) && type.includes("string"));
  if (!isText || typeof pattern !== "string") return {};
  if ([...data].some((key) => schema[key] !== undefined)) return {};
  const sample = patternSample(pattern, typeof minLength === "number" ? minLength : 0);
  return sample === null ? {} : { example: sample };
}

function discriminated(schema: JsonObject, document: JsonObject): JsonObject {
  const { discriminator } = schema;
  const name = isObject(discriminator) ? discriminator.propertyName : undefined;
  const key = isArray(schema.oneOf) ? "oneOf" : "anyOf";
  const branches = schema[key];
  if (!isObject(discriminator) || typeof name !== "string" || !isArray(branches)) return {};
  const [first, ...others] = branches;
  const ref = isObject(first) ? first.$ref : undefined;
  if (typeof ref !== "string") return {};
  const schemaName = ref.slice(ref.lastIndexOf("/") + 1);
  const mapping = isObject(discriminator.mapping) ? Object.entries(discriminator.mapping) : [];
  const mapped = mapping.find(([, target]) => target === ref || target === schemaName)?.[0];
  if (mapped === undefined && hasOwnValue(first as JsonObject, name, document)) return {};
  const properties: MutableJsonObject = {};
  put(properties, name, { const: mapped ?? schemaName });
  return { [key]: [{ allOf: [first as Json, { type: "object", properties }] }, ...others] };
}

/** Whether a schema says itself which values its discriminating property has. */
function hasOwnValue(schema: Json, name: string, document: JsonObject, depth = 0): boolean {
  if (!isObject(schema) || depth > DEPTH_MAX) return false;
  const { $ref, allOf, properties } = schema;
  const property = isObject(properties) ? member(properties, name) : undefined;
  if (isObject(property) && (property.const !== undefined || property.enum !== undefined)) return true;
  const target = typeof $ref === "string" ? valueAt(document, pointerTokens($ref.slice(1)) ?? []) : undefined;
  const parts = [...(target === undefined ? [] : [target]), ...(isArray(allOf) ? allOf : [])];
  return parts.some((part) => hasOwnValue(part, name, document, depth + 1));
}

/** References and `allOf` in each other. */
const DEPTH_MAX = 8;
