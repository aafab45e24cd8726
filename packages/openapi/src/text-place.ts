/** A place in a text as editors show it. */
export interface TextPlace {
  /** From 1. */
  readonly line: number;
  /** In UTF-16 code units, from 1. */
  readonly column: number;
}

export function placeAt(text: string, offset: number): TextPlace {
  let line = 1;
  let begin = 0;
  for (let end = text.indexOf("\n"); end >= 0 && end < offset; end = text.indexOf("\n", begin)) {
    line++;
    begin = end + 1;
  }
  return { line, column: offset - begin + 1 };
}
