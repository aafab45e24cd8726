/** What Ed25519 signs: the version and the digest, so a signature holds for one content at one revision only. */
import { type KeyObject, sign, verify } from "node:crypto";
import type { Version } from "./version.js";

const CONTEXT = "latchkey-version";

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
  return signature.length === 64 && verify(null, signedBytes(version, digest), publicKey, signature);
}
