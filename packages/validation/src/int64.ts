/**
 * Integers just beyond 64 bits. A double takes 9223372036854775808 for the same number as 9223372036854775807, so that
 * only the text tells which of them came: one beyond is read as the next double, which `int64` refuses and everything else
 * takes for as good as the number itself.
 */
import { stringEnd } from "./json-members.js";

/** What all integers have in common that a double rounds to the bound, and that have no exponent. */
const EDGE = "9223372036854775";
const MAX = "9223372036854775807";
const MIN_DIGITS = "9223372036854775808";
const BOUND = 2 ** 63;
const BEYOND = "9223372036854777856";

/** Whether the text may hold such a number. */
export function hasInt64Edge(text: string): boolean {
  return text.includes(EDGE);
}

/** The text of a number, written so that a double is beyond 64 bits where the number is. */
export function int64Text(number: string): string {
  const isNegative = number.startsWith("-");
  const digits = isNegative ? number.slice(1) : number;
  const isBeyond =
    digits.length === MAX.length &&
    digits > (isNegative ? MIN_DIGITS : MAX) &&
    /^\d+$/.test(digits) &&
    Number(digits) === BOUND;
  return isBeyond ? `${isNegative ? "-" : ""}${BEYOND}` : number;
}

/** @param text that JSON.parse has taken */
export function withInt64Edge(text: string): string {
  const pieces: string[] = [];
  let copied = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '"') i = stringEnd(text, i) - 1;
    else if (isOfNumber(text, i)) {
      const start = i;
      while (isOfNumber(text, i + 1)) i++;
      const number = text.slice(start, i + 1);
      const read = int64Text(number);
      if (read === number) continue;
      pieces.push(text.slice(copied, start), read);
      copied = i + 1;
    }
  }
  return pieces.join("") + text.slice(copied);
}

/** Of characters outside of strings. The letters of `true` and `false` make no difference. */
function isOfNumber(text: string, at: number): boolean {
  const char = text[at];
  return char !== undefined && ((char >= "0" && char <= "9") || "+-.eE".includes(char));
}
