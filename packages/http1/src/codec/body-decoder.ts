// Takes the content of a message out of its framing: a number of bytes, chunks (RFC 9112 §7.1), or everything.
// Chunk extensions are checked and ignored, trailers checked and dropped, both within limits. Moves data inside the
// buffer it is given: many small chunks of one read come out as one piece. The buffer is scratch to it.

import {
  BACKSLASH,
  COLON,
  CR,
  DQUOTE,
  EQUALS,
  FIELD_VALUE,
  HEX,
  HTAB,
  LF,
  QUOTED_TEXT,
  SEMICOLON,
  SP,
  TOKEN_LOWER,
} from "./ascii.js";
import type { FaultCode } from "./fault.js";
import { hashFieldName, hashStep } from "./field-name.js";

export interface BodyLimits {
  /** Bytes of content. */
  readonly bodyBytesMax: number;
  /** Bytes of all chunk extensions of one message. */
  readonly chunkExtensionBytesMax: number;
  /** Bytes of the trailer section. */
  readonly trailerBytesMax: number;
}

export interface RequestFraming {
  readonly chunked: boolean;
  /** -1 when there is none. */
  readonly contentLength: number;
}

const FIXED = 0;
const UNTIL_CLOSE = 1;
const DONE = 2;
const SIZE_FIRST = 3;
const SIZE = 4;
const SIZE_LF = 5;
const EXT_SEMICOLON = 6;
const EXT_NAME_FIRST = 7;
const EXT_NAME = 8;
const EXT_AFTER_NAME = 9;
const EXT_VALUE_FIRST = 10;
const EXT_TOKEN = 11;
const EXT_QUOTED = 12;
const EXT_QUOTED_PAIR = 13;
const EXT_AFTER_VALUE = 14;
const EXT_BWS = 15;
const DATA = 16;
const DATA_CR = 17;
const DATA_LF = 18;
const TRAILER_LINE = 19;
const TRAILER_NAME = 20;
const TRAILER_VALUE = 21;
const TRAILER_LF = 22;
const END_LF = 23;

/** Sizes stay exact below 2^53; 2^52 leaves room to add one digit before the check. */
const CHUNK_BYTES_MAX = 2 ** 48;
/** Leading zeros are allowed by the grammar, a line of nothing else is not content. */
const SIZE_DIGITS_MAX = 16;
/**
 * Fields for framing, routing and the connection must not come in trailers (RFC 9110 §6.5.1). A parser that listens to
 * them, as llhttp does to some, reads another message or ends another connection.
 */
const FRAMING_HASHES = ["content-length", "transfer-encoding", "connection", "upgrade", "host"].map(
  hashFieldName,
);

export class BodyDecoder {
  fault: FaultCode | null = null;
  /** The piece of content that the last `decode` found: `bytes[from, to)`, empty when equal. */
  from = 0;
  to = 0;
  /** Content bytes so far. */
  total = 0;

  readonly #limits: BodyLimits;
  #state = DONE;
  #left = 0;
  #digits = 0;
  #extensionBytes = 0;
  #trailerBytes = 0;
  #trailerHash = 0;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  /** The message is complete. For content that goes on until the close: never by itself. */
  get done(): boolean {
    return this.#state === DONE;
  }

  /** Content bytes that must still come, as far as known: of the fixed length, or of the current chunk. */
  get left(): number {
    return this.#left;
  }

  /** @returns bytes of the body of a request with this framing; -1 = not known before its end */
  startRequest({ chunked, contentLength }: RequestFraming): number {
    if (chunked) {
      this.startChunked();
      return -1;
    }
    const length = Math.max(0, contentLength);
    this.startFixed(length);
    return length;
  }

  startFixed(length: number): void {
    this.#start(length > 0 ? FIXED : DONE);
    this.#left = length;
    if (length > this.#limits.bodyBytesMax) this.fault = "body_too_large";
  }

  startChunked(): void {
    this.#start(SIZE_FIRST);
  }

  startUntilClose(): void {
    this.#start(UNTIL_CLOSE);
  }

  #start(state: number): void {
    this.fault = null;
    this.from = this.to = 0;
    this.total = 0;
    this.#state = state;
    this.#left = 0;
    this.#digits = 0;
    this.#extensionBytes = 0;
    this.#trailerBytes = 0;
  }

  /**
   * Decodes from `bytes[start, end)`; afterwards `from`/`to` hold the content found, `done` and `fault` how it stands.
   * Content found before a fault is still valid.
   * @returns the offset up to which bytes were taken; less than `end` only when the message is complete or broken.
   */
  decode(bytes: Buffer, start: number, end: number): number {
    this.from = this.to = start;
    if (this.#state >= SIZE_FIRST) return this.#decodeChunked(bytes, start, end);
    if (this.#state === DONE) return start;
    const fixed = this.#state === FIXED;
    const length = fixed ? Math.min(this.#left, end - start) : end - start;
    if (this.total + length > this.#limits.bodyBytesMax) {
      this.fault = "body_too_large";
      return start;
    }
    this.total += length;
    this.to = start + length;
    if (fixed) {
      this.#left -= length;
      if (this.#left === 0) this.#state = DONE;
    }
    return this.to;
  }

  #decodeChunked(bytes: Buffer, start: number, end: number): number {
    let pos = start;
    let state = this.#state;
    while (pos < end) {
      if (state === DATA) {
        const length = Math.min(this.#left, end - pos);
        this.#take(bytes, pos, length);
        pos += length;
        this.#left -= length;
        if (this.#left === 0) state = DATA_CR;
        continue;
      }
      const byte = bytes[pos]!;
      switch (state) {
        case SIZE_FIRST:
        case SIZE: {
          const digit = HEX[byte]!;
          if (digit !== 255) {
            this.#left = this.#left * 16 + digit;
            if (++this.#digits > SIZE_DIGITS_MAX || this.#left > CHUNK_BYTES_MAX) {
              return this.#refuse("chunk_size_overflow", pos);
            }
            state = SIZE;
            break;
          }
          if (state === SIZE_FIRST) return this.#refuse("chunk_size_malformed", pos);
          if (byte === CR) state = SIZE_LF;
          else if (byte === SEMICOLON) state = EXT_NAME_FIRST;
          else if (byte === SP || byte === HTAB) state = EXT_SEMICOLON;
          else return this.#refuse(byte === LF ? "line_bare_lf" : "chunk_size_malformed", pos);
          break;
        }
        case SIZE_LF:
          if (byte !== LF) return this.#refuse("line_bare_cr", pos);
          this.#digits = 0;
          if (this.total + this.#left > this.#limits.bodyBytesMax) return this.#refuse("body_too_large", pos);
          state = this.#left === 0 ? TRAILER_LINE : DATA;
          break;
        case DATA_CR:
          if (byte !== CR) return this.#refuse("chunk_end_malformed", pos);
          state = DATA_LF;
          break;
        case DATA_LF:
          if (byte !== LF) return this.#refuse("chunk_end_malformed", pos);
          state = SIZE_FIRST;
          break;
        case TRAILER_LINE:
          if (byte === CR) state = END_LF;
          else if (TOKEN_LOWER[byte] !== 0) {
            state = TRAILER_NAME;
            this.#trailerHash = hashStep(0, TOKEN_LOWER[byte]!);
          } else return this.#refuse(byte === LF ? "line_bare_lf" : "trailer_malformed", pos);
          break;
        case TRAILER_NAME: {
          const lower = TOKEN_LOWER[byte]!;
          if (lower !== 0) this.#trailerHash = hashStep(this.#trailerHash, lower);
          else if (byte === COLON && !FRAMING_HASHES.includes(this.#trailerHash)) state = TRAILER_VALUE;
          else return this.#refuse(byte === LF ? "line_bare_lf" : "trailer_malformed", pos);
          break;
        }
        case TRAILER_VALUE:
          if (byte === CR) state = TRAILER_LF;
          else if (FIELD_VALUE[byte] === 0) {
            return this.#refuse(byte === LF ? "line_bare_lf" : "trailer_malformed", pos);
          }
          break;
        case TRAILER_LF:
          if (byte !== LF) return this.#refuse("line_bare_cr", pos);
          state = TRAILER_LINE;
          break;
        case END_LF:
          if (byte !== LF) return this.#refuse("line_bare_cr", pos);
          this.#state = DONE;
          return pos + 1;
        default:
          state = this.#extension(state, byte);
          if (state < 0) return this.#refuse(this.fault ?? "chunk_extension_malformed", pos);
      }
      pos++;
      if (state >= TRAILER_LINE && ++this.#trailerBytes > this.#limits.trailerBytesMax) {
        return this.#refuse("trailer_too_large", pos);
      }
    }
    this.#state = state;
    return pos;
  }

  /** `*( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )`, one byte. Negative = refused. */
  #extension(state: number, byte: number): number {
    if (++this.#extensionBytes > this.#limits.chunkExtensionBytesMax) {
      this.fault = "chunk_extension_too_large";
      return -1;
    }
    const blank = byte === SP || byte === HTAB;
    switch (state) {
      case EXT_SEMICOLON:
        return byte === SEMICOLON ? EXT_NAME_FIRST : blank ? EXT_SEMICOLON : -1;
      case EXT_NAME_FIRST:
        return blank ? EXT_NAME_FIRST : TOKEN_LOWER[byte] !== 0 ? EXT_NAME : -1;
      case EXT_NAME:
        if (TOKEN_LOWER[byte] !== 0) return EXT_NAME;
        return byte === EQUALS ? EXT_VALUE_FIRST : blank ? EXT_AFTER_NAME : afterExtension(byte);
      case EXT_AFTER_NAME:
        return byte === EQUALS
          ? EXT_VALUE_FIRST
          : blank
            ? EXT_AFTER_NAME
            : byte === SEMICOLON
              ? EXT_NAME_FIRST
              : -1;
      case EXT_VALUE_FIRST:
        if (byte === DQUOTE) return EXT_QUOTED;
        return blank ? EXT_VALUE_FIRST : TOKEN_LOWER[byte] !== 0 ? EXT_TOKEN : -1;
      case EXT_TOKEN:
        return TOKEN_LOWER[byte] !== 0 ? EXT_TOKEN : blank ? EXT_BWS : afterExtension(byte);
      case EXT_QUOTED:
        if (byte === DQUOTE) return EXT_AFTER_VALUE;
        return byte === BACKSLASH ? EXT_QUOTED_PAIR : QUOTED_TEXT[byte] === 1 ? EXT_QUOTED : -1;
      case EXT_QUOTED_PAIR:
        return FIELD_VALUE[byte] === 1 ? EXT_QUOTED : -1;
      case EXT_AFTER_VALUE:
        return blank ? EXT_BWS : afterExtension(byte);
      default: // EXT_BWS: white space must lead to another extension
        return blank ? EXT_BWS : byte === SEMICOLON ? EXT_NAME_FIRST : -1;
    }
  }

  /** Content in `bytes[pos, pos + length)`: put right behind what this call found before. */
  #take(bytes: Buffer, pos: number, length: number): void {
    if (this.to === this.from) {
      this.from = pos;
      this.to = pos + length;
    } else {
      bytes.copyWithin(this.to, pos, pos + length);
      this.to += length;
    }
    this.total += length;
  }

  #refuse(fault: FaultCode, pos: number): number {
    this.fault = fault;
    return pos;
  }
}

function afterExtension(byte: number): number {
  return byte === CR ? SIZE_LF : byte === SEMICOLON ? EXT_NAME_FIRST : -1;
}
