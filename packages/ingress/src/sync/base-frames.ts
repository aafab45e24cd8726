/** A table as the frames of a base file: begin, chunks, end. Made one by one, so that writing them can pause in between. */
import { LastKnownGoodBegin, SnapshotChunk, SnapshotEnd } from "@latchkey/proto";
import { asBuffer, type ResourceRecord, type Revision, revisionToWire } from "@latchkey/snapshot";
import { VALIDATION_VERSION } from "../table/checks.js";
import type { SnapshotIterator } from "../table/sharded-map.js";
import { chunksOf } from "./chunks-of.js";
import { encodeFrame } from "./frames.js";

/** Types of frames: the first three are a base's, the last the journal's. */
export const FRAME = { begin: 1, chunk: 2, end: 3, delta: 4 } as const;

const CHUNK_RECORDS = 256;

interface BaseEnd {
  readonly revision: Revision;
  readonly digest: Buffer;
  readonly signature: Buffer;
}

export function* baseFrames(
  records: SnapshotIterator<ResourceRecord>,
  refusedApiIds: string[],
  end: BaseEnd,
): IterableIterator<Buffer> {
  const revision = revisionToWire(end.revision);
  const resourceCount = BigInt(records.size);
  const chunkCount = Math.ceil(records.size / CHUNK_RECORDS);
  const begin = { revision, resourceCount, chunkCount, checks: String(VALIDATION_VERSION), refusedApiIds };
  yield encodeFrame(FRAME.begin, LastKnownGoodBegin.encode(begin).finish());
  let index = 0;
  for (const part of chunksOf(records, CHUNK_RECORDS)) {
    const resources = part.map(({ kind, id, body }) => ({ kind, id, body: asBuffer(body) }));
    yield encodeFrame(FRAME.chunk, SnapshotChunk.encode({ index: index++, resources }).finish());
  }
  const { digest, signature } = end;
  yield encodeFrame(FRAME.end, SnapshotEnd.encode({ revision, digest, resourceCount, signature }).finish());
}
