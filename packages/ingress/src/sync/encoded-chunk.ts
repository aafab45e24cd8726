/**
 * A SnapshotChunk of the stream as it came: its records are read while they are applied, without the copies that the
 * generated decoder makes, in one step, of a whole chunk.
 */
import { BinaryReader, SnapshotServiceService, type SubscribeResponse } from "@latchkey/proto";
import type { ResourceRecord } from "@latchkey/snapshot";
import { chunkIndex, chunkRecords } from "./stored-chunk.js";

/** Field 2 of SubscribeResponse, delimited (snapshot_service.proto). */
const CHUNK_TAG = (2 << 3) | 2;

export class EncodedChunk {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get index(): number {
    return chunkIndex(this.#bytes);
  }

  /** Bodies are views. Throws, at any record, on what is no SnapshotChunk. */
  records(): IterableIterator<ResourceRecord> {
    return chunkRecords(this.#bytes);
  }
}

/** A message of the stream. Throws on what is none. */
export function readResponse(bytes: Buffer): SubscribeResponse | EncodedChunk {
  if (bytes[0] === CHUNK_TAG) {
    const reader = new BinaryReader(bytes.subarray(1));
    const length = reader.uint32();
    // Anything behind it is of a newer kind of message, which the decoder knows to skip.
    if (reader.pos + length === reader.len) return new EncodedChunk(bytes.subarray(1 + reader.pos));
  }
  return SnapshotServiceService.subscribe.responseDeserialize(bytes);
}
