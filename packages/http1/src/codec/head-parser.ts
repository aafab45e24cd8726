// Incremental parser of a message head: start line (by a subclass) and header block, by RFC 9112 §2–§5.
// Takes bytes split anywhere and never reads past the head. Holds no policy but limits, does not throw, and keeps
// no bytes after the head is complete: field values are slices of one string, which they keep alive.

import { COLON, COMMA, CR, FIELD_VALUE, isBlank, LF, NINE, TOKEN_LOWER, ZERO } from "./ascii.js";
import type { FaultCode } from "./fault.js";
import {
  FIELD_CONNECTION,
  FIELD_CONTENT_LENGTH,
  FIELD_OTHER,
  FIELD_TRANSFER_ENCODING,
  fieldNames,
  hashStep,
  NAME_BYTES_MAX,
  NO_SLOT,
} from "./field-name.js";
import { isChunked, transferEncodingFault } from "./transfer-coding.js";

/** `parse` took all bytes and needs more. */
export const HEAD_INCOMPLETE = -1;
/** `parse` refused the head; `fault` says why. Nothing may be parsed any more. */
export const HEAD_REFUSED = -2;

export interface HeadLimits {
  /** Bytes of start line and header block together. */
  readonly headBytesMax: number;
  /** Headers. */
  readonly fieldsMax: number;
  /** Bytes of a request target. */
  readonly targetBytesMax: number;
}

/** Digits that surely fit in 2^53; a longer number without leading zeros does not, or hardly. */
const LENGTH_DIGITS_MAX = 15;
/** First size of the buffer for a head that comes in pieces; doubled up to the limit. */
const CARRY_BYTES = 1024;
/** As much of a piece is turned into text at first: a head of usual size. */
const TEXT_BYTES = 2_048;
/** Headers whose names are cached by place. In 64 bytes V8 keeps an array in its heap; a larger one is a call of malloc. */
const REMEMBERED_FIELDS = 32;
const NO_NAMES: readonly string[] = Object.freeze([]);

const AT_START_LINE = 0;
const AT_FIELDS = 1;

export abstract class HeadParser {
  /** Why the head was refused. */
  fault: FaultCode | null = null;

  // The content of the head, valid after `parse` returned an offset and until `reset`.
  /** Flat `name, value, …`; a list of its own, or the cached one of an equal head. */
  headers: readonly string[] = [];
  /** 0 or 1: the minor version. */
  minorVersion = 1;
  /** -1 when there is none. */
  contentLength = -1;
  chunked = false;
  connectionClose = false;
  connectionKeepAlive = false;
  /** Field names that `Connection` lists (lower case), other than its own options close and keep-alive. */
  connectionNames: readonly string[] = NO_NAMES;

  protected readonly limits: HeadLimits;
  /** Offset of the next line within the head. */
  protected line = 0;
  /** Complete headers so far. */
  protected fieldCount = 0;
  /** By field: the slot of its name in the last head. Heads of one connection resemble each other. */
  readonly #slots = new Uint16Array(REMEMBERED_FIELDS);
  #list: string[] = [];
  #stage = AT_START_LINE;
  #carry: Buffer | null = null;
  #carried = 0;
  #transferEncodings = 0;
  #ownNames: string[] | null = null;

  constructor(limits: HeadLimits) {
    this.limits = limits;
    this.headers = this.#list;
  }

  /** Makes the parser ready for the next head. */
  reset(): void {
    this.fault = null;
    this.#list = [];
    this.headers = this.#list;
    this.minorVersion = 1;
    this.contentLength = -1;
    this.chunked = false;
    this.connectionClose = false;
    this.connectionKeepAlive = false;
    this.connectionNames = NO_NAMES;
    this.line = 0;
    this.fieldCount = 0;
    this.#stage = AT_START_LINE;
    this.#carry = null;
    this.#carried = 0;
    this.#transferEncodings = 0;
    this.#ownNames = null;
  }

  /** True when some bytes of an unfinished head are buffered. */
  get started(): boolean {
    return this.#carried > 0;
  }

  /**
   * Parses from `bytes[start, end)`.
   * @returns the offset of the first byte after the head, or `HEAD_INCOMPLETE`, or `HEAD_REFUSED`.
   */
  parse(bytes: Buffer, start: number, end: number): number {
    if (this.#carried > 0) return this.#parseCarried(bytes, start, end);
    const result = this.#run(bytes, start, end);
    if (result >= 0) {
      return result - start > this.limits.headBytesMax ? this.#refuseSize() : result;
    }
    if (result === HEAD_REFUSED) return HEAD_REFUSED;
    const length = end - start;
    if (length > this.limits.headBytesMax) return this.#refuseSize();
    this.#append(bytes, start, end);
    return HEAD_INCOMPLETE;
  }

  /** Parses the line at `pos` (relative to `base`); true when the line was complete and `this.line` is after it. */
  protected abstract parseStartLine(bytes: Buffer, base: number, end: number): boolean;
  /** A field that only one kind of message gives a meaning. False = refused, `fault` set. */
  protected abstract parseField(kind: number, bytes: Buffer, from: number, to: number): boolean;
  /** Whole head seen; `text` starts with its start line, if not with all of it. False = refused. */
  protected abstract finish(text: string): boolean;

  /**
   * Takes the header block at `from` from the cache, if it is there.
   * @returns as `parse` does; `HEAD_INCOMPLETE` where it must be read.
   */
  protected recall(_bytes: Buffer, _base: number, _from: number, _end: number): number {
    return HEAD_INCOMPLETE;
  }

  /** A header block was read in one piece: it may be cached. */
  protected keep(_bytes: Buffer, _from: number, _to: number): void {}

  protected refuse(fault: FaultCode): false {
    if (this.fault === null) this.fault = fault;
    return false;
  }

  #refuseSize(): number {
    this.fault = this.#stage === AT_START_LINE ? this.startLineTooLong() : "head_too_large";
    return HEAD_REFUSED;
  }

  protected startLineTooLong(): FaultCode {
    return "head_too_large";
  }

  #append(bytes: Buffer, start: number, end: number): void {
    const length = this.#carried + end - start;
    let carry = this.#carry;
    if (carry === null || carry.length < length) {
      let size = Math.max(CARRY_BYTES, carry === null ? 0 : carry.length);
      while (size < length) size *= 2;
      const grown = Buffer.allocUnsafeSlow(size);
      if (carry !== null) carry.copy(grown, 0, 0, this.#carried);
      this.#carry = carry = grown;
    }
    bytes.copy(carry, this.#carried, start, end);
    this.#carried = length;
  }

  /** The cold way: the head came in pieces and is put together in `#carry`. Linear in the bytes of the head. */
  #parseCarried(bytes: Buffer, start: number, end: number): number {
    const before = this.#carried;
    // One byte over the limit is enough to know that the limit is passed.
    const room = this.limits.headBytesMax + 1 - before;
    const taken = Math.min(end - start, room);
    this.#append(bytes, start, start + taken);
    const carry = this.#carry as Buffer;
    const length = this.#carried;
    if (isOpenLine(carry, Math.max(this.line, before - 1), length)) {
      // No line was completed: only the new bytes were looked at, so that a long line is not read again and again.
      return length > this.limits.headBytesMax ? this.#refuseSize() : HEAD_INCOMPLETE;
    }
    const result = this.#run(carry, 0, length);
    if (result === HEAD_REFUSED) return HEAD_REFUSED;
    if (result === HEAD_INCOMPLETE) {
      return length > this.limits.headBytesMax ? this.#refuseSize() : HEAD_INCOMPLETE;
    }
    if (result > this.limits.headBytesMax) return this.#refuseSize();
    this.#carry = null;
    this.#carried = 0;
    return start + (result - before);
  }

  #run(bytes: Buffer, base: number, end: number): number {
    // Lines that were read before are not turned into text again: a head that comes line by line costs its bytes once.
    if (this.#stage === AT_FIELDS) return this.#parseFields(bytes, base, base + this.line, end);
    if (!this.parseStartLine(bytes, base, end)) {
      return this.fault === null ? HEAD_INCOMPLETE : HEAD_REFUSED;
    }
    this.#stage = AT_FIELDS;
    const from = base + this.line;
    const recalled = this.recall(bytes, base, from, end);
    if (recalled !== HEAD_INCOMPLETE) return recalled;
    const after = this.#parseFields(bytes, base, base, end);
    if (after >= 0) this.keep(bytes, from, after);
    return after;
  }

  /**
   * Reads complete headers, and the whole head when it is complete.
   * @param textFrom where the text begins that values are slices of: at `base`, or at the first line not read before
   */
  #parseFields(bytes: Buffer, base: number, textFrom: number, end: number): number {
    const headers = this.#list;
    const slots = this.#slots;
    // Locals: an imported binding is read anew in each round of a loop.
    const tokenLower = TOKEN_LOWER;
    const fieldValue = FIELD_VALUE;
    const { names, kinds, lengths, bytes: nameBytes } = fieldNames;
    // One string for all values of the head. Bytes of a body may be in it: cheaper than looking for the end first.
    let text = bytes.toString("latin1", textFrom, Math.min(end, base + Math.max(TEXT_BYTES, this.line)));
    let field = this.fieldCount;
    let pos = base + this.line;
    for (;;) {
      if (pos >= end) return this.#stopAt(pos - base);
      let byte = bytes[pos]!;
      if (byte === CR) {
        if (pos + 1 >= end) return this.#stopAt(pos - base);
        if (bytes[pos + 1] !== LF) return this.#refused("line_bare_cr");
        pos += 2;
        break;
      }
      if (field >= this.limits.fieldsMax) return this.#refused("fields_too_many");
      let slot = field < REMEMBERED_FIELDS ? slots[field]! : NO_SLOT;
      let nameEnd = pos + lengths[slot]!;
      let i = pos;
      if (nameEnd < end && bytes[nameEnd] === COLON) {
        let at = slot * NAME_BYTES_MAX;
        while (i < nameEnd && tokenLower[bytes[i]!] === nameBytes[at]) {
          i++;
          at++;
        }
      }
      let name: string;
      if (i === nameEnd && i > pos) {
        name = names[slot]!;
      } else {
        let hash = 0;
        for (i = pos; i < end; i++) {
          const lower = tokenLower[bytes[i]!]!;
          if (lower === 0) break;
          hash = hashStep(hash, lower);
        }
        if (i >= end) return this.#stopAt(pos - base);
        if (bytes[i] !== COLON || i === pos) return this.#refused(nameFault(bytes[i]!, i === pos));
        nameEnd = i;
        slot = fieldNames.slotFor(bytes, pos, nameEnd, hash);
        slots[field] = slot; // ignored where there is no such place
        name = slot === NO_SLOT ? bytes.toString("latin1", pos, nameEnd).toLowerCase() : names[slot]!;
      }
      i = nameEnd + 1;
      while (i < end && isBlank(bytes[i]!)) i++;
      const from = i;
      while (i < end && fieldValue[bytes[i]!] === 1) i++;
      if (i >= end) return this.#stopAt(pos - base);
      byte = bytes[i]!;
      if (byte !== CR) return this.#refused(byte === LF ? "line_bare_lf" : "field_value_malformed");
      if (i + 1 >= end) return this.#stopAt(pos - base);
      if (bytes[i + 1] !== LF) return this.#refused("line_bare_cr");
      let to = i;
      while (to > from && isBlank(bytes[to - 1]!)) to--;

      if (to - textFrom > text.length) text = bytes.toString("latin1", textFrom, end);
      headers[field * 2] = name;
      headers[field * 2 + 1] = text.slice(from - textFrom, to - textFrom);
      this.fieldCount = ++field;
      const kind = kinds[slot]!;
      if (kind !== FIELD_OTHER && !this.#parseKnown(kind, bytes, from, to)) return HEAD_REFUSED;
      pos = i + 2;
    }
    if (this.#ownNames !== null) this.connectionNames = this.#ownNames;
    if (textFrom > base) text = bytes.toString("latin1", base, pos); // without its start line
    return this.#checkFraming() && this.finish(text) ? pos : HEAD_REFUSED;
  }

  #stopAt(line: number): number {
    this.line = line;
    return HEAD_INCOMPLETE;
  }

  #refused(fault: FaultCode): number {
    this.refuse(fault);
    return HEAD_REFUSED;
  }

  #parseKnown(kind: number, bytes: Buffer, from: number, to: number): boolean {
    switch (kind) {
      case FIELD_CONTENT_LENGTH:
        return this.#parseContentLength(bytes, from, to);
      case FIELD_TRANSFER_ENCODING:
        return this.#parseTransferEncoding(bytes, from, to);
      case FIELD_CONNECTION:
        return this.#parseConnection(bytes, from, to);
      default:
        return this.parseField(kind, bytes, from, to);
    }
  }

  #parseContentLength(bytes: Buffer, from: number, to: number): boolean {
    // RFC 9112 §6.3 lets a recipient fold identical values; no client needs that.
    if (this.contentLength >= 0) return this.refuse("content_length_repeated");
    if (from === to) return this.refuse("content_length_malformed");
    let value = 0;
    let digits = 0;
    for (let i = from; i < to; i++) {
      const byte = bytes[i]!;
      if (byte < ZERO || byte > NINE) {
        return this.refuse(byte === COMMA ? "content_length_repeated" : "content_length_malformed");
      }
      if (value > 0 || byte !== ZERO) digits++;
      value = value * 10 + (byte - ZERO);
    }
    if (digits > LENGTH_DIGITS_MAX) return this.refuse("content_length_overflow");
    this.contentLength = value;
    return true;
  }

  #parseTransferEncoding(bytes: Buffer, from: number, to: number): boolean {
    if (++this.#transferEncodings > 1) return this.refuse("transfer_encoding_malformed");
    if (isChunked(bytes, from, to)) {
      this.chunked = true;
      return true;
    }
    return this.refuse(transferEncodingFault(bytes, from, to));
  }

  #parseConnection(bytes: Buffer, from: number, to: number): boolean {
    let pos = from;
    for (;;) {
      while (pos < to && isBlank(bytes[pos]!)) pos++;
      const start = pos;
      let hash = 0;
      for (; pos < to; pos++) {
        const lower = TOKEN_LOWER[bytes[pos]!]!;
        if (lower === 0) break;
        hash = hashStep(hash, lower);
      }
      if (pos > start) this.#addConnectionOption(fieldNames.nameOf(bytes, start, pos, hash));
      while (pos < to && isBlank(bytes[pos]!)) pos++;
      if (pos >= to) return true;
      if (bytes[pos] !== COMMA) return this.refuse("connection_malformed");
      pos++;
    }
  }

  #addConnectionOption(option: string): void {
    if (option === "close") {
      this.connectionClose = true;
    } else if (option === "keep-alive") {
      this.connectionKeepAlive = true;
    } else {
      this.#ownNames ??= [];
      this.#ownNames.push(option);
    }
  }

  #checkFraming(): boolean {
    if (this.#transferEncodings === 0) return true;
    if (this.contentLength >= 0) return this.refuse("framing_conflict");
    if (this.minorVersion === 0) return this.refuse("transfer_encoding_in_http10");
    return true;
  }
}

/** These bytes can belong to a line that has no end yet. */
function isOpenLine(bytes: Buffer, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    if (FIELD_VALUE[bytes[i]!] === 0 && (bytes[i] !== CR || i + 1 < to)) return false;
  }
  return true;
}

function nameFault(byte: number, empty: boolean): FaultCode {
  if (byte === LF) return "line_bare_lf";
  if (isBlank(byte)) return empty ? "field_folded" : "field_space_before_colon";
  return "field_name_malformed";
}
