/** Content types and the ranges that accept them (RFC 9110 §8.3, §12.5.1). */

export interface MediaType {
  /** Lower case, without parameters. */
  readonly essence: string;
  /** Lower case; null when not given. */
  readonly charset: string | null;
}

const ESSENCE = /^[a-z0-9!#$&^_.+-]{1,127}\/[a-z0-9!#$&^_.+-]{1,127}$/;

/** Null when it is no media type. */
export function parseMediaType(header: string): MediaType | null {
  const [first = "", ...parameters] = header.split(";");
  const essence = first.trim().toLowerCase();
  if (!ESSENCE.test(essence)) return null;
  for (const parameter of parameters) {
    const [name = "", value = ""] = parameter.split("=");
    if (name.trim().toLowerCase() === "charset") {
      return {
        essence,
        charset: value
          .trim()
          .replace(/^"(.*)"$/, "$1")
          .toLowerCase(),
      };
    }
  }
  return { essence, charset: null };
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
