/** Content types and the ranges that accept them (RFC 9110 §8.3, §12.5.1). */

export interface MediaType {
  /** Lower case, without parameters. */
  readonly essence: string;
  /** Lower case; null when not given. */
  readonly charset: string | null;
}

const ESSENCE = /^[a-z0-9!#$&^_.+-]{1,127}\/[a-z0-9!#$&^_.+-]{1,127}$/;

/** Null when it is no media type, or names its charset twice: readers differ in which one they take. */
export function parseMediaType(header: string): MediaType | null {
  const [first = "", ...parameters] = partsOf(header);
  const essence = first.trim().toLowerCase();
  if (!ESSENCE.test(essence)) return null;
  let charset: string | null = null;
  for (const parameter of parameters) {
    const equals = parameter.indexOf("=");
    if (equals < 0 || parameter.slice(0, equals).trim().toLowerCase() !== "charset") continue;
    if (charset !== null) return null;
    charset = parameter
      .slice(equals + 1)
      .trim()
      .replace(/^"(.*)"$/, "$1")
      .toLowerCase();
  }
  return { essence, charset };
}

/** Split at semicolons, but for those in quoted strings (RFC 9110 §5.6.6). */
function partsOf(header: string): string[] {
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

/** The range that says most of a type (RFC 9110 §12.5.1), the first of several; null: none accepts it. */
export function bestRange<R extends { readonly range: string }>(
  ranges: readonly R[],
  essence: string,
): R | null {
  let best: R | null = null;
  let narrowest = 0;
  for (const one of ranges) {
    const found = narrowness(one.range, essence);
    if (found <= narrowest) continue;
    best = one;
    narrowest = found;
  }
  return best;
}

export function isJson(essence: string): boolean {
  return essence === "application/json" || essence.endsWith("+json");
}

/** How a body of this type is read; null: it is not. */
export type BodyForm = "json" | "urlencoded" | "multipart";

export function bodyFormOf(essence: string): BodyForm | null {
  if (isJson(essence)) return "json";
  if (essence === "application/x-www-form-urlencoded") return "urlencoded";
  return essence === "multipart/form-data" ? "multipart" : null;
}
