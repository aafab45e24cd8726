/** Tokens of nodes: 256 random bits, shown once, kept as SHA-256. The prefix tells secret scanners what they found. */
import { createHash, randomBytes } from "node:crypto";

const NODE_TOKEN_PREFIX = "lkn_";
const TOKEN_BYTES = 32;

export function newNodeToken(): string {
  return NODE_TOKEN_PREFIX + randomBytes(TOKEN_BYTES).toString("base64url");
}

export function nodeTokenDigest(token: string): Buffer {
  return createHash("sha256").update(token, "utf8").digest();
}
