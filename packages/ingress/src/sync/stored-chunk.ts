/**
 * The resources of an encoded SnapshotChunk, one at a time and without a copy: the generated decoder makes three
 * objects and a copy of the body for each, which is much of the work of a large file or a full snapshot. Reads the protobuf
 * encoding; skips fields that it does not know. Throws RangeError on what is no such message.
 */
import type { ResourceRecord } from "@latchkey/snapshot";

/** Wire types. */
const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

const tagOf = (field: number, wireType: number): number => (field << 3) | wireType;
const INDEX = tagOf(1, VARINT);
const RESOURCE = tagOf(2, DELIMITED);
const KIND = tagOf(1, DELIMITED);
const ID = tagOf(2, DELIMITED);
const BODY = tagOf(3, DELIMITED);

/** One string for each kind, however many records have it. */
const kinds = new Map<string, string>(["api", "integration", "key"].map((kind) => [kind, kind]));

/** The place of a chunk in its snapshot. */
export function chunkIndex(chunk: Buffer): number {
  const cursor = new Cursor(chunk, 0, chunk.length);
  while (!cursor.isAtEnd) {
    const tag = cursor.varint();
    if (tag === INDEX) return cursor.varint();
    cursor.skip(tag);
  }
  return 0; // which is not written
}

/** Bodies are views of the chunk: copy a record to keep it. */
export function* chunkRecords(chunk: Buffer): IterableIterator<ResourceRecord> {
  const cursor = new Cursor(chunk, 0, chunk.length);
  while (!cursor.isAtEnd) {
    const tag = cursor.varint();
    if (tag !== RESOURCE) {
      cursor.skip(tag);
      continue;
    }
    const end = cursor.delimitedEnd();
    yield recordIn(chunk, cursor.at, end);
    cursor.at = end;
  }
}

function recordIn(chunk: Buffer, start: number, end: number): ResourceRecord {
  const cursor = new Cursor(chunk, start, end);
  let kind = "";
  let id = "";
  let body = chunk.subarray(0, 0);
  while (!cursor.isAtEnd) {
    const tag = cursor.varint();
    if (tag !== KIND && tag !== ID && tag !== BODY) {
      cursor.skip(tag);
      continue;
    }
    const valueEnd = cursor.delimitedEnd();
    if (tag === BODY) body = chunk.subarray(cursor.at, valueEnd);
    else {
      const text = chunk.toString("utf8", cursor.at, valueEnd);
      if (tag === ID) id = text;
      else kind = kinds.get(text) ?? text;
    }
    cursor.at = valueEnd;
  }
  return { kind, id, body };
}

/** Walks through protobuf's encoding. Throws RangeError where that ends too early or is none. */
export class Cursor {
  readonly #bytes: Buffer;
  readonly #end: number;
  at: number;

  constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes;
    this.at = start;
    this.#end = end;
  }

  get isAtEnd(): boolean {
    return this.at >= this.#end;
  }

  /** At most 2^53: what is larger cannot be a tag, a length or an index of ours. */
  varint(): number {
    let value = 0;
    let factor = 1;
    while (this.at < this.#end && factor < 2 ** 49) {
      const byte = this.#bytes[this.at++] as number;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    throw new RangeError("not a varint of ours");
  }

  /** Where the value that begins after its length ends. */
  delimitedEnd(): number {
    const length = this.varint();
    return this.#within(this.at + length);
  }

  skip(tag: number): void {
    const wireType = tag & 7;
    if (wireType === VARINT) this.#skipVarint();
    else if (wireType === DELIMITED) this.at = this.delimitedEnd();
    else if (wireType === FIXED64) this.at = this.#within(this.at + 8);
    else if (wireType === FIXED32) this.at = this.#within(this.at + 4);
    else throw new RangeError(`wire type ${wireType}`);
  }

  #skipVarint(): void {
    while (this.at < this.#end) if ((this.#bytes[this.at++] as number) < 0x80) return;
    throw new RangeError("a varint without an end");
  }

  #within(end: number): number {
    if (end > this.#end) throw new RangeError("a field is longer than its message");
    return end;
  }
}
