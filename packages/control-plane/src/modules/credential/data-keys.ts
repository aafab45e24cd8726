/**
 * The installation's data keys: they encrypt the secrets of credentials, and rest in the database encrypted with the
 * configured `encryptionKey`. The present one encrypts; the one before decrypts what nodes may still hold. Nodes get them
 * as a grant to their own public key. docs/adr/0720-encrypt-credentials-with-a-data-key.md
 */
import { randomBytes } from "node:crypto";
import type { Logger } from "@latchkey/observe";
import { ENCRYPTION_KEY_BYTES, encryptKeyGrant, type KeyGrantValue, SecretCipher } from "@latchkey/snapshot";
import type { DataKeyTable, Db } from "../../db/schema.js";

/** The present key and the one before. */
const KEYS_MAX = 2;

/** What a node is granted, and under which number, so that it is granted once. */
export interface NumberedGrant {
  readonly number: number;
  readonly grant: KeyGrantValue;
}

export class DataKeys {
  /** Of the configuration. */
  readonly #cipher: SecretCipher;
  readonly #logger: Logger;
  /** The present one first, as last read for nodes. */
  #keys: readonly Buffer[] = [];
  /** The present one as it rests. */
  #resting: Buffer | null = null;
  #number = 0;

  constructor(cipher: SecretCipher, logger: Logger) {
    this.#cipher = cipher;
    this.#logger = logger;
  }

  /** Whether secrets can be entered: an encryption key is configured. */
  get available(): boolean {
    return this.#cipher.available;
  }

  /** Grows with each change of the keys; 0: there are none, or they cannot be decrypted. */
  get grantNumber(): number {
    return this.#keys.length === 0 ? 0 : this.#number;
  }

  /** For a node; null while there are no keys. @throws Error when the public key is not fit */
  async grantTo(publicKey: Uint8Array): Promise<NumberedGrant | null> {
    const number = this.grantNumber;
    return number === 0 ? null : { number, grant: await encryptKeyGrant(this.#keys, publicKey) };
  }

  /** Takes the committed keys. Call it whenever credentials are read for nodes, in the same transaction. */
  async refresh(db: Db): Promise<void> {
    const rows = await readRows(db);
    const resting = rows[0]?.encrypted_key ?? null;
    if (resting === null || this.#resting?.equals(resting) === true) return;
    this.#resting = resting;
    this.#number++;
    try {
      this.#keys = this.#decrypted(rows);
    } catch (error) {
      this.#keys = [];
      this.#logger.error(
        { err: error },
        "the data key of the credentials cannot be decrypted: nodes do not get it. Was the encryption key changed?",
      );
    }
  }

  /** Decrypts, and encrypts with the present key; makes the first one. @throws DecryptError */
  async cipherIn(trx: Db): Promise<SecretCipher> {
    const rows = await readRows(trx);
    return rows.length === 0 ? this.replaceIn(trx) : new SecretCipher(this.#decrypted(rows));
  }

  /** A new present key, and the one before to decrypt with: the caller encrypts again what that encrypted. @throws DecryptError */
  async replaceIn(trx: Db): Promise<SecretCipher> {
    const before = await readRows(trx);
    const id = (before[0]?.id ?? 0) + 1;
    const key = randomBytes(ENCRYPTION_KEY_BYTES);
    await trx
      .insertInto("data_key")
      .values({ id, encrypted_key: this.#cipher.encrypt(key.toString("base64"), ownerOf(id)) })
      .execute();
    await trx
      .deleteFrom("data_key")
      .where("id", "<=", id - KEYS_MAX)
      .execute();
    return new SecretCipher([key, ...this.#decrypted(before.slice(0, KEYS_MAX - 1))]);
  }

  #decrypted(rows: readonly DataKeyTable[]): Buffer[] {
    return rows.map((row) => Buffer.from(this.#cipher.decrypt(row.encrypted_key, ownerOf(row.id)), "base64"));
  }
}

/** The present one first. */
function readRows(db: Db): Promise<DataKeyTable[]> {
  return db.selectFrom("data_key").selectAll().orderBy("id", "desc").limit(KEYS_MAX).execute();
}

function ownerOf(id: number): string {
  return `data-key/${id}`;
}
