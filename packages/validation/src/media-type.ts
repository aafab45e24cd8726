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

/** @param range such as `application/json`, `text/*` or the one that accepts anything */
export function accepts(range: string, essence: string): boolean {
  const wanted = (range.split(";")[0] ?? "").trim().toLowerCase();
  if (wanted === "*/*" || wanted === essence) return true;
  return wanted.endsWith("/*") && essence.startsWith(wanted.slice(0, -1));
}

export function isJson(essence: string): boolean {
  return essence === "application/json" || essence.endsWith("+json");
}
