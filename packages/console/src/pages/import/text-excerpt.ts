/** The lines of a text around a place. Pure. */

export interface ExcerptLine {
  readonly number: number;
  readonly text: string;
  readonly isPlace: boolean;
}

const AROUND = 2;
const CHARS_MAX = 160;

export interface Excerpt {
  readonly lines: readonly ExcerptLine[];
  /** Of the place, in the shown text of its line, from 0. */
  readonly column: number;
}

export function excerptAt(text: string, line: number, column: number): Excerpt {
  let begin = 0;
  for (let n = 1; n < Math.max(1, line - AROUND); n++) {
    const end = text.indexOf("\n", begin);
    if (end < 0) break;
    begin = end + 1;
  }
  // Of a document in one long line, what is around the column.
  const left = column > CHARS_MAX - 40 ? column - CHARS_MAX / 2 : 0;
  const lines: ExcerptLine[] = [];
  for (let number = Math.max(1, line - AROUND); number <= line + AROUND && begin <= text.length; number++) {
    const found = text.indexOf("\n", begin);
    const end = found < 0 ? text.length : found;
    const from = Math.min(begin + left, end);
    const shown = text.slice(from, Math.min(end, from + CHARS_MAX)).replace("\r", "");
    lines.push({ number, text: shown, isPlace: number === line });
    begin = end + 1;
  }
  return { lines, column: Math.max(0, column - 1 - left) };
}

/** Of a line and column in the text, both from 1. */
export function offsetAt(text: string, line: number, column: number): number {
  let begin = 0;
  for (let n = 1; n < line; n++) {
    const end = text.indexOf("\n", begin);
    if (end < 0) return text.length;
    begin = end + 1;
  }
  return Math.min(text.length, begin + column - 1);
}
