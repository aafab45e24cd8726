/** A table as the messages of a full snapshot: begin, chunks, end. Made one by one, as the stream takes them. */
import type { SubscribeResponse } from "@latchkey/proto";
import { type ResourceRecord, type Revision, revisionToWire } from "@latchkey/snapshot";
import type { SnapshotIterator } from "../table/sharded-map.js";
import { chunksOf } from "./chunks-of.js";

const CHUNK_RECORDS = 200;

export function* snapshotMessages(
  records: SnapshotIterator<ResourceRecord>,
  revision: Revision,
  digest: Buffer,
  signature: Uint8Array,
): IterableIterator<SubscribeResponse> {
  const wire = revisionToWire(revision);
  const resourceCount = BigInt(records.size);
  const chunkCount = Math.ceil(records.size / CHUNK_RECORDS);
  yield { message: { $case: "snapshotBegin", value: { revision: wire, resourceCount, chunkCount } } };
  let index = 0;
  for (const part of chunksOf(records, CHUNK_RECORDS)) {
    const resources = part.map(({ kind, id, body }) => ({ kind, id, body: Buffer.from(body) }));
    yield { message: { $case: "snapshotChunk", value: { index: index++, resources } } };
  }
  yield {
    message: {
      $case: "snapshotEnd",
      value: { revision: wire, digest, resourceCount, signature: Buffer.from(signature) },
    },
  };
}
