/**
 * Segments of a pattern that hold literal text and parameters: `{id}.json`, `{a}-{b}`, `report-{year}.csv`. Defines what
 * they match. The one copy of this rule, for the router, the mock and the documents.
 */
export interface MixedSegment {
  readonly kind: "mixed";
  /**
   * The text before, between and behind the parameters, in canonical spelling; one more than `names`. The first one and the
   * last one may be empty, the others are not.
   */
  readonly literals: readonly string[];
  readonly names: readonly string[];
}

/** @param text a segment of a pattern's canonical text with a parameter and other text in it */
export function mixedSegment(text: string): MixedSegment {
  const parts = text.split(/[{}]/);
  return {
    kind: "mixed",
    literals: parts.filter((_, k) => k % 2 === 0),
    names: parts.filter((_, k) => k % 2 === 1),
  };
}

const PERCENT = 0x25;

/** Whether `at` lies inside of a percent-encoding. A value begins and ends outside of them. */
export function isInsideEscape(text: string, at: number): boolean {
  return text.charCodeAt(at - 1) === PERCENT || text.charCodeAt(at - 2) === PERCENT;
}

/**
 * Whether a mixed segment matches what lies behind its first literal. Each literal between two parameters is taken where
 * it occurs first, with at least one character before it; the last parameter takes all that is left before the last
 * literal. One pass: what was found is never given up for another place.
 *
 * @param literals of the segment
 * @param from behind the first literal, which is not looked at
 * @param to the end of the segment in the path
 * @param bounds gets start and end of each value, from index `2 * parameter` on
 */
export function matchBehindPrefix(
  literals: readonly string[],
  path: string,
  from: number,
  to: number,
  bounds: Int32Array,
  parameter: number,
): boolean {
  const last = literals.length - 1;
  const suffix = literals[last]!;
  const end = to - suffix.length;
  if (end <= from) return false;
  for (let k = suffix.length - 1; k >= 0; k--) {
    if (path.charCodeAt(end + k) !== suffix.charCodeAt(k)) return false;
  }
  if (end < to && isInsideEscape(path, end)) return false;
  let start = from;
  let at = 2 * parameter;
  for (let k = 1; k < last; k++) {
    const literal = literals[k]!;
    let found = path.indexOf(literal, start + 1);
    while (found >= 0 && found < end && isInsideEscape(path, found)) found = path.indexOf(literal, found + 1);
    const next = found + literal.length;
    if (found < 0 || next >= end) return false;
    bounds[at++] = start;
    bounds[at++] = found;
    start = next;
  }
  bounds[at++] = start;
  bounds[at] = end;
  return true;
}

/** The parameters' values in one segment of a path, or null if it does not match. */
export function mixedValues({ literals, names }: MixedSegment, text: string): readonly string[] | null {
  const [prefix = ""] = literals;
  const bounds = new Int32Array(2 * names.length);
  if (!text.startsWith(prefix)) return null;
  if (!matchBehindPrefix(literals, text, prefix.length, text.length, bounds, 0)) return null;
  return names.map((_, k) => text.slice(bounds[2 * k], bounds[2 * k + 1]));
}
