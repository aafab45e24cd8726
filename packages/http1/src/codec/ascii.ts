// Byte classes of RFC 9110 §5.6.2, §5.5 and RFC 3986 as look-up tables, for code that reads bytes one by one.
// Holds no parsing.

import { TOKEN_CHARS } from "@latchkey/core";

export const HTAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SP = 0x20;
export const DQUOTE = 0x22;
export const ASTERISK = 0x2a;
export const COMMA = 0x2c;
export const SLASH = 0x2f;
export const COLON = 0x3a;
export const SEMICOLON = 0x3b;
export const EQUALS = 0x3d;
export const QUESTION = 0x3f;
export const BACKSLASH = 0x5c;
export const ZERO = 0x30;
export const NINE = 0x39;

function table(fill: (code: number) => number): Uint8Array {
  const bytes = new Uint8Array(256);
  for (let code = 0; code < 256; code++) bytes[code] = fill(code);
  return bytes;
}

/** Token byte → its lower case; any other byte → 0. So one look-up checks and folds. */
export const TOKEN_LOWER = table((code) =>
  TOKEN_CHARS.includes(String.fromCharCode(code)) ? String.fromCharCode(code).toLowerCase().charCodeAt(0) : 0,
);

/** White space within a line (RFC 9110 §5.6.3). */
export function isBlank(byte: number): boolean {
  return byte === SP || byte === HTAB;
}

/** 1 for what a field value may hold: HTAB, SP, visible ASCII, obs-text. */
export const FIELD_VALUE = table((code) => (code === HTAB || (code >= SP && code !== 0x7f) ? 1 : 0));

/** 1 for qdtext of a quoted-string (without the quote and the backslash). */
export const QUOTED_TEXT = table((code) =>
  FIELD_VALUE[code] === 1 && code !== DQUOTE && code !== BACKSLASH ? 1 : 0,
);

const visible = (code: number): boolean => code > SP && code < 0x7f;

/**
 * 1 for bytes of a path. RFC 3986 allows fewer; what browsers, curl and libraries send raw is let in, and none of it can
 * end a line or a word. `#` never belongs to a target, `\` is taken for `/` by some servers.
 */
export const PATH = table((code) => (visible(code) && !"#\\?".includes(String.fromCharCode(code)) ? 1 : 0));

/** 1 for bytes of a query: as for a path, and `\` and `?` are data in it. */
export const QUERY = table((code) => (visible(code) && String.fromCharCode(code) !== "#" ? 1 : 0));

/** 1 for bytes of a reg-name, of an IP literal, and of the colon between host and port (RFC 3986 §3.2.2). */
export const REG_NAME = table((code) =>
  /^[A-Za-z0-9\-._~%!$&'()*+,;=]$/.test(String.fromCharCode(code)) ? 1 : 0,
);

/** Hex digit → its value, any other byte → 255. */
export const HEX = table((code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? 255 : value;
});
