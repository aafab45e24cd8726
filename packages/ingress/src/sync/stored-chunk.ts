/**
 * The resources of an encoded SnapshotChunk, one at a time and without a copy: the generated decoder makes three
 * objects and a copy of the body for each, which is much of the work of a large file or a full snapshot. Skips fields that
 * it does not know. Throws on what is no such message.
 */
import { BinaryReader } from "@latchkey/proto";
import { type ResourceRecord, resourceKinds } from "@latchkey/snapshot";

/** Tags of SnapshotChunk and of Resource (snapshot.proto): field number and wire type. */
const INDEX = 1 << 3;
const RESOURCE = (2 << 3) | 2;
const KIND = (1 << 3) | 2;
const ID = (2 << 3) | 2;
const BODY = (3 << 3) | 2;

const NO_BODY = new Uint8Array(0);

/** One string for each kind, however many records have it. */
const kinds = new Map<string, string>(resourceKinds.map((kind) => [kind, kind]));

/** The place of a chunk in its snapshot. */
export function chunkIndex(chunk: Buffer): number {
  const reader = new BinaryReader(chunk);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === INDEX) return reader.uint32();
    skip(reader, tag);
  }
  return 0; // which is not written
}

/** Bodies are views of the chunk: copy a record to keep it. */
export function* chunkRecords(chunk: Buffer): IterableIterator<ResourceRecord> {
  const reader = new BinaryReader(chunk);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === RESOURCE) yield nextRecord(reader);
    else skip(reader, tag);
  }
}

function nextRecord(reader: BinaryReader): ResourceRecord {
  const length = reader.uint32();
  const end = reader.pos + length;
  let kind = "";
  let id = "";
  let body: Uint8Array = NO_BODY;
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag === KIND) {
      const text = reader.string();
      kind = kinds.get(text) ?? text;
    } else if (tag === ID) id = reader.string();
    else if (tag === BODY) body = reader.bytes();
    else skip(reader, tag);
  }
  if (reader.pos !== end) throw new RangeError("a field is longer than its message");
  return { kind, id, body };
}

function skip(reader: BinaryReader, tag: number): void {
  reader.skip(tag & 7, tag >>> 3);
}
