/** Checks that several forms share. Each adds to the problems and gives the cleaned value. */
import { Problems } from "../errors/user-error.js";

/** A field of an input that may be left out or null. */
export type Maybe<T> = T | null | undefined;

export type FieldPath = readonly string[];

/** The field of a partial input: left out, it stays as it is; null brings the fallback. */
export function pick<T>(given: Maybe<T>, base: T, fallback: T): T {
  return given === undefined ? base : (given ?? fallback);
}

/** Adds a user error for each of the fields that is null: a change cannot clear what always has a value. */
export function refuseNulls<T extends object>(
  problems: Problems,
  at: FieldPath,
  input: T,
  fields: readonly (keyof T & string)[],
): void {
  for (const field of fields)
    if (input[field] === null)
      problems.add("REQUIRED", [...at, field], `${field} cannot be null: leave it out to keep it as it is.`);
}

/** User errors for each of the input's fields that is null and always has a value; null when there is none. */
export function checkNulls<T extends object>(input: T, fields: readonly (keyof T & string)[]) {
  const problems = new Problems();
  refuseNulls(problems, ["input"], input, fields);
  return problems.any ? problems.failure() : null;
}

export interface TextRule {
  /** Characters, counted as code points. */
  readonly charsMax: number;
  readonly required?: boolean;
  /** Line breaks and tabs are welcome. */
  readonly multiline?: boolean;
}

/**
 * Characters that show nothing or change the order of what stands beside them: two names with and without them look the
 * same (UTS #39). The joiners U+200C and U+200D stay: Persian and emoji need them.
 */
const INVISIBLE = /[\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROL_BUT_LINES = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;

/** One line of what can be shown of a text: it passes `checkText` unless it is empty or too long. */
export function shownLine(text: string): string {
  return text
    .replace(/[\t\n\v\f\r\u0085\u2028\u2029]+/g, " ")
    .replace(new RegExp(`${CONTROL.source}|${INVISIBLE.source}`, "g"), "")
    .trim();
}

/** Lines of what can be shown of a text: they pass a `checkText` with `multiline`. */
export function shownLines(text: string): string {
  return text
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, "\n")
    .replace(new RegExp(CONTROL_BUT_LINES.source, "g"), "")
    .trim();
}

/** A text without blanks at its ends. */
export function checkText(
  problems: Problems,
  field: FieldPath,
  noun: string,
  text: string,
  rule: TextRule,
): string {
  const clean = text.trim();
  if (clean === "") {
    if (rule.required === true) problems.add("REQUIRED", field, `${noun} is required.`);
    return clean;
  }
  if (!clean.isWellFormed() || (rule.multiline === true ? CONTROL_BUT_LINES : CONTROL).test(clean))
    problems.add("INVALID", field, `${noun} has characters that cannot be shown.`);
  const invisible = INVISIBLE.exec(clean)?.[0];
  if (invisible !== undefined && rule.multiline !== true)
    problems.add(
      "INVALID",
      field,
      `${noun} has the invisible character ${codePointName(invisible)} at place ${clean.indexOf(invisible) + 1}: remove it.`,
    );
  // The cheap count first: it is never below the other.
  if (clean.length > rule.charsMax && [...clean].length > rule.charsMax)
    problems.add("TOO_LONG", field, `${noun} has at most ${rule.charsMax} characters.`);
  return clean;
}

function codePointName(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

export interface NumberRule {
  readonly min: number;
  readonly max: number;
  /** `ms`, `bytes` … */
  readonly unit?: string;
}

/** A whole number in its range. */
export function checkNumber(
  problems: Problems,
  field: FieldPath,
  noun: string,
  value: number,
  rule: NumberRule,
): number {
  if (!Number.isSafeInteger(value) || value < rule.min || value > rule.max) {
    const unit = rule.unit === undefined ? "" : ` ${rule.unit}`;
    problems.add("INVALID", field, `${noun} is a whole number from ${rule.min} to ${rule.max}${unit}.`);
  }
  return value;
}
