/**
 * The node's own key pair, and the data keys that the control plane granted to it. Both rest in the data folder, the data
 * keys only as they came: encrypted to the key pair. Without a folder (a worker) nothing rests.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Logger, makePrivateFolder, writeFileDurably } from "@latchkey/observe";
import {
  decryptKeyGrant,
  type GrantKeyPair,
  type KeyGrantValue,
  newGrantKeyPair,
  SecretCipher,
} from "@latchkey/snapshot";

const KEY_PAIR_FILE = "node-key.json";
const GRANT_FILE = "key-grant.json";

export class NodeKeys {
  readonly #pair: GrantKeyPair;
  readonly #directory: string | null;
  readonly #log: Logger;
  /** Awaited after each grant, before what comes behind it. */
  onChange: (() => Promise<void>) | null = null;
  #dataKeys: readonly Buffer[] = [];
  #cipher: SecretCipher | null = null;

  private constructor(pair: GrantKeyPair, directory: string | null, log: Logger) {
    this.#pair = pair;
    this.#directory = directory;
    this.#log = log;
  }

  /** Reads what the folder has, or makes a key pair. @param directory null: nothing is kept */
  static async open(directory: string | null, log: Logger): Promise<NodeKeys> {
    if (directory === null) return new NodeKeys(await newGrantKeyPair(), null, log);
    makePrivateFolder(directory);
    const stored = readBytes(join(directory, KEY_PAIR_FILE), ["publicKey", "privateKey"], log);
    const pair = stored ?? (await newGrantKeyPair());
    const keys = new NodeKeys(pair, directory, log);
    if (stored === null) await keys.#write(KEY_PAIR_FILE, pair);
    else await keys.#restore(directory);
    return keys;
  }

  /** Goes to the control plane with each hello. */
  get publicKey(): Uint8Array {
    return this.#pair.publicKey;
  }

  /** Decrypts secrets; null: this node was granted no data keys. Another object after each grant. */
  get cipher(): SecretCipher | null {
    return this.#cipher;
  }

  /** For this node's workers. The present one first. */
  get dataKeys(): readonly Buffer[] {
    return this.#dataKeys;
  }

  /** A grant from the stream. One that cannot be read changes nothing. Never rejects. */
  async take(grant: KeyGrantValue): Promise<void> {
    if (!(await this.#decrypt(grant, "a key grant cannot be read: it is for another key pair"))) return;
    await this.#write(GRANT_FILE, grant);
    await this.onChange?.();
  }

  async #restore(directory: string): Promise<void> {
    const grant = readBytes(join(directory, GRANT_FILE), ["encapsulatedKey", "ciphertext"], this.#log);
    if (grant !== null)
      await this.#decrypt(grant, "the stored key grant cannot be read; the control plane sends another");
  }

  async #decrypt(grant: KeyGrantValue, failure: string): Promise<boolean> {
    try {
      this.#dataKeys = await decryptKeyGrant(grant, this.#pair);
      this.#cipher = new SecretCipher(this.#dataKeys);
      return true;
    } catch (error) {
      this.#log.error({ reason: error instanceof Error ? error.message : "error" }, failure);
      return false;
    }
  }

  async #write(name: string, fields: object): Promise<void> {
    if (this.#directory === null) return;
    const path = join(this.#directory, name);
    const text = JSON.stringify(
      Object.fromEntries(
        Object.entries(fields).map(([field, bytes]) => [
          field,
          Buffer.from(bytes as Uint8Array).toString("base64"),
        ]),
      ),
    );
    try {
      await writeFileDurably(path, `${text}\n`);
    } catch (error) {
      this.#log.warn(
        { file: path, reason: error instanceof Error ? error.message : "error" },
        "a key of this node cannot be written: without its control plane it starts without credentials",
      );
    }
  }
}

/** A JSON file with these fields in base64; null: it is not there, or damaged. */
function readBytes<K extends string>(
  path: string,
  fields: readonly K[],
  log: Logger,
): { readonly [F in K]: Uint8Array } | null {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return null;
  }
  try {
    const value = JSON.parse(text) as Readonly<Record<string, unknown>>;
    const entries = fields.map((field): [K, Uint8Array] => {
      const encoded = value[field];
      if (typeof encoded !== "string") throw new Error(`it has no ${field}`);
      return [field, Buffer.from(encoded, "base64")];
    });
    return Object.fromEntries(entries) as { readonly [F in K]: Uint8Array };
  } catch (error) {
    log.warn(
      { file: path, reason: error instanceof Error ? error.message : "error" },
      "a file is damaged and is made anew",
    );
    return null;
  }
}
