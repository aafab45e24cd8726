/** The values of a schema's keywords, read one by one; undefined: the value is not valid for the keyword. */
import { equalJson, isArray, type Json, type JsonObject, objectOf, wellFormed } from "./json.js";
import { instanceTypes } from "./schema-keywords.js";

export function isNumber(value: Json): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** Why a text is no pattern of JSON Schema, which has ECMAScript's regular expressions in Unicode mode; null: it is one. */
export function regexFault(text: string): string | null {
  try {
    new RegExp(text, "u");
    return null;
  } catch (error) {
    const reason = (error as Error).message.slice(`Invalid regular expression: /${text}/u: `.length);
    return `it is no regular expression in Unicode mode: ${reason}`;
  }
}

/** Texts, none twice. An empty list says nothing and is valid (JSON Schema 2020-12, Validation, section 6.5.3). */
export function strings(raw: Json): readonly string[] | undefined {
  if (!isArray(raw) || !raw.every((item) => typeof item === "string")) return undefined;
  return [...new Set((raw as readonly string[]).map(wellFormed))];
}

export function types(raw: Json): Json | undefined {
  const list = [...new Set(isArray(raw) ? raw : [raw])].filter(
    (item): item is string => typeof item === "string" && instanceTypes.has(item),
  );
  if (list.length === 0) return undefined;
  return list.length === 1 ? (list[0] as string) : list;
}

export function distinct(values: readonly Json[]): readonly Json[] {
  const kept: Json[] = [];
  const seen = new Set<string>();
  for (const value of values) {
    // The text finds most twins at once; only objects can be equal with keys in another order.
    const text = JSON.stringify(value);
    if (seen.has(text)) continue;
    seen.add(text);
    if (typeof value === "object" && kept.length < 200 && kept.some((other) => equalJson(other, value)))
      continue;
    kept.push(value);
  }
  return kept;
}

export function withoutExtensions(object: JsonObject): JsonObject {
  return objectOf(Object.entries(object).filter(([key]) => !key.startsWith("x-")));
}
