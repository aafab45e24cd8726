// The value of `Transfer-Encoding` (RFC 9112 §6.1): taken when it is `chunked` alone, else a fault.

import { COMMA, isBlank, TOKEN_LOWER } from "./ascii.js";
import type { FaultCode } from "./fault.js";

/** Exactly `chunked`, in any case: coding names are case-insensitive (RFC 9112 §7). */
export function isChunked(bytes: Buffer, from: number, to: number): boolean {
  const word = "chunked";
  if (to - from !== word.length) return false;
  for (let i = 0; i < word.length; i++) {
    if (TOKEN_LOWER[bytes[from + i]!] !== word.charCodeAt(i)) return false;
  }
  return true;
}

/** A well-formed list of codings that ends in its only `chunked` is unsupported, everything else is wrong. */
export function transferEncodingFault(bytes: Buffer, from: number, to: number): FaultCode {
  let pos = from;
  for (;;) {
    while (pos < to && isBlank(bytes[pos]!)) pos++;
    const start = pos;
    while (pos < to && TOKEN_LOWER[bytes[pos]!] !== 0) pos++;
    if (pos === start) return "transfer_encoding_malformed";
    const isLast = isChunked(bytes, start, pos);
    while (pos < to && isBlank(bytes[pos]!)) pos++;
    if (pos >= to) return isLast ? "transfer_encoding_unsupported" : "transfer_encoding_malformed";
    if (bytes[pos] !== COMMA || isLast) return "transfer_encoding_malformed";
    pos++;
  }
}
