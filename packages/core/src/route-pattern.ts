/**
 * Parses and validates a route's path pattern; both planes use this and nothing else.
 * Knows no methods and matches nothing (that is the router's work). A pattern is kept in one canonical
 * spelling, so two patterns that match the same paths have the same text but for parameter names.
 */
import { mixedSegment } from "./mixed-segment.js";
import { plainSegmentEnd } from "./request-path.js";
import { ok, type Result } from "./result.js";
import type { RouteSegment } from "./route-segment.js";
import { type RoutePatternError, routePatternLimits, spellPattern } from "./spell-pattern.js";

export {
  isInsideEscape,
  type MixedSegment,
  matchBehindPrefix,
  mixedSegment,
  mixedValues,
} from "./mixed-segment.js";
export { normalizePath, type PathRefusal, type PathRefusalCode, pathRefusals } from "./request-path.js";
export { compareSegments, type RouteSegment } from "./route-segment.js";
export { type RoutePatternError, type RoutePatternErrorCode, routePatternLimits } from "./spell-pattern.js";

/** Made by `parseRoutePattern`. Holds its text only, since a node parses many and looks closely at few. */
export class RoutePattern {
  /** Canonical text: parsing it again gives the same pattern. No trailing slash, but for "/" itself. */
  readonly text: string;
  /** Rest included. */
  readonly parameterCount: number;

  /** @param text in canonical spelling, which is not checked */
  constructor(text: string, parameterCount: number) {
    this.text = text;
    this.parameterCount = parameterCount;
  }

  /** Read from the text at each call, as `parameterNames`: keep it where it is needed often. */
  get segments(): readonly RouteSegment[] {
    return this.text === "/" ? [] : this.text.slice(1).split("/").map(segmentOf);
  }

  /** In the order of the path, spelled as given; unique without regard to case. */
  get parameterNames(): readonly string[] {
    return parameterNamesOf(this.text);
  }
}

/** Those of a pattern's canonical text, in the order of the path. */
export function parameterNamesOf(text: string): readonly string[] {
  return Array.from(text.matchAll(/\{([^{}*]+)\*?\}/g), (it) => it[1] as string);
}

function segmentOf(text: string): RouteSegment {
  if (!text.includes("{")) return { kind: "static", text };
  if (!text.startsWith("{") || text.indexOf("}") !== text.length - 1) return mixedSegment(text);
  if (text.endsWith("*}")) return { kind: "rest", name: text.slice(1, -2) };
  return { kind: "parameter", name: text.slice(1, -1) };
}

/**
 * Reads a pattern such as `/orders/{id}/files/{path*}`.
 *
 * Percent-encodings are normalised as in a request (`/%61` is `/a`, `/%c3%a6` is `/%C3%A6`), characters
 * outside ASCII and spaces are encoded, and one trailing slash is dropped.
 */
export function parseRoutePattern(source: string): Result<RoutePattern, RoutePatternError> {
  const parameterCount = countPlainParameters(source);
  if (parameterCount >= 0) return ok(new RoutePattern(source, parameterCount));
  const spelled = spellPattern(source);
  return spelled.ok ? ok(new RoutePattern(spelled.value, spelled.value.split("{").length - 1)) : spelled;
}

/**
 * The pattern with the parameter names taken out: two patterns with one key match exactly the same
 * paths, so one Api cannot have both for one method.
 */
export function normalizedKey({ text }: Pick<RoutePattern, "text">): string {
  return text.replace(/\{[^{}*]+/g, "{");
}

const SLASH = 0x2f;
const ASTERISK = 0x2a;
const HYPHEN = 0x2d;
const UNDERSCORE = 0x5f;
const OPEN = 0x7b;
const CLOSE = 0x7d;
/** Makes letters lower case, and tells all that a name can have apart as before. */
const LOWER = 0x20;

/**
 * The number of parameters of a pattern that is in canonical spelling as it stands: the usual case, told in one pass.
 * -1 says nothing but that it needs looking closer.
 */
function countPlainParameters(text: string): number {
  const { length } = text;
  if (length < 2) return text === "/" ? 0 : -1;
  if (length > routePatternLimits.charsMax || text.charCodeAt(0) !== SLASH) return -1;
  let count = 0;
  let at = 1;
  for (let left = routePatternLimits.segmentsMax; left > 0; left--) {
    let end: number;
    if (text.charCodeAt(at) === OPEN) {
      end = parameterEnd(text, at, count > 0);
      count++;
    } else end = plainSegmentEnd(text, at);
    if (end === length) return count;
    if (end < 0) return -1;
    at = end + 1;
  }
  return -1;
}

/** Where the parameter that opens at `open` ends; -1 if it is none, or one whose name was there before. */
function parameterEnd(text: string, open: number, isOneBefore: boolean): number {
  let at = open + 1;
  if (!isLetter(text.charCodeAt(at))) return -1;
  for (at++; isNameChar(text.charCodeAt(at)); ) at++;
  if (at - open - 1 > routePatternLimits.parameterNameCharsMax) return -1;
  if (isOneBefore && isNamedBefore(text, open, at)) return -1;
  const isRest = text.charCodeAt(at) === ASTERISK;
  if (isRest) at++;
  if (text.charCodeAt(at) !== CLOSE) return -1;
  at++;
  return at === text.length || (!isRest && text.charCodeAt(at) === SLASH) ? at : -1;
}

function isNamedBefore(text: string, open: number, end: number): boolean {
  for (let other = text.indexOf("{"); other < open; other = text.indexOf("{", other + 1)) {
    let at = 1;
    while (open + at < end && (text.charCodeAt(other + at) | LOWER) === (text.charCodeAt(open + at) | LOWER))
      at++;
    if (open + at === end && !isNameChar(text.charCodeAt(other + at))) return true;
  }
  return false;
}

function isLetter(charCode: number): boolean {
  const lower = charCode | LOWER;
  return lower >= 0x61 && lower <= 0x7a;
}

function isNameChar(charCode: number): boolean {
  return (
    isLetter(charCode) ||
    (charCode >= 0x30 && charCode <= 0x39) ||
    charCode === HYPHEN ||
    charCode === UNDERSCORE
  );
}
