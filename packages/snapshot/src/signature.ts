/**
 * What Ed25519 signs: a revision with its digest, so that a signature holds for one content at one revision only; and a
 * heartbeat with the challenge of its stream, so that it holds at one time of one stream only.
 */
import { type KeyObject, sign, verify } from "node:crypto";
import type { Revision } from "./revision.js";

const CONTEXT = "latchkey-version";
const HEARTBEAT_CONTEXT = "latchkey-heartbeat";
const SIGNATURE_BYTES = 64;
/** Fewer could be guessed or repeated; more are of no use. */
export const challengeBytes = { min: 16, max: 64 } as const;

function signedBytes(revision: Revision, digest: Uint8Array): Buffer {
  const head = Buffer.alloc(16);
  head.writeBigUInt64BE(BigInt(revision.epoch), 0);
  head.writeBigUInt64BE(BigInt(revision.number), 8);
  return Buffer.concat([Buffer.from(CONTEXT, "latin1"), head, digest]);
}

/** Ed25519 (RFC 8032) signature of a revision and its digest; 64 bytes. */
export function signRevision(revision: Revision, digest: Uint8Array, privateKey: KeyObject): Buffer {
  return sign(null, signedBytes(revision, digest), privateKey);
}

export function verifyRevision(
  revision: Revision,
  digest: Uint8Array,
  signature: Uint8Array,
  publicKey: KeyObject,
): boolean {
  return (
    signature.length === SIGNATURE_BYTES && verify(null, signedBytes(revision, digest), publicKey, signature)
  );
}

/** What a heartbeat says, and what ties it to its stream. */
export interface HeartbeatContent {
  /** The node's, new for each stream. */
  readonly challenge: Uint8Array;
  /** Grows within the stream. */
  readonly sequence: number;
  readonly serverTimeMs: number;
  readonly revision: Revision;
  readonly digest: Uint8Array;
}

function heartbeatBytes(content: HeartbeatContent): Buffer {
  const { challenge, sequence, serverTimeMs, revision, digest } = content;
  const head = Buffer.alloc(33);
  head.writeUInt8(challenge.length, 0);
  for (const [i, value] of [sequence, serverTimeMs, revision.epoch, revision.number].entries())
    head.writeBigUInt64BE(BigInt(value), 1 + 8 * i);
  return Buffer.concat([Buffer.from(HEARTBEAT_CONTEXT, "latin1"), head, challenge, digest]);
}

/** Ed25519 signature of a heartbeat; 64 bytes. */
export function signHeartbeat(content: HeartbeatContent, privateKey: KeyObject): Buffer {
  return sign(null, heartbeatBytes(content), privateKey);
}

export function verifyHeartbeat(
  content: HeartbeatContent,
  signature: Uint8Array,
  publicKey: KeyObject,
): boolean {
  return signature.length === SIGNATURE_BYTES && verify(null, heartbeatBytes(content), publicKey, signature);
}
