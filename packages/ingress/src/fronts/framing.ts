/**
 * What the framing headers of a request say, by RFC 9112 §6 and §3.2, or why they are refused. Pure.
 * An engine whose parser is lenient calls this before anything is forwarded; it reads every line, never "the first".
 */
import { isIPv6 } from "node:net";
import { isToken } from "@latchkey/core";
import type { EngineRefusalCode } from "./engine-refusal-code.js";

const COLON = 0x3a;
const PERCENT = 0x25;

export interface FramingRefusal {
  readonly code: EngineRefusalCode;
  /** A public sentence. */
  readonly detail: string;
}

const refuse = (code: EngineRefusalCode, detail: string): FramingRefusal => Object.freeze({ code, detail });

const hostMissing = refuse("request.malformed", "A request has exactly one Host header.");
const hostInvalid = refuse("request.malformed", "The Host header is not valid.");
const nameInvalid = refuse("request.malformed", "A header name is not valid.");
const valueInvalid = refuse("request.malformed", "A header value has a control character.");
const lengthRepeated = refuse("request.framing_invalid", "Content-Length was sent more than once.");
const lengthInvalid = refuse("request.framing_invalid", "Content-Length is not a decimal number.");
const lengthHuge = refuse("request.framing_invalid", "Content-Length is too large.");
const bothFramings = refuse(
  "request.framing_invalid",
  "Content-Length and Transfer-Encoding were both sent.",
);
const codingRepeated = refuse("request.framing_invalid", "Transfer-Encoding was sent more than once.");
const codingInOldVersion = refuse("request.framing_invalid", "HTTP/1.0 has no transfer codings.");
const codingInvalid = refuse("request.framing_invalid", "The last transfer coding must be chunked.");
const codingUnknown = refuse(
  "request.transfer_coding_unsupported",
  "Only the transfer coding chunked is known.",
);

/** Digits of the largest length taken: below 2^53, so that it is exact as a number. */
const LENGTH_DIGITS_MAX = 15;

/** What a reg-name may have besides percent-encodings (RFC 3986 §3.2.2). */
const REG_NAME = charTable("-._~!$&'()*+,;=0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
const HEX = charTable("0123456789ABCDEFabcdef");

/** What an engine's own parser has seen to. */
export interface ParserTraits {
  /** 0 or 1: HTTP/1.0 needs no Host and has no transfer codings (RFC 9112 §3.2, §6.1). */
  readonly minorVersion: number;
  /** It reads every spelling of `chunked` as the RFC does, so that only the meaning is left to check. */
  readonly isStrictAboutCodings: boolean;
}

const LENIENT: ParserTraits = { minorVersion: 1, isStrictAboutCodings: false };

/**
 * The body's length: 0 none, -1 chunked, else bytes.
 * @param headers flat, names in lower case
 */
export function readFraming(
  headers: readonly string[],
  parser: ParserTraits = LENIENT,
): number | FramingRefusal {
  let hosts = 0;
  let lengths = 0;
  let codings = 0;
  let length = "";
  let coding = "";
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    const value = headers[i + 1] as string;
    if (!isToken(name)) return nameInvalid;
    if (hasControl(value)) return valueInvalid;
    switch (name.length) {
      case 4:
        if (name === "host") {
          hosts++;
          if (!isHost(value)) return hostInvalid;
        }
        break;
      case 14:
        if (name === "content-length") {
          lengths++;
          length = value;
        }
        break;
      case 17:
        if (name === "transfer-encoding") {
          codings++;
          coding = value;
        }
        break;
    }
  }
  if (hosts > 1 || (hosts === 0 && parser.minorVersion === 1)) return hostMissing;
  if (codings > 0) {
    if (parser.minorVersion === 0) return codingInOldVersion;
    if (lengths > 0) return bothFramings;
    return codings > 1 ? codingRepeated : readCoding(coding, parser.isStrictAboutCodings);
  }
  if (lengths === 0) return 0;
  return lengths > 1 ? lengthRepeated : readLength(length);
}

function readLength(text: string): number | FramingRefusal {
  if (text.length === 0) return lengthInvalid;
  let value = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return lengthInvalid;
    value = value * 10 + digit;
  }
  return text.length > LENGTH_DIGITS_MAX ? lengthHuge : value;
}

/** Only `chunked` in exactly this spelling where the parser is lenient: it may read others in its own way. */
function readCoding(coding: string, isStrict: boolean): number | FramingRefusal {
  if (coding === "chunked") return -1;
  const lower = coding.toLowerCase();
  if (isStrict && lower === "chunked") return -1;
  const codings = lower.split(",").map((item) => item.trim());
  if (codings.at(-1) !== "chunked" || codings.indexOf("chunked") !== codings.length - 1) return codingInvalid;
  return codings.length === 1 ? codingInvalid : codingUnknown;
}

/** Control bytes but HTAB (RFC 9110 §5.5). */
function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f) return true;
  }
  return false;
}

/** RFC 3986 §3.2.2, §3.2.3: reg-name or IP-literal, not empty, and an optional port; no user information. */
export function isHost(text: string): boolean {
  const nameEnd = text.startsWith("[") ? ipLiteralEnd(text) : regNameEnd(text);
  if (nameEnd <= 0) return false;
  if (nameEnd === text.length) return true;
  if (text.charCodeAt(nameEnd) !== COLON) return false;
  for (let i = nameEnd + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return false;
  }
  return true;
}

function regNameEnd(text: string): number {
  let i = 0;
  while (i < text.length) {
    const code = text.charCodeAt(i);
    if (REG_NAME[code] === 1) i++;
    else if (code === PERCENT && HEX[text.charCodeAt(i + 1)] === 1 && HEX[text.charCodeAt(i + 2)] === 1)
      i += 3;
    else break;
  }
  return i;
}

/** Index behind the bracket; -1 when it holds no IPv6 address. */
function ipLiteralEnd(text: string): number {
  const end = text.indexOf("]");
  return end > 0 && isIPv6(text.slice(1, end)) ? end + 1 : -1;
}

function charTable(chars: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const char of chars) table[char.charCodeAt(0)] = 1;
  return table;
}
