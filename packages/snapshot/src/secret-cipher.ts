/**
 * Encrypts the secrets that can be shown again with AES-256-GCM (NIST SP 800-38D). The owner is authenticated with the
 * ciphertext: one that is moved to another row cannot be decrypted. Does not decide who may see a secret.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";

export const ENCRYPTION_KEY_BYTES = 32;
const FORMAT = 1;
const KEY_ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES + TAG_BYTES;

/** The secret was encrypted with a key that is no longer configured, or was tampered with. */
export class DecryptError extends Error {
  override readonly name = "DecryptError";
}

interface EncryptionKey {
  readonly id: Buffer;
  readonly key: Buffer;
}

export class SecretCipher {
  readonly #keys: readonly EncryptionKey[];

  /** The first key encrypts; all of them decrypt. */
  constructor(keys: readonly Buffer[]) {
    this.#keys = keys.map((key) => {
      if (key.length !== ENCRYPTION_KEY_BYTES)
        throw new RangeError(`an encryption key has ${ENCRYPTION_KEY_BYTES} bytes, not ${key.length}`);
      return {
        key,
        id: createHash("sha256")
          .update("latchkey-sealing-key")
          .update(key)
          .digest()
          .subarray(0, KEY_ID_BYTES),
      };
    });
  }

  get available(): boolean {
    return this.#keys.length > 0;
  }

  encrypt(secret: string, owner: string): Buffer {
    const current = this.#keys[0];
    if (current === undefined) throw new DecryptError("no encryption key is configured");
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv("aes-256-gcm", current.key, nonce).setAAD(Buffer.from(owner));
    const encrypted = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
    return Buffer.concat([Buffer.of(FORMAT), current.id, nonce, cipher.getAuthTag(), encrypted]);
  }

  /** @throws DecryptError */
  decrypt(encrypted: Buffer, owner: string): string {
    const keyId = encrypted.subarray(1, 1 + KEY_ID_BYTES);
    const found = this.#keys.find(({ id }) => id.equals(keyId));
    if (encrypted.length < HEAD_BYTES || encrypted[0] !== FORMAT || found === undefined)
      throw new DecryptError("encrypted with a key that is not configured");
    const nonce = encrypted.subarray(1 + KEY_ID_BYTES, 1 + KEY_ID_BYTES + NONCE_BYTES);
    const tag = encrypted.subarray(HEAD_BYTES - TAG_BYTES, HEAD_BYTES);
    try {
      const decipher = createDecipheriv("aes-256-gcm", found.key, nonce, { authTagLength: TAG_BYTES })
        .setAAD(Buffer.from(owner))
        .setAuthTag(tag);
      return decipher.update(encrypted.subarray(HEAD_BYTES), undefined, "utf8") + decipher.final("utf8");
    } catch (cause) {
      throw new DecryptError("the encrypted secret is damaged", { cause });
    }
  }
}
