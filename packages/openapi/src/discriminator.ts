/** The `discriminator` of a schema, which selects one of its `oneOf` or `anyOf` by the value of a property. */
import {
  isObject,
  type Json,
  type JsonObject,
  type MutableJsonObject,
  member,
  put,
  wellFormed,
} from "./json.js";

/**
 * In normal form: its mapping leads to schemas by reference. Undefined: the value is not valid for it.
 *
 * @param refer gives the reference of one key of the mapping in normal form, or null when it leads nowhere
 */
export function readDiscriminator(
  raw: Json,
  refer: (ref: string, key: string) => string | null,
): JsonObject | undefined {
  const propertyName = isObject(raw) ? member(raw, "propertyName") : undefined;
  if (!isObject(raw) || typeof propertyName !== "string") return undefined;
  const out: MutableJsonObject = { propertyName: wellFormed(propertyName) };
  const mapping = member(raw, "mapping");
  if (!isObject(mapping)) return out;
  const map: MutableJsonObject = {};
  for (const [key, to] of Object.entries(mapping)) {
    if (typeof to !== "string") continue;
    const named = refer(mappedRef(to), key);
    if (named !== null) put(map, wellFormed(key), named);
  }
  if (Object.keys(map).length > 0) out.mapping = map;
  return out;
}

/**
 * Null: it is kept, or there is none. Tools that bundle documents often leave a mapping as it was.
 *
 * @param leads whether a reference leads to a schema; undefined: all do
 */
export function whyDiscriminatorIsLeftOut(
  discriminator: Json | undefined,
  leads: ((ref: string) => boolean) | undefined,
): string | null {
  if (!isObject(discriminator)) return null;
  if (member(discriminator, "defaultMapping") !== undefined)
    return "OpenAPI 3.0 and 3.1 have no `defaultMapping`";
  const mapping = member(discriminator, "mapping");
  if (!isObject(mapping) || leads === undefined) return null;
  const lost = Object.values(mapping).find((to) => typeof to === "string" && !leads(mappedRef(to)));
  return lost === undefined ? null : `${JSON.stringify(lost)} of its mapping is not a schema of the document`;
}

/** A mapping has references, or names of shared schemas. */
function mappedRef(to: string): string {
  return /^[A-Za-z0-9._-]+$/.test(to) ? `#/components/schemas/${to}` : to;
}
