/** Texts of 15 KB that parsers stumble over: what is trimmed, split, quoted, escaped and nested, and mixes of it. */

const BYTES = 15_000;

const UNITS = [
  " ",
  "\t",
  " \t",
  ",",
  ", ",
  " ,",
  ";",
  "; ",
  "=",
  "a=b;",
  "a,b;",
  'a="b", ',
  'a="b";',
  '"',
  '""',
  "\\",
  '\\"',
  "%",
  "%2",
  "%41",
  "%e2%82",
  "%25",
  "/",
  "../",
  "./",
  ".",
  "-",
  "_",
  "&",
  "a&",
  "a=b&",
  "?",
  "*/*,",
  'W/"a",',
  "(",
  "[",
  "{",
  "0",
  "9",
  "a",
  ":",
  "@",
  "+",
  "close,",
  "chunked,",
  "for=a,",
  "1.1 a, ",
  "Bearer ",
  "timeout=",
  "q=0.1,",
];

export interface Fill {
  readonly name: string;
  readonly text: string;
}

const repeated = (unit: string): string => unit.repeat(Math.ceil(BYTES / unit.length)).slice(0, BYTES);

/** Where the run stands: alone, inside a text, behind an opening quote, behind a parameter. */
const SHAPES: readonly ((run: string) => string)[] = [
  (run) => `a${run}b`,
  (run) => run,
  (run) => `"${run}`,
  (run) => `a/b; c=${run}\x22x`,
];

/** Every unit in every shape; or each unit in one shape only, by turns. */
export function fills(inAllShapes: boolean): Fill[] {
  return UNITS.flatMap((unit, i) =>
    SHAPES.filter((_, shape) => inAllShapes || shape === i % 2).map((shape) => ({
      name: `${JSON.stringify(shape("…"))} with runs of ${JSON.stringify(unit)}`,
      text: shape(repeated(unit)),
    })),
  );
}

/** @param random from 0 to 1 */
export function mixedFill(random: () => number): Fill {
  const pick = (): string => UNITS[Math.floor(random() * UNITS.length)] as string;
  const some = Array.from({ length: 1 + Math.floor(random() * 4) }, pick);
  let text = "";
  while (text.length < BYTES) {
    const unit = some[Math.floor(random() * some.length)] as string;
    text += random() < 0.9 ? unit.repeat(1 + Math.floor(random() * 400)) : pick();
  }
  return { name: `a mix of ${JSON.stringify(some)}`, text: text.slice(0, BYTES) };
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
