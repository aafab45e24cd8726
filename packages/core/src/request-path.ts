/**
 * Brings a request path into the one spelling that routes are matched in, or refuses it.
 * Drops one trailing slash. Never decodes what could change the meaning of a path (`%2F` stays), never
 * merges slashes, never resolves dot segments: what is ambiguous is refused. The rules are the table in
 * docs/routing.md.
 */

export type PathRefusalCode =
  | "not_absolute"
  | "illegal_character"
  | "control_character"
  | "backslash"
  | "bad_percent_encoding"
  | "bad_utf8"
  | "dot_segment";

/** Why a path is not allowed. Constant values: refusing a request allocates nothing. */
export interface PathRefusal {
  readonly code: PathRefusalCode;
  /** A public sentence; never holds any part of the path. */
  readonly message: string;
}

/** Every refusal, by code. An ingress responds to each with 400. */
export const pathRefusals: { readonly [C in PathRefusalCode]: PathRefusal } = {
  not_absolute: refusal("not_absolute", 'The path must start with "/".'),
  illegal_character: refusal(
    "illegal_character",
    "The path has a character that must be percent-encoded (RFC 3986, section 3.3).",
  ),
  control_character: refusal("control_character", "The path has a control character, plain or encoded."),
  backslash: refusal("backslash", "The path has a backslash; encode it as %5C if it is data."),
  bad_percent_encoding: refusal(
    "bad_percent_encoding",
    "The path has a % that is not followed by two hexadecimal digits.",
  ),
  bad_utf8: refusal("bad_utf8", "The path's percent-encoded bytes are not valid UTF-8."),
  dot_segment: refusal(
    "dot_segment",
    'The path has a "." or ".." segment; send the path that it stands for.',
  ),
};

const SLASH = 0x2f;
const DOT = 0x2e;
const PERCENT = 0x25;
const SEMICOLON = 0x3b;
const COLON = 0x3a;
const ASTERISK = 0x2a;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const DELETE = 0x7f;
const ASCII_END = 0x80;

// What a character is to a path. PLAIN is RFC 3986 pchar and "/", without "." (which needs a look around).
const OTHER = 0;
const PLAIN = 1;
/** Not allowed bare by RFC 3986, yet sent by browsers and harmless: read as its percent-encoding. */
const ENCODED = 2;

const UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
const CLASS = new Uint8Array(ASCII_END);
const IS_UNRESERVED = new Uint8Array(ASCII_END);
for (const char of UNRESERVED) IS_UNRESERVED[char.charCodeAt(0)] = 1;
for (const char of `${UNRESERVED}!$&'()*+,;=:@/`) CLASS[char.charCodeAt(0)] = PLAIN;
for (const char of '"<>[]^`{|}') CLASS[char.charCodeAt(0)] = ENCODED;
CLASS[DOT] = OTHER;

/** Of each byte. A path may be nothing but such: made one by one they took most of the time. */
const PERCENT_ENCODED = Array.from(
  { length: 256 },
  (_, byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`,
);

/**
 * The path as routes see it, or why it is refused.
 *
 * @param raw the path of the request target, without query, as it came over the wire
 * @returns `raw` itself when it is already in that spelling (the usual case: nothing is allocated),
 *   a new string when percent-encodings had to be normalised (RFC 3986 section 6.2.2) or a trailing
 *   slash dropped (not of "/" itself, and not of an empty segment: "/a//" stays), or one of
 *   `pathRefusals`. Tell them apart by `typeof path === "string"`. Linear in the length of `raw`.
 */
export function normalizePath(raw: string): string | PathRefusal {
  const length = raw.length;
  if (length === 0 || raw.charCodeAt(0) !== SLASH) return pathRefusals.not_absolute;
  for (let i = 1; i < length; i++) {
    const code = raw.charCodeAt(i);
    if (code < ASCII_END && CLASS[code] === PLAIN) continue;
    if (code !== DOT) return normalizeSlowly(raw);
    if (raw.charCodeAt(i - 1) === SLASH && isDotSegmentAt(raw, i)) return pathRefusals.dot_segment;
  }
  return raw.charCodeAt(length - 1) === SLASH ? withoutTrailingSlash(raw) : raw;
}

function withoutTrailingSlash(path: string): string {
  const last = path.length - 1;
  const isIgnored = last > 0 && path.charCodeAt(last) === SLASH && path.charCodeAt(last - 1) !== SLASH;
  return isIgnored ? path.slice(0, last) : path;
}

function normalizeSlowly(raw: string): string | PathRefusal {
  const spelled = respell(raw, false);
  return typeof spelled === "string" ? withoutTrailingSlash(spelled) : pathRefusals[spelled.code];
}

/**
 * Where a segment of a pattern ends that starts at `from`, behind a slash, and is in the one spelling as it stands: the
 * usual case, told without looking closer. -1 says nothing but that it needs looking closer.
 */
export function plainSegmentEnd(text: string, from: number): number {
  const { length } = text;
  const first = text.charCodeAt(from);
  // Dot segments, what is empty, and other people's wildcards.
  if (from === length || first === SLASH || first === DOT || first === COLON || first === ASTERISK) return -1;
  for (let at = from; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code === SLASH) return at;
    if ((code >= ASCII_END || CLASS[code] !== PLAIN) && code !== DOT) return -1;
  }
  return length;
}

/** Where a text cannot be brought into the one spelling. */
export interface Misspelling {
  readonly code: PathRefusalCode;
  /** Index of the first offending UTF-16 code unit. */
  readonly offset: number;
}

/**
 * The slow way round, for requests with escapes and for patterns: one spelling for one meaning.
 * Unreserved escapes are decoded, the others get upper-case digits.
 *
 * @param raw starts with "/"
 * @param lenient a person typed this (a pattern): bare non-ASCII characters and spaces are encoded
 *   as UTF-8 instead of refused
 */
export function respell(raw: string, lenient: boolean): string | Misspelling {
  let out = "";
  let copiedTo = 0;
  const utf8 = new Utf8Check();
  let i = 0;
  while (i < raw.length) {
    const code = raw.charCodeAt(i);
    let replacement: string | null = null;
    let width = 1;
    if (code === PERCENT) {
      const byte = hexByteAt(raw, i + 1);
      if (byte < 0) return { code: "bad_percent_encoding", offset: i };
      if (isControl(byte)) return { code: "control_character", offset: i };
      if (!utf8.accept(byte)) return { code: "bad_utf8", offset: i };
      width = 3;
      replacement =
        byte < ASCII_END && IS_UNRESERVED[byte] === 1 ? String.fromCharCode(byte) : percentEncoded(byte);
    } else {
      if (!utf8.isComplete) return { code: "bad_utf8", offset: i };
      if (code >= ASCII_END) {
        if (!lenient) return { code: "illegal_character", offset: i };
        const char = String.fromCodePoint(raw.codePointAt(i) as number);
        if (isLoneSurrogate(char)) return { code: "bad_utf8", offset: i };
        width = char.length;
        replacement = encodeURIComponent(char);
      } else if (CLASS[code] === ENCODED || (code === SPACE && lenient)) {
        replacement = percentEncoded(code);
      } else if (CLASS[code] !== PLAIN && code !== DOT) {
        return { code: refusalOf(code), offset: i };
      }
    }
    if (replacement !== null) {
      out += raw.slice(copiedTo, i) + replacement;
      copiedTo = i + width;
    }
    i += width;
  }
  if (!utf8.isComplete) return { code: "bad_utf8", offset: raw.length };
  const spelled = copiedTo === 0 ? raw : out + raw.slice(copiedTo);
  return hasDotSegment(spelled) ? { code: "dot_segment", offset: 1 } : spelled;
}

function refusalOf(code: number): PathRefusalCode {
  if (isControl(code)) return "control_character";
  return code === BACKSLASH ? "backslash" : "illegal_character";
}

function hasDotSegment(path: string): boolean {
  for (let slash = path.indexOf("/."); slash >= 0; slash = path.indexOf("/.", slash + 1)) {
    if (isDotSegmentAt(path, slash + 1)) return true;
  }
  return false;
}

/**
 * Whether the segment that starts with the dot at `at` is "." or "..". `..;x` counts: servers that
 * cut `;` parameters off read it as "..", and a rest parameter would carry it to them.
 */
function isDotSegmentAt(path: string, at: number): boolean {
  const after = path.charCodeAt(at + 1) === DOT ? at + 2 : at + 1;
  if (after >= path.length) return true;
  const code = path.charCodeAt(after);
  return code === SLASH || code === SEMICOLON;
}

function isLoneSurrogate(char: string): boolean {
  return char.length === 1 && char >= "\ud800" && char <= "\udfff";
}

function isControl(code: number): boolean {
  return code < SPACE || code === DELETE;
}

function percentEncoded(byte: number): string {
  return PERCENT_ENCODED[byte] as string;
}

/** The byte that two hexadecimal digits at `at` stand for, or -1. */
function hexByteAt(text: string, at: number): number {
  const high = hexDigit(text.charCodeAt(at));
  const low = hexDigit(text.charCodeAt(at + 1));
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** Well-formed UTF-8, byte by byte, by the table of Unicode 3.9 D92: no overlong forms, no surrogates. */
class Utf8Check {
  #missing = 0;
  #low = 0x80;
  #high = 0xbf;

  get isComplete(): boolean {
    return this.#missing === 0;
  }

  accept(byte: number): boolean {
    if (this.#missing > 0) {
      if (byte < this.#low || byte > this.#high) return false;
      this.#missing--;
      this.#low = 0x80;
      this.#high = 0xbf;
      return true;
    }
    if (byte < ASCII_END) return true;
    if (byte < 0xc2 || byte > 0xf4) return false;
    this.#missing = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    this.#low = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80;
    this.#high = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf;
    return true;
  }
}

function refusal(code: PathRefusalCode, message: string): PathRefusal {
  return Object.freeze({ code, message });
}
