/** Schemas of OpenAPI 3.0 and of drafts 4 to 7 in the words of 2020-12. Checks no values. */
import { isArray, isObject, type JsonObject, type MutableJsonObject, member, objectOf, put } from "./json.js";

/** Keywords that `modernize` reads and the dialect 2020-12 does not have. */
export const olderSpellings: ReadonlySet<string> = new Set([
  "nullable",
  "example",
  "additionalItems",
  "dependencies",
  "$dynamicRef",
  "$recursiveRef",
]);

/** One level only. */
export function modernize(schema: JsonObject): JsonObject {
  const out: MutableJsonObject = {};
  for (const [key, value] of Object.entries(schema)) put(out, key, value);
  const given = member(schema, "type");
  if (given !== undefined && isNullable(schema)) {
    const list = isArray(given) ? given : [given];
    if (!list.includes("null")) out.type = [...list, "null"];
  }
  for (const [exclusive, inclusive] of [
    ["exclusiveMinimum", "minimum"],
    ["exclusiveMaximum", "maximum"],
  ] as const) {
    const flag = member(schema, exclusive);
    if (typeof flag !== "boolean") continue;
    delete out[exclusive];
    const limit = member(schema, inclusive);
    if (flag && limit !== undefined) {
      out[exclusive] = limit;
      delete out[inclusive];
    }
  }
  const example = member(schema, "example");
  if (example !== undefined && member(schema, "examples") === undefined) out.examples = [example];
  const items = member(schema, "items");
  if (isArray(items)) {
    delete out.items;
    if (items.length > 0) out.prefixItems = items;
    const rest = member(schema, "additionalItems");
    if (rest !== undefined) out.items = rest;
  }
  const dependencies = member(schema, "dependencies");
  if (isObject(dependencies)) {
    const all = Object.entries(dependencies);
    const required = all.filter(([, value]) => isArray(value));
    const schemas = all.filter(([, value]) => !isArray(value));
    if (required.length > 0) out.dependentRequired ??= objectOf(required);
    if (schemas.length > 0) out.dependentSchemas ??= objectOf(schemas);
  }
  return out;
}

/** Beside a type. An `enum` without null admits no null, whatever else is said (OpenAPI 3.0.3). */
function isNullable(schema: JsonObject): boolean {
  const allowed = member(schema, "enum");
  return member(schema, "nullable") === true && (!isArray(allowed) || allowed.includes(null));
}
