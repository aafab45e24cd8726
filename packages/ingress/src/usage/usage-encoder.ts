/**
 * Rows of counts as the `counts` of an encoded UsageBatch. By hand: the generated encoder wants an object with fourteen
 * BigInts for each, and made a node with ten thousand busy keys stand still for a tenth of a second each second.
 */
import { COLUMNS, COUNT, FIRST_BUCKET, REQUEST_BYTES, RESPONSE_BYTES, type UsageRows } from "./usage-rows.js";

const VARINT = 0;
const DELIMITED = 2;
/** Field 3 of UsageBatch, and the fields of UsageCount (usage.proto). */
const COUNTS = (3 << 3) | DELIMITED;
const API_ID = (1 << 3) | DELIMITED;
const ROUTE_ID = (2 << 3) | DELIMITED;
const KEY_ID = (3 << 3) | DELIMITED;
const INTEGRATION_ID = (4 << 3) | DELIMITED;
const STATUS = (5 << 3) | VARINT;
const REQUESTS = (6 << 3) | VARINT;
const BYTES_IN = (7 << 3) | VARINT;
const BYTES_OUT = (8 << 3) | VARINT;
const LATENCIES = (9 << 3) | DELIMITED;

const VARINT_BYTES_MAX = 10;
const FIRST_BYTES = 16_384;

export class UsageEncoder {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #at = 0;

  /** A view until the next call. Fields of a message may come in pieces: it can follow another part of its UsageBatch. */
  encode(rows: UsageRows, from: number, to: number): Buffer {
    this.#at = 0;
    for (let row = from; row < to; row++) this.#row(rows, row);
    return this.#bytes.subarray(0, this.#at);
  }

  #row(rows: UsageRows, row: number): void {
    const key = rows.key(row);
    const route = rows.route(row);
    this.#room(2 * VARINT_BYTES_MAX);
    this.#varint(COUNTS);
    const lengthAt = this.#at;
    this.#at += 1; // for the length, if one byte is enough
    this.#text(API_ID, key.api.id);
    this.#text(ROUTE_ID, route === null ? "" : route.id);
    this.#text(KEY_ID, key.id);
    this.#text(INTEGRATION_ID, route === null ? "" : route.integration.id);
    this.#room((COLUMNS + 8) * VARINT_BYTES_MAX);
    this.#number(STATUS, rows.status(row));
    this.#number(REQUESTS, rows.number(row, COUNT));
    this.#number(BYTES_IN, rows.number(row, REQUEST_BYTES));
    this.#number(BYTES_OUT, rows.number(row, RESPONSE_BYTES));
    this.#varint(LATENCIES);
    const packedAt = this.#at;
    this.#at += 1;
    for (let column = FIRST_BUCKET; column < COLUMNS; column++) this.#varint(rows.number(row, column));
    this.#closeAt(packedAt);
    this.#closeAt(lengthAt);
  }

  /** Writes the length of what follows `lengthAt`, which has one byte for it; moves what follows when it needs more. */
  #closeAt(lengthAt: number): void {
    const length = this.#at - lengthAt - 1;
    const more = varintBytes(length) - 1;
    if (more > 0) {
      this.#room(more);
      this.#bytes.copyWithin(lengthAt + 1 + more, lengthAt + 1, this.#at);
    }
    this.#at = lengthAt;
    this.#varint(length);
    this.#at += length;
  }

  #text(tag: number, text: string): void {
    if (text === "") return;
    this.#room(text.length * 3 + 2 * VARINT_BYTES_MAX);
    this.#varint(tag);
    const lengthAt = this.#at;
    this.#at += 1;
    const bytes = this.#bytes;
    let at = this.#at;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) {
        at = this.#at + bytes.write(text, this.#at, "utf8"); // ids of ours are plain
        break;
      }
      bytes[at++] = code;
    }
    this.#at = at;
    this.#closeAt(lengthAt);
  }

  #number(tag: number, value: number): void {
    if (value === 0) return;
    this.#varint(tag);
    this.#varint(value);
  }

  /** In place, since there are fourteen a row. @param value a whole number below 2^53 */
  #varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#at++] = rest;
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#at + bytes));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++;
  return bytes;
}
