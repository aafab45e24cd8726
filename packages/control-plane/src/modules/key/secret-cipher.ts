/**
 * Secrets that can be shown again rest under AES-256-GCM (NIST SP 800-38D). Bound to their owner: a sealed
 * secret moved to another row does not open. Knows nothing of who may look.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";

export const SEALING_KEY_BYTES = 32;
const FORMAT = 1;
const KEY_ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES + TAG_BYTES;

/** The secret was sealed with a key that is no longer configured, or was tampered with. */
export class UnsealError extends Error {
  override readonly name = "UnsealError";
}

interface SealingKey {
  readonly id: Buffer;
  readonly key: Buffer;
}

export class Sealer {
  readonly #keys: readonly SealingKey[];

  /** The first key seals; all of them open. */
  constructor(keys: readonly Buffer[]) {
    this.#keys = keys.map((key) => {
      if (key.length !== SEALING_KEY_BYTES)
        throw new RangeError(`a sealing key has ${SEALING_KEY_BYTES} bytes, not ${key.length}`);
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

  seal(secret: string, owner: string): Buffer {
    const current = this.#keys[0];
    if (current === undefined) throw new UnsealError("no sealing key is configured");
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv("aes-256-gcm", current.key, nonce).setAAD(Buffer.from(owner));
    const sealed = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
    return Buffer.concat([Buffer.of(FORMAT), current.id, nonce, cipher.getAuthTag(), sealed]);
  }

  /** @throws UnsealError */
  unseal(sealed: Buffer, owner: string): string {
    const keyId = sealed.subarray(1, 1 + KEY_ID_BYTES);
    const found = this.#keys.find(({ id }) => id.equals(keyId));
    if (sealed.length < HEAD_BYTES || sealed[0] !== FORMAT || found === undefined)
      throw new UnsealError("sealed with a key that is not configured");
    const nonce = sealed.subarray(1 + KEY_ID_BYTES, 1 + KEY_ID_BYTES + NONCE_BYTES);
    const tag = sealed.subarray(HEAD_BYTES - TAG_BYTES, HEAD_BYTES);
    try {
      const decipher = createDecipheriv("aes-256-gcm", found.key, nonce, { authTagLength: TAG_BYTES })
        .setAAD(Buffer.from(owner))
        .setAuthTag(tag);
      return decipher.update(sealed.subarray(HEAD_BYTES), undefined, "utf8") + decipher.final("utf8");
    } catch (cause) {
      throw new UnsealError("the sealed secret is damaged", { cause });
    }
  }
}
