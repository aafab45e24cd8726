/** A name for a route that code generators can use: `GET /orders/{id}` → `getOrdersById`. Unique among the taken ones. */

const WORD = /[A-Za-z0-9]+/g;
const CHARS_MAX = 100;

export function makeOperationId(method: string, pattern: string, taken: ReadonlySet<string>): string {
  const words = pattern.split("/").flatMap((segment) => {
    const isParameter = segment.startsWith("{");
    const parts = decode(segment).match(WORD) ?? [];
    return isParameter ? ["By", ...parts] : parts;
  });
  const base = (method.toLowerCase() + words.map(capitalised).join("")).slice(0, CHARS_MAX);
  let name = base;
  for (let i = 2; taken.has(name); i++) name = `${base}${i}`;
  return name;
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** Encoded octets would become words of their own. */
function decode(segment: string): string {
  return segment.replace(/%[0-9A-F]{2}/g, "-");
}
