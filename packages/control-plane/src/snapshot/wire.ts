/**
 * Messages of the stream as bytes, made once and shared by all nodes that need them.
 * What nodes send up is in node-messages.ts; outside this folder nobody knows the protobuf types. Holds no state.
 */
import {
  BinaryWriter,
  SnapshotChunk,
  SubscribeResponse,
  type Resource as WireResource,
} from "@latchkey/proto";
import {
  asBuffer,
  type HeartbeatContent,
  type KeyGrantValue,
  type ResourceRecord,
  type ResourceRef,
  type Revision,
  revisionToWire,
} from "@latchkey/snapshot";

/** `SnapshotChunk.index` (field 1), a varint. */
const INDEX_TAG = 1 << 3;
/** `SubscribeResponse.snapshot_chunk` (field 2), length-delimited. */
const SNAPSHOT_CHUNK_TAG = (2 << 3) | 2;

const NO_BYTES = new Uint8Array(0);

/** What a delta carries; revocations stand first in both lists. */
export interface DeltaContent {
  readonly from: Revision;
  readonly to: Revision;
  readonly upserts: readonly ResourceRecord[];
  readonly removals: readonly ResourceRef[];
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
}

export interface SnapshotSeal {
  readonly revision: Revision;
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
  readonly resourceCount: number;
}

export function encodeDelta(delta: DeltaContent): Buffer {
  return finish({
    $case: "delta",
    value: {
      from: revisionToWire(delta.from),
      to: revisionToWire(delta.to),
      upserts: delta.upserts.map(toWireResource),
      removals: delta.removals.map((ref) => ({ kind: ref.kind, id: ref.id })),
      digest: asBuffer(delta.digest),
      signature: asBuffer(delta.signature),
    },
  });
}

export function encodeSnapshotBegin(revision: Revision, resourceCount: number, chunkCount: number): Buffer {
  return finish({
    $case: "snapshotBegin",
    value: { revision: revisionToWire(revision), resourceCount: BigInt(resourceCount), chunkCount },
  });
}

export function encodeSnapshotEnd(seal: SnapshotSeal): Buffer {
  return finish({
    $case: "snapshotEnd",
    value: {
      revision: revisionToWire(seal.revision),
      digest: asBuffer(seal.digest),
      resourceCount: BigInt(seal.resourceCount),
      signature: asBuffer(seal.signature),
    },
  });
}

/** @param signature empty: unsigned */
export function encodeHeartbeat(content: HeartbeatContent, signature: Uint8Array): Buffer {
  return finish({
    $case: "heartbeat",
    value: {
      serverTimeMs: BigInt(content.serverTimeMs),
      revision: revisionToWire(content.revision),
      digest: asBuffer(content.digest),
      sequence: BigInt(content.sequence),
      signature: asBuffer(signature),
    },
  });
}

export function encodeUsageStored(sequence: number): Buffer {
  return finish({ $case: "usageStored", value: { sequence: BigInt(sequence) } });
}

export function encodeKeyGrant({ encapsulatedKey, ciphertext }: KeyGrantValue): Buffer {
  return finish({
    $case: "keyGrant",
    value: { encapsulatedKey: asBuffer(encapsulatedKey), ciphertext: asBuffer(ciphertext) },
  });
}

/** One resource as it stands inside a chunk. A chunk's content is such entries one after another. */
export function encodeChunkEntry(record: ResourceRecord): Buffer {
  // Index 0 is the default and leaves no bytes.
  return asBuffer(SnapshotChunk.encode({ index: 0, resources: [toWireResource(record)] }).finish());
}

/** Takes a chunk's content apart again. */
export function decodeChunkEntries(entries: Uint8Array): ResourceRecord[] {
  return SnapshotChunk.decode(entries).resources;
}

/** A chunk message from its entries. The index is put in front only here, so that revisions can share their chunks. */
export function encodeSnapshotChunk(index: number, entries: Uint8Array): Buffer {
  const indexBytes = index === 0 ? NO_BYTES : new BinaryWriter().uint32(INDEX_TAG).uint32(index).finish();
  const head = new BinaryWriter()
    .uint32(SNAPSHOT_CHUNK_TAG)
    .uint32(indexBytes.length + entries.length)
    .finish();
  return Buffer.concat([head, indexBytes, entries]);
}

function toWireResource(record: ResourceRecord): WireResource {
  return { kind: record.kind, id: record.id, body: asBuffer(record.body) };
}

function finish(message: NonNullable<SubscribeResponse["message"]>): Buffer {
  return asBuffer(SubscribeResponse.encode({ message }).finish());
}
