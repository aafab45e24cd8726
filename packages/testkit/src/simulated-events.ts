/** Options of a simulated node and of its channel, and what it records of its stream. */
import { createHash } from "node:crypto";
import { type ChannelCredentials } from "@grpc/grpc-js";
import { type Resource, type SnapshotEnd, SubscribeResponse } from "@latchkey/proto";

const MIB = 1024 * 1024;

export const CHANNEL_OPTIONS = {
  "grpc.max_receive_message_length": 16 * MIB,
  "grpc.enable_retries": 0,
  // Node's default of 64 KiB would make a full snapshot a matter of round trips.
  "grpc-node.flow_control_window": MIB,
  // Each node its own connection, as in real life.
  "grpc.use_local_subchannel_pool": 1,
  "grpc.keepalive_time_ms": 20_000,
  "grpc.keepalive_timeout_ms": 5_000,
  "grpc.initial_reconnect_backoff_ms": 50,
  "grpc.max_reconnect_backoff_ms": 500,
  "grpc.enable_channelz": 0,
};

/** What a node keeps of one resource. */
export interface Held {
  readonly hash: bigint;
  readonly body: Uint8Array | null;
}

export interface SimulatedRevision {
  readonly epoch: number;
  readonly number: number;
}

export interface SimulatedNodeOptions {
  /** `host:port` of the control plane's stream. */
  readonly address: string;
  readonly nodeId: string;
  readonly token: string;
  readonly credentials?: ChannelCredentials;
  /** Off: revisions are applied but not acknowledged. */
  readonly acknowledges?: boolean;
  /** Off: remembers hashes only. */
  readonly keepsBodies?: boolean;
  /** On: remembers nothing but the revision, and believes the server's digests. For fleets of thousands. */
  readonly isThin?: boolean;
  /** What signed heartbeats are to cover; without it, it asks for no signatures. */
  readonly challenge?: Buffer;
  /** X25519; without it, it is granted no data keys. */
  readonly publicKey?: Buffer;
  /** Milliseconds between health messages; 0 = never. */
  readonly healthIntervalMs?: number;
  /** Why the node cannot use a resource, or null. */
  readonly rejects?: (resource: Resource) => string | null;
  /** Called with each revision as it is applied. */
  readonly onApplied?: (revision: SimulatedRevision, atMs: number) => void;
}

/** One message that came down. */
export interface SimulatedEvent {
  readonly kind: NonNullable<SubscribeResponse["message"]>["$case"];
  readonly message: SubscribeResponse;
  /** Of the protobuf message, without gRPC's and HTTP/2's frames. */
  readonly bytes: number;
  /** `performance.now()`. */
  readonly atMs: number;
}

/** How a stream ended. */
export interface SimulatedEnd {
  readonly code: number;
  readonly details: string;
  /** The server's hint, or null. */
  readonly retryAfterMs: number | null;
}

export function nameOf(ref: { readonly kind: string; readonly id: string }): string {
  return `${ref.kind}/${ref.id}`;
}

/** SHA-256 over kind, 0x00, id, 0x00, body, read as a little-endian number. */
export function hashOf(resource: Resource): bigint {
  const hash = createHash("sha256")
    .update(`${resource.kind}\0${resource.id}\0`)
    .update(resource.body)
    .digest()
    .reverse();
  return BigInt(`0x${hash.toString("hex")}`);
}

export function bytesOf(sum: bigint): Buffer {
  return Buffer.from(sum.toString(16).padStart(64, "0"), "hex").reverse();
}

export function numberOf(digest: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(digest).reverse().toString("hex")}`);
}

export function revisionOf(revision: SnapshotEnd["revision"]): SimulatedRevision {
  return { epoch: Number(revision?.epoch ?? 0n), number: Number(revision?.number ?? 0n) };
}
