/** Where a text stops being JSON, and why. Pure. */

export interface JsonProblem {
  /** Of the first character that cannot stand there. */
  readonly offset: number;
  /** `Not valid JSON, line 2, column 13: Unexpected token '}'.` */
  readonly message: string;
}

/** Null: the text is JSON, or empty. */
export function jsonProblem(text: string): JsonProblem | null {
  if (text.trim() === "") return null;
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    const said = (error as SyntaxError).message;
    const offset = Math.min(text.length, offsetIn(said, text));
    const before = text.slice(0, offset).split("\n");
    const reason = said
      .replace(/^JSON\.parse: /, "")
      .replace(/ (?:in JSON )?at (?:position|line) .*$/s, "")
      .replace(/, \.{3}?".*is not valid JSON$/s, "")
      .replace(/, ".*is not valid JSON$/s, "");
    return {
      offset,
      message: `Not valid JSON, line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}: ${reason}.`,
    };
  }
}

/** Browsers name the place each in their own way, and some not at all: then it is the end, or the token they quote. */
function offsetIn(said: string, text: string): number {
  const [, position] = /at position (\d+)/.exec(said) ?? [];
  if (position !== undefined) return Number(position);
  const [, line, column] = /at line (\d+) column (\d+)/.exec(said) ?? [];
  if (line !== undefined && column !== undefined) {
    const lines = text.split("\n").slice(0, Number(line) - 1);
    return lines.reduce((sum, each) => sum + each.length + 1, Number(column) - 1);
  }
  const [, token, around] =
    /^Unexpected token '(.+?)', (?:\.\.\.)?"(.*?)"(?:\.\.\.)? is not valid/s.exec(said) ?? [];
  const begin = around === undefined ? -1 : text.indexOf(around);
  if (token === undefined || around === undefined || begin < 0) return text.length;
  // What is quoted has ten characters before the token, or all there are.
  const inside = begin > 0 ? Math.min(10, around.length - 1) : around.indexOf(token);
  return begin + Math.max(0, inside);
}
