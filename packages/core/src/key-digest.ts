/** SHA-256 of a secret: what rests in the database, travels on the stream and is looked up. */
import { createHash } from "node:crypto";

/** Bytes of a digest. */
export const KEY_DIGEST_BYTES = 32;

/** SHA-256 (FIPS 180-4) of the secret's UTF-8 bytes. A plain hash is enough: the secret has 256 random bits. */
export function keyDigest(secret: string): Buffer {
  return createHash("sha256").update(secret, "utf8").digest();
}
