/** Parameters of a query by name, as targets compare names: decoded, and some (ASP.NET) without regard to case. */

/**
 * The query without the parameters of these names; every other byte stays as it came.
 *
 * @param query without `?`
 * @param names as `foldedNameOf` has them
 */
export function withoutParameters(query: string, names: ReadonlySet<string>): string {
  const pairs = query.split("&");
  const kept = pairs.filter((pair) => !names.has(foldedNameOf(pair)));
  return kept.length === pairs.length ? query : kept.filter((pair) => pair !== "").join("&");
}

/** Decoded and in lower case. @param pair as `name=value` or `name` */
export function foldedNameOf(pair: string): string {
  const end = pair.indexOf("=");
  const name = (end < 0 ? pair : pair.slice(0, end)).replaceAll("+", " ");
  try {
    return decodeURIComponent(name).toLowerCase();
  } catch {
    return name.toLowerCase();
  }
}
