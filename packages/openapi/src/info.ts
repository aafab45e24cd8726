/** What an Info Object says beside title, description and version: read from a document, and written to one. */
import { isObject, type JsonObject, type MutableJsonObject, member, put } from "./json.js";
import type { InfoModel } from "./read-model.js";
import type { SpecVersion } from "./schema-components.js";
import type { Cursor } from "./source-cursor.js";

const contactKeys = ["name", "url", "email"] as const;
const licenseKeys = ["name", "identifier", "url"] as const;

/** Marks what it reads. Undefined when there is nothing of it. */
export function readInfo(at: Cursor | null): InfoModel | undefined {
  const contact = textsOf(at?.child("contact") ?? null, contactKeys);
  const givenLicense = at?.child("license") ?? null;
  // A license without a name is none.
  const license =
    typeof givenLicense?.peek("name") === "string" ? textsOf(givenLicense, licenseKeys) : undefined;
  const terms = at?.peek("termsOfService");
  if (typeof terms === "string") at?.child("termsOfService")?.take();
  const info: InfoModel = {
    ...(typeof terms === "string" && { termsOfService: terms }),
    ...(contact !== undefined && { contact }),
    ...(license?.name !== undefined && { license: { ...license, name: license.name } }),
  };
  return Object.keys(info).length === 0 ? undefined : info;
}

function textsOf<K extends string>(
  at: Cursor | null,
  keys: readonly K[],
): { readonly [key in K]?: string } | undefined {
  if (at === null || !isObject(at.value)) return undefined;
  const texts: { [key in K]?: string } = {};
  for (const key of keys) {
    const value = at.peek(key);
    if (typeof value !== "string") continue;
    at.child(key)?.take();
    texts[key] = value;
  }
  return Object.keys(texts).length === 0 ? undefined : texts;
}

/** OpenAPI 3.0 has no `identifier` of a license. */
export function infoFields(
  { termsOfService, contact, license }: InfoModel,
  version: SpecVersion,
): JsonObject {
  const out: MutableJsonObject = {};
  if (termsOfService !== undefined) out.termsOfService = termsOfService;
  if (contact !== undefined) out.contact = { ...contact };
  if (license !== undefined) {
    const fields: MutableJsonObject = {};
    for (const key of licenseKeys) {
      const value = member(license as JsonObject, key);
      if (value !== undefined && !(key === "identifier" && version === "3.0")) put(fields, key, value);
    }
    out.license = fields;
  }
  return out;
}
