/**
 * The slow way round for a pattern: brings what a person typed into the one spelling, or says what is wrong with it,
 * where, and what would be right.
 */
import { type Misspelling, type PathRefusalCode, respell } from "./request-path.js";
import { err, ok, type Result } from "./result.js";

/** Bounds of a pattern: they bound the router's tree, and with it the cost of a request. */
export const routePatternLimits = {
  /** UTF-16 code units, as typed and in the canonical spelling. */
  charsMax: 2048,
  segmentsMax: 64,
  parametersMax: 64,
  parameterNameCharsMax: 64,
} as const;

export type RoutePatternErrorCode =
  | PathRefusalCode
  | "too_long"
  | "too_many_segments"
  | "too_many_parameters"
  | "empty_segment"
  | "foreign_wildcard"
  | "bad_parameter"
  | "bad_parameter_name"
  | "duplicate_parameter"
  | "rest_not_last"
  | "rest_not_whole";

export interface RoutePatternError {
  readonly code: RoutePatternErrorCode;
  /** What is wrong and what would be right, for the person who typed the pattern. */
  readonly message: string;
  /** Where, as an index of UTF-16 code units into the pattern as given. */
  readonly offset: number;
}

const PARAMETER_NAME = /^[A-Za-z][A-Za-z0-9_-]*$/;

/** @returns the canonical text */
export function spellPattern(source: string): Result<string, RoutePatternError> {
  const { charsMax, segmentsMax, parametersMax } = routePatternLimits;
  if (source.length > charsMax) {
    return fail("too_long", charsMax, `A path pattern has at most ${charsMax} characters.`);
  }
  if (!source.startsWith("/")) {
    return fail("not_absolute", 0, `A path pattern starts with "/": write ${quote(`/${source}`)}.`);
  }
  const hasTrailingSlash = source.length > 1 && source.endsWith("/") && !source.endsWith("//");
  const end = hasTrailingSlash ? source.length - 1 : source.length;
  const texts = end === 1 ? [] : source.slice(1, end).split("/");
  const spelled: string[] = [];
  const names = new Set<string>();
  let rest: string | null = null;
  let offset = 1;
  for (const text of texts) {
    if (spelled.length === segmentsMax) {
      return fail("too_many_segments", offset, `A path pattern has at most ${segmentsMax} segments.`);
    }
    if (rest !== null) return failAfterRest(rest, offset);
    const segment = spellSegment(text, offset);
    if (!segment.ok) return segment;
    for (const { name, isRest, at } of segment.value.parameters) {
      // Parameters are passed on as headers, whose names have no case.
      const key = name.toLowerCase();
      if (names.has(key)) return failTwice(name, at);
      if (names.size === parametersMax) {
        return fail("too_many_parameters", at, `A path pattern has at most ${parametersMax} parameters.`);
      }
      names.add(key);
      if (isRest) rest = name;
    }
    spelled.push(segment.value.text);
    offset += text.length + 1;
  }
  const text = `/${spelled.join("/")}`;
  if (text.length > charsMax) {
    return fail(
      "too_long",
      source.length,
      `A path pattern has at most ${charsMax} characters after percent-encoding; this one has ${text.length}.`,
    );
  }
  return ok(text);
}

interface SpelledParameter {
  readonly name: string;
  readonly isRest: boolean;
  /** Index into the pattern as given. */
  readonly at: number;
}

interface SpelledSegment {
  readonly text: string;
  readonly parameters: readonly SpelledParameter[];
}

function spellSegment(source: string, offset: number): Result<SpelledSegment, RoutePatternError> {
  if (source === "") {
    return fail(
      "empty_segment",
      offset,
      'A path pattern has no empty segments: write a single "/" between two segments.',
    );
  }
  if (source === "*" || source === "**" || (source.startsWith(":") && !source.includes("{"))) {
    return fail(
      "foreign_wildcard",
      offset,
      `${quote(source)} is not a wildcard here: write {name} for one segment and {name*} for the rest of the path.`,
    );
  }
  if (source.includes("{") || source.includes("}")) return spellParameters(source, offset);
  const spelled = respell(`/${source}`, true);
  if (typeof spelled === "string") return ok({ text: spelled.slice(1), parameters: [] });
  return failStatic(spelled, source, offset - 1);
}

/** What would be right, for what a person can get wrong in a static segment. */
const staticAdvice: { readonly [C in PathRefusalCode]: string } = {
  not_absolute: 'a path starts with "/".',
  illegal_character:
    'a pattern is a path only, without query or fragment; leave "?" and "#" out, or encode them as %3F and %23.',
  control_character: "control characters cannot be in a path, plain or encoded; remove it.",
  backslash: 'a backslash cannot be in a path: write "/" between segments, or %5C if it is data.',
  bad_percent_encoding: "a % is followed by two hexadecimal digits; write %25 for a plain %.",
  bad_utf8: "this is not valid UTF-8; write the characters themselves, they are encoded for you.",
  dot_segment:
    '"." and ".." cannot be segments, because a request with them is refused; write the full path.',
};

/** A segment with a parameter in it, alone or among other text. */
function spellParameters(source: string, offset: number): Result<SpelledSegment, RoutePatternError> {
  const parameters: SpelledParameter[] = [];
  let text = "";
  for (let at = 0; at < source.length; ) {
    const brace = source.slice(at).search(/[{}]/);
    const open = brace < 0 ? source.length : at + brace;
    if (open > at) {
      const literal = spellLiteral(source, at, open, offset);
      if (!literal.ok) return literal;
      text += literal.value;
    }
    if (open === source.length) break;
    const end = source.slice(open + 1).search(/[{}]/) + open + 1;
    if (source[open] === "}" || end === open || source[end] === "{") {
      const wrong = source[open] === "}" ? "a } without a {" : "an unclosed {";
      return fail(
        "bad_parameter",
        offset + open,
        `In ${quote(source)}: there is ${wrong}; write {name}, or %7B and %7D for braces as text.`,
      );
    }
    if (open === at && at > 0) {
      return fail(
        "bad_parameter",
        offset + open,
        `In ${quote(source)}: two parameters need text between them; write {a}-{b} or {a}/{b}.`,
      );
    }
    const parameter = spellName(source.slice(open + 1, end), offset + open);
    if (!parameter.ok) return parameter;
    if (parameter.value.isRest && source.length > end + 1 - open) {
      return fail(
        "rest_not_whole",
        offset + open,
        `In ${quote(source)}: the rest of the path is a whole segment; write /{${parameter.value.name}*}.`,
      );
    }
    parameters.push(parameter.value);
    at = end + 1;
    text += source.slice(open, at);
  }
  return ok({ text, parameters });
}

/** The text from `start` to `end` of a segment, which alone is no dot segment. */
function spellLiteral(
  source: string,
  start: number,
  end: number,
  offset: number,
): Result<string, RoutePatternError> {
  const spelled = respell(`/_${source.slice(start, end)}`, true);
  return typeof spelled === "string" ? ok(spelled.slice(2)) : failStatic(spelled, source, offset + start - 2);
}

function spellName(inner: string, at: number): Result<SpelledParameter, RoutePatternError> {
  const isRest = inner.endsWith("*");
  const name = isRest ? inner.slice(0, -1) : inner;
  const { parameterNameCharsMax } = routePatternLimits;
  if (!PARAMETER_NAME.test(name) || name.length > parameterNameCharsMax) {
    return fail(
      "bad_parameter_name",
      at + 1,
      `${quote(name)} cannot name a parameter: a name is a letter, then letters, digits, "_" or "-", ` +
        `at most ${parameterNameCharsMax} characters; {name*} takes the rest of the path.`,
    );
  }
  return ok({ name, isRest, at });
}

function failStatic({ code, offset }: Misspelling, source: string, from: number): Failure {
  return fail(code, from + offset, `In ${quote(source)}: ${staticAdvice[code]}`);
}

function failAfterRest(name: string, offset: number): Failure {
  return fail(
    "rest_not_last",
    offset,
    `{${name}*} takes the rest of the path, so nothing can follow it; write {${name}} for a single segment.`,
  );
}

function failTwice(name: string, offset: number): Failure {
  return fail(
    "duplicate_parameter",
    offset,
    `The parameter ${quote(name)} is named twice (upper and lower case are the same here, ` +
      "because parameters are passed on as headers); give each its own name.",
  );
}

type Failure = { readonly ok: false; readonly error: RoutePatternError };

function fail(code: RoutePatternErrorCode, offset: number, message: string): Failure {
  return err({ code, message, offset });
}

/** Messages stay short and on one line, whatever was typed. */
const QUOTED_CHARS_MAX = 60;

function quote(text: string): string {
  return JSON.stringify(text.length > QUOTED_CHARS_MAX ? `${text.slice(0, QUOTED_CHARS_MAX)}…` : text);
}
