// Is this a host with an optional port (RFC 3986 §3.2.2, §3.2.3), as `Host` and absolute-form have it?
// Checks syntax only: no user information, no name look-up, no normalising.

import { COLON, HEX, NINE, REG_NAME, ZERO } from "./ascii.js";

const PERCENT = 0x25;
const BRACKET_OPEN = 0x5b;
const BRACKET_CLOSE = 0x5d;
const DOT = 0x2e;
const PORT_MAX = 65_535;
/** Longest name DNS has, and room for an IPv6 address. */
const HOST_BYTES_MAX = 255;

/** An empty host is refused: an http URI must have one (RFC 9110 §4.2.1). */
export function isAuthority(bytes: Uint8Array, from: number, to: number): boolean {
  if (from >= to) return false;
  let pos = bytes[from] === BRACKET_OPEN ? skipIpLiteral(bytes, from, to) : skipRegName(bytes, from, to);
  if (pos < 0 || pos === from || pos - from > HOST_BYTES_MAX) return false;
  if (pos === to) return true;
  if (bytes[pos] !== COLON) return false;
  // `host:` without digits is allowed by the grammar.
  let port = 0;
  for (pos++; pos < to; pos++) {
    const byte = bytes[pos]!;
    if (byte < ZERO || byte > NINE) return false;
    port = port * 10 + byte - ZERO;
    if (port > PORT_MAX) return false;
  }
  return true;
}

function skipRegName(bytes: Uint8Array, from: number, to: number): number {
  let pos = from;
  while (pos < to && REG_NAME[bytes[pos]!] === 1) {
    if (bytes[pos] === PERCENT) {
      if (pos + 2 >= to || HEX[bytes[pos + 1]!] === 255 || HEX[bytes[pos + 2]!] === 255) return -1;
      pos += 2;
    }
    pos++;
  }
  return pos;
}

/** `[` IPv6 `]`: hex digits, colons and dots. IPvFuture has no users and is refused. */
function skipIpLiteral(bytes: Uint8Array, from: number, to: number): number {
  let pos = from + 1;
  let colons = 0;
  while (pos < to) {
    const byte = bytes[pos]!;
    if (byte === COLON) colons++;
    else if (HEX[byte] === 255 && byte !== DOT) break;
    pos++;
  }
  return pos < to && bytes[pos] === BRACKET_CLOSE && colons >= 2 ? pos + 1 : -1;
}
