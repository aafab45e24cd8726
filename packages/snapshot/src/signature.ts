/**
 * What Ed25519 signs: a version with its digest, so that a signature holds for one content at one revision only; and a
 * heartbeat with the challenge of its stream, so that it holds at one time of one stream only.
 */
import { type KeyObject, sign, verify } from "node:crypto";
import type { Version } from "./version.js";

const CONTEXT = "latchkey-version";
const HEARTBEAT_CONTEXT = "latchkey-heartbeat";
const SIGNATURE_BYTES = 64;
/** Fewer could be guessed or repeated; more are of no use. */
export const challengeBytes = { min: 16, max: 64 } as const;

function signedBytes(version: Version, digest: Uint8Array): Buffer {
  const head = Buffer.alloc(16);
  head.writeBigUInt64BE(BigInt(version.epoch), 0);
  head.writeBigUInt64BE(BigInt(version.number), 8);
  return Buffer.concat([Buffer.from(CONTEXT, "latin1"), head, digest]);
}

/** Ed25519 (RFC 8032) signature of a version and its digest; 64 bytes. */
export function signVersion(version: Version, digest: Uint8Array, privateKey: KeyObject): Buffer {
  return sign(null, signedBytes(version, digest), privateKey);
}

export function verifyVersion(
  version: Version,
  digest: Uint8Array,
  signature: Uint8Array,
  publicKey: KeyObject,
): boolean {
  return (
    signature.length === SIGNATURE_BYTES && verify(null, signedBytes(version, digest), publicKey, signature)
  );
}

/** What a heartbeat says, and what ties it to its stream. */
export interface HeartbeatContent {
  /** The node's, new for each stream. */
  readonly challenge: Uint8Array;
  /** Grows within the stream. */
  readonly sequence: number;
  readonly serverTimeMs: number;
  readonly version: Version;
  readonly digest: Uint8Array;
}

function heartbeatBytes(content: HeartbeatContent): Buffer {
  const { challenge, sequence, serverTimeMs, version, digest } = content;
  const head = Buffer.alloc(33);
  head.writeUInt8(challenge.length, 0);
  for (const [i, value] of [sequence, serverTimeMs, version.epoch, version.number].entries())
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
