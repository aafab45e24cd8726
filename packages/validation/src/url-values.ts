/**
 * Query and path parameters as the values that their schemas speak of: text, or a number or boolean where
 * the schema wants one and the text is one. Never guesses.
 */

/** More pairs than any client sends on purpose. */
export const QUERY_PAIRS_MAX = 1000;

/** Name → values in order. Null when a percent-encoding is broken or there are too many pairs. */
export function parseQuery(query: string): ReadonlyMap<string, readonly string[]> | null {
  const values = new Map<string, string[]>();
  if (query === "") return values;
  const pairs = query.split("&", QUERY_PAIRS_MAX + 1);
  if (pairs.length > QUERY_PAIRS_MAX) return null;
  for (const pair of pairs) {
    if (pair === "") continue;
    const cut = pair.indexOf("=");
    const name = decode(cut < 0 ? pair : pair.slice(0, cut));
    const value = decode(cut < 0 ? "" : pair.slice(cut + 1));
    if (name === null || value === null) return null;
    const list = values.get(name);
    if (list === undefined) values.set(name, [value]);
    else list.push(value);
  }
  return values;
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text.replace(/\+/g, " "));
  } catch {
    return null;
  }
}

/** A percent-decoded path segment, or null when it cannot be decoded. */
export function decodeSegment(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d{1,3})?$/;

/** The text as a value of one of the types, in the order number, boolean, text. */
export function coerce(text: string, types: ReadonlySet<string>): unknown {
  if ((types.has("number") || types.has("integer")) && NUMBER.test(text)) return Number(text);
  if (types.has("boolean") && (text === "true" || text === "false")) return text === "true";
  if (types.has("null") && text === "") return null;
  return text;
}

/** The types that a schema names at its top; empty when it names none. */
export function typesOf(schema: unknown): ReadonlySet<string> {
  if (typeof schema !== "object" || schema === null) return new Set();
  const { type } = schema as { readonly type?: unknown };
  const list = Array.isArray(type) ? type : [type];
  return new Set(list.filter((item): item is string => typeof item === "string"));
}
