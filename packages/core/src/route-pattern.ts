/**
 * Parses and validates a route's path pattern; both planes use this and nothing else.
 * Knows no methods and matches nothing (that is the router's work). A pattern is kept in one canonical
 * spelling, so two patterns that match the same paths have the same text but for parameter names.
 */
import { isPlainSegment, type PathRefusalCode, respell } from "./request-path.js";
import { err, ok, type Result } from "./result.js";

export { normalizePath, type PathRefusal, type PathRefusalCode, pathRefusals } from "./request-path.js";

/** Bounds of a pattern: they bound the router's tree, and with it the cost of a request. */
export const routePatternLimits = {
  /** UTF-16 code units, as typed and in the canonical spelling. */
  charsMax: 2048,
  segmentsMax: 64,
  parameterNameCharsMax: 64,
} as const;

export type RouteSegment =
  /** Matches this text. Canonical spelling, never empty. */
  | { readonly kind: "static"; readonly text: string }
  /** `{name}`: exactly one non-empty segment. */
  | { readonly kind: "parameter"; readonly name: string }
  /** `{name*}`, last only: everything to the end, at least one character, which is not a slash. */
  | { readonly kind: "rest"; readonly name: string };

export interface RoutePattern {
  /** Canonical text: parsing it again gives the same pattern. No trailing slash, but for "/" itself. */
  readonly text: string;
  readonly segments: readonly RouteSegment[];
  /** In the order of the path, spelled as given; unique without regard to case. */
  readonly parameterNames: readonly string[];
}

export type RoutePatternErrorCode =
  | PathRefusalCode
  | "too_long"
  | "too_many_segments"
  | "empty_segment"
  | "foreign_wildcard"
  | "bad_parameter"
  | "bad_parameter_name"
  | "duplicate_parameter"
  | "rest_not_last";

export interface RoutePatternError {
  readonly code: RoutePatternErrorCode;
  /** What is wrong and what would be right, for the person who typed the pattern. */
  readonly message: string;
  /** Where, as an index of UTF-16 code units into the pattern as given. */
  readonly offset: number;
}

const NO_NAMES: readonly string[] = Object.freeze([]);
const PARAMETER_NAME = /^[A-Za-z][A-Za-z0-9_-]*$/;

/**
 * Reads a pattern such as `/orders/{id}/files/{path*}`.
 *
 * Percent-encodings are normalised as in a request (`/%61` is `/a`, `/%c3%a6` is `/%C3%A6`), characters
 * outside ASCII and spaces are encoded, and one trailing slash is dropped.
 */
export function parseRoutePattern(source: string): Result<RoutePattern, RoutePatternError> {
  const { charsMax, segmentsMax } = routePatternLimits;
  if (source.length > charsMax) {
    return fail("too_long", charsMax, `A path pattern has at most ${charsMax} characters.`);
  }
  if (!source.startsWith("/")) {
    return fail("not_absolute", 0, `A path pattern starts with "/": write ${quote(`/${source}`)}.`);
  }
  const hasTrailingSlash = source.length > 1 && source.endsWith("/") && !source.endsWith("//");
  const end = hasTrailingSlash ? source.length - 1 : source.length;
  const texts = end === 1 ? [] : source.slice(1, end).split("/");
  // No pushing: an array that is pushed to has room for 17, and tables have many patterns.
  const segments = new Array<RouteSegment>(Math.min(texts.length, segmentsMax));
  let parameterNames: readonly string[] = NO_NAMES;
  let isCanonical = true;
  let previous: RouteSegment | null = null;
  let offset = 1;
  for (let k = 0; k < texts.length; k++) {
    const text = texts[k] as string;
    if (k === segmentsMax) {
      return fail("too_many_segments", offset, `A path pattern has at most ${segmentsMax} segments.`);
    }
    if (previous !== null && previous.kind === "rest") return failAfterRest(previous.name, offset);
    const segment = parseSegment(text, offset);
    if ("ok" in segment) return segment;
    if (segment.kind === "static") isCanonical &&= segment.text === text;
    else {
      if (isNamed(parameterNames, segment.name)) return failTwice(segment.name, offset);
      parameterNames = parameterNames.length === 0 ? [segment.name] : [...parameterNames, segment.name];
    }
    segments[k] = segment;
    previous = segment;
    offset += text.length + 1;
  }
  // The same string where possible: a table of patterns is then not held twice.
  const text = isCanonical ? source.slice(0, end) : `/${segments.map(segmentText).join("/")}`;
  if (text.length > charsMax) {
    return fail(
      "too_long",
      source.length,
      `A path pattern has at most ${charsMax} characters after percent-encoding; this one has ${text.length}.`,
    );
  }
  return ok({ text, segments, parameterNames });
}

/** Parameters are passed on as headers, whose names have no case. */
function isNamed(names: readonly string[], name: string): boolean {
  if (names.length === 0) return false;
  const key = name.toLowerCase();
  return names.some((it) => it.toLowerCase() === key);
}

/**
 * The pattern with the parameter names taken out: two patterns with one key match exactly the same
 * paths, so one Api cannot have both for one method.
 */
export function normalizedKey(pattern: RoutePattern): string {
  return `/${pattern.segments
    .map((segment) =>
      segment.kind === "static" ? segment.text : segment.kind === "parameter" ? "{}" : "{*}",
    )
    .join("/")}`;
}

function segmentText(segment: RouteSegment): string {
  if (segment.kind === "static") return segment.text;
  return segment.kind === "parameter" ? `{${segment.name}}` : `{${segment.name}*}`;
}

function parseSegment(source: string, offset: number): RouteSegment | Failure {
  if (source === "") {
    return fail(
      "empty_segment",
      offset,
      'A path pattern has no empty segments: write a single "/" between two segments.',
    );
  }
  if (source.startsWith(":") || source === "*" || source === "**") {
    return fail(
      "foreign_wildcard",
      offset,
      `${quote(source)} is not a wildcard here: write {name} for one segment and {name*} for the rest of the path.`,
    );
  }
  if (isPlainSegment(source, 0, source.length)) return { kind: "static", text: source };
  if (source.includes("{") || source.includes("}")) return parseParameter(source, offset);
  const spelled = respell(`/${source}`, true);
  if (typeof spelled !== "string") {
    const at = offset + spelled.offset - 1;
    return fail(spelled.code, at, `In ${quote(source)}: ${staticAdvice[spelled.code]}`);
  }
  return { kind: "static", text: spelled.slice(1) };
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

function parseParameter(source: string, offset: number): RouteSegment | Failure {
  const inner = source.slice(1, -1);
  if (!source.startsWith("{") || !source.endsWith("}") || inner.includes("{") || inner.includes("}")) {
    return fail(
      "bad_parameter",
      offset + Math.max(0, source.search(/[{}]/)),
      `In ${quote(source)}: a parameter is a whole segment; write /{name}/ or /{name*}.`,
    );
  }
  const isRest = inner.endsWith("*");
  const name = isRest ? inner.slice(0, -1) : inner;
  const { parameterNameCharsMax } = routePatternLimits;
  if (!PARAMETER_NAME.test(name) || name.length > parameterNameCharsMax) {
    return fail(
      "bad_parameter_name",
      offset + 1,
      `${quote(name)} cannot name a parameter: a name is a letter, then letters, digits, "_" or "-", ` +
        `at most ${parameterNameCharsMax} characters; {name*} takes the rest of the path.`,
    );
  }
  return { kind: isRest ? "rest" : "parameter", name };
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
