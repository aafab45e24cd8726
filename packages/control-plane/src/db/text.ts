/** Text as it is ordered and searched: folded once when written, so that no dialect's collation matters. */
import { type ExpressionBuilder, type ExpressionWrapper, type RawBuilder, type SqlBool, sql } from "kysely";

/**
 * Case and width folded: NFKC, then lower, upper and lower case, so that `ẞ`, `ß` and `SS` are one; then the letters that lower case
 * writes in two ways (final sigma, the dotted capital I). Accents stay: `a` and `å` are different letters.
 */
export function fold(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .replaceAll("ς", "σ")
    .replaceAll("i\u0307", "i");
}

/** A path pattern as it is searched: as it is stored, and as people type it, with percent-encoding decoded. */
export function searchablePath(pattern: string): string {
  try {
    const decoded = decodeURIComponent(pattern);
    return decoded === pattern ? pattern : `${pattern}\n${decoded}`;
  } catch {
    return pattern; // bytes that are no UTF-8
  }
}

/** Words of a search text beyond these are not looked at. */
const SEARCH_WORDS_MAX = 8;

/** Whether a filter's search text has words. */
export function isSearch(search: string | null | undefined): search is string {
  return typeof search === "string" && search.trim() !== "";
}

/** True for rows whose folded `column`, or expression, contains every word of `search`. */
export function containsWords<DB, TB extends keyof DB>(
  eb: ExpressionBuilder<DB, TB>,
  column: string | RawBuilder<string>,
  search: string,
): ExpressionWrapper<DB, TB, SqlBool> {
  const text = typeof column === "string" ? sql.ref(column) : column;
  const words = fold(search)
    .split(/\s+/)
    .filter((word) => word !== "")
    .slice(0, SEARCH_WORDS_MAX);
  return eb.and(words.map((word) => sql<SqlBool>`${text} like ${`%${escapeLike(word)}%`} escape '\\'`));
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, (c) => `\\${c}`);
}

/** Order of two texts by UTF-16 code units, the same on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
