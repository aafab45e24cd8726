/** Content types and the ranges that accept them (RFC 9110 §8.3, §12.5.1). */

export interface MediaType {
  /** Lower case, without parameters. */
  readonly essence: string;
  /** Lower case; null when not given. */
  readonly charset: string | null;
  /** As it came; null when not given. */
  readonly boundary: string | null;
  /** All, by name in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

const ESSENCE = /^[a-z0-9!#$&^_.+-]{1,127}\/[a-z0-9!#$&^_.+-]{1,127}$/;

/**
 * Null when it is no media type, names a parameter twice, or in pieces or with a character set of its own (`charset*`, RFC 2231):
 * readers differ in which one they take.
 */
export function parseMediaType(header: string): MediaType | null {
  const [first = "", ...rest] = splitParameters(header);
  const essence = first.trim().toLowerCase();
  const parameters = parametersOf(rest);
  if (!ESSENCE.test(essence) || parameters === null) return null;
  if ([...parameters.keys()].some((name) => name.includes("*"))) return null;
  return {
    essence,
    charset: parameters.get("charset")?.toLowerCase() ?? null,
    boundary: parameters.get("boundary") ?? null,
    parameters,
  };
}

/** By name in lower case, without quotes. Null: one is there twice. @param texts such as `charset=utf-8`; others are left out */
export function parametersOf(texts: readonly string[]): ReadonlyMap<string, string> | null {
  const parameters = new Map<string, string>();
  for (const text of texts) {
    const equals = text.indexOf("=");
    if (equals < 0) continue;
    const name = text.slice(0, equals).trim().toLowerCase();
    if (parameters.has(name)) return null;
    const value = text.slice(equals + 1).trim();
    const isQuoted = value.length > 1 && value.startsWith('"') && value.endsWith('"');
    parameters.set(name, isQuoted ? value.slice(1, -1) : value);
  }
  return parameters;
}

/** A value and its parameters: split at semicolons, but for those in quoted strings (RFC 9110 §5.6.6). */
export function splitParameters(header: string): string[] {
  const parts: string[] = [];
  let from = 0;
  let isQuoted = false;
  for (let i = 0; i < header.length; i++) {
    const char = header[i];
    if (char === "\\" && isQuoted) i++;
    else if (char === '"') isQuoted = !isQuoted;
    else if (char === ";" && !isQuoted) {
      parts.push(header.slice(from, i));
      from = i + 1;
    }
  }
  parts.push(header.slice(from));
  return parts;
}

export function essenceOf(range: string): string {
  return (range.split(";")[0] ?? "").trim().toLowerCase();
}

/** How narrow a range is that accepts a type; 0: it does not. @param range such as `application/json`, `text/*`, any */
function narrowness(range: string, essence: string): number {
  const wanted = essenceOf(range);
  if (wanted === essence) return 4;
  // No range of RFC 9110, but what frameworks write for their JSON types: `application/*+json`.
  const plus = wanted.indexOf("/*+");
  if (plus >= 0)
    return essence.startsWith(wanted.slice(0, plus + 1)) && essence.endsWith(wanted.slice(plus + 2)) ? 3 : 0;
  if (wanted.endsWith("/*") && wanted !== "*/*") return essence.startsWith(wanted.slice(0, -1)) ? 2 : 0;
  return wanted === "*/*" ? 1 : 0;
}

export function accepts(range: string, essence: string): boolean {
  return narrowness(range, essence) > 0;
}

/**
 * The range that says most of a type (RFC 9110 §12.5.1), the first of several; null: none accepts it. Of two for the same types
 * the one with more of the parameters that came, and none that did not.
 */
export function bestRange<R extends { readonly range: string }>(
  ranges: readonly R[],
  type: MediaType,
): R | null {
  let best: R | null = null;
  let narrowest = 0;
  let most = 0;
  for (const one of ranges) {
    const found = narrowness(one.range, type.essence);
    if (found === 0 || found < narrowest) continue;
    const shared = sharedParameters(one.range, type);
    if (found === narrowest && shared <= most) continue;
    best = one;
    narrowest = found;
    most = shared;
  }
  return best;
}

/** How many parameters a range has; -1: the type lacks one of them. */
function sharedParameters(range: string, { parameters }: MediaType): number {
  if (!range.includes(";")) return 0;
  const wanted = parametersOf(splitParameters(range).slice(1));
  if (wanted === null) return -1;
  for (const [name, value] of wanted)
    if (parameters.get(name)?.toLowerCase() !== value.toLowerCase()) return -1;
  return wanted.size;
}

export const PLAIN_TEXT = "text/plain";

/** Whether a parameter or header with content of this type is held to its schema. */
export function isCheckedContent(range: string): boolean {
  const essence = essenceOf(range);
  return isJson(essence) || essence === PLAIN_TEXT;
}

/** `text/json` has no registration, and ASP.NET writes it beside `application/json`. */
export function isJson(essence: string): boolean {
  return essence === "application/json" || essence === "text/json" || essence.endsWith("+json");
}

/** How a body of this type is read; null: it is not. */
export type BodyForm = "json" | "urlencoded" | "multipart";

export function bodyFormOf(essence: string): BodyForm | null {
  if (isJson(essence)) return "json";
  if (essence === "application/x-www-form-urlencoded") return "urlencoded";
  return essence === "multipart/form-data" ? "multipart" : null;
}
