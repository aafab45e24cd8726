/** The test vectors of docs/snapshot-protocol.md, made by the code that signs and hashes. */
import { createPrivateKey, createPublicKey } from "node:crypto";
import { digestOf, resourceHash, signHeartbeat, signRevision } from "@latchkey/snapshot";

/** Of RFC 8032, section 7.1, test 1, in the wrapping of PKCS #8. */
const SEED = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
const privateKey = createPrivateKey({
  key: Buffer.from(`302e020100300506032b657004220420${SEED}`, "hex"),
  format: "der",
  type: "pkcs8",
});
export const publicKey = createPublicKey(privateKey);

export const resources = [
  { kind: "api", id: "api_0", body: Buffer.from("0a0b", "hex") },
  { kind: "api", id: "api_2", body: Buffer.from("0a0b", "hex") },
  { kind: "key", id: "ké", body: Buffer.alloc(0) },
] as const;
export const revision = { epoch: 1_764_374_400_000, number: 258 };
export const challenge = Buffer.from(Array.from({ length: 16 }, (_, i) => i));
export const beat = { sequence: 3, serverTimeMs: 1_764_374_460_123 };

/** The lines of the page, name and hexadecimal. */
export function vectorLines(): readonly (readonly [string, string])[] {
  const digest = digestOf(resources);
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
  return [
    ...resources.map((one) => [`hash of ${one.kind}, ${one.id}`, hex(resourceHash(one))] as const),
    ["digest of no resource", hex(digestOf([]))],
    ["digest of the first two (their sum exceeds 2^256)", hex(digestOf(resources.slice(0, 2)))],
    ["digest of all three", hex(digest)],
    ["private key (seed)", SEED],
    ["public key", hex(publicKey.export({ format: "der", type: "spki" }).subarray(-32))],
    ["signature of the revision", hex(signRevision(revision, digest, privateKey))],
    ["signature of the heartbeat", hex(signHeartbeat({ challenge, revision, digest, ...beat }, privateKey))],
  ];
}
