/**
 * A secret of a credential on this node: decrypted, or found where its reference points. A file is looked at again while
 * requests come, so that a new content counts without a revision. Never in a message: those name references and causes only.
 */
import { constants } from "node:fs";
import { open, realpath } from "node:fs/promises";
import { sep } from "node:path";
import type { Clock } from "@latchkey/core";
import { DecryptError, type SecretCipher } from "@latchkey/snapshot";
import type { OwnFiles } from "./own-files.js";

export interface SecretValue {
  /** Null: `text` is there or `problem` says why not; else ask again when it resolves. Never rejects. */
  settle(): Promise<void> | null;
  /** Null: there is none. Another text when the secret has changed. */
  readonly text: string | null;
  readonly problem: string | null;
}

/** Decrypted once, and again when the node gets other data keys and could not before. */
export class EncryptedSecret implements SecretValue {
  readonly #ciphertext: Buffer;
  readonly #owner: string;
  readonly #keys: { readonly cipher: SecretCipher | null };
  /** That was tried last. */
  #tried: SecretCipher | null = null;
  #text: string | null = null;

  constructor(ciphertext: Uint8Array, owner: string, keys: { readonly cipher: SecretCipher | null }) {
    this.#ciphertext = Buffer.from(ciphertext);
    this.#owner = owner;
    this.#keys = keys;
  }

  settle(): null {
    return null;
  }

  get text(): string | null {
    const { cipher } = this.#keys;
    if (this.#text !== null || cipher === this.#tried) return this.#text;
    this.#tried = cipher;
    try {
      this.#text = cipher?.decrypt(this.#ciphertext, this.#owner) ?? null;
    } catch (error) {
      if (!(error instanceof DecryptError)) throw error;
    }
    return this.#text;
  }

  get problem(): string | null {
    if (this.text !== null) return null;
    return this.#keys.cipher === null
      ? "the control plane has granted this node no data key"
      : "its secret cannot be decrypted with the data keys of this node";
  }
}

/** The environment does not change while the process runs. */
export class EnvironmentSecret implements SecretValue {
  readonly text: string | null;
  readonly problem: string | null;

  constructor(name: string, prefix: string, environment: Readonly<Record<string, string | undefined>>) {
    const value = name.startsWith(prefix) ? environment[name] : undefined;
    this.text = value === undefined || value === "" ? null : value;
    if (this.text !== null) this.problem = null;
    else
      this.problem = name.startsWith(prefix)
        ? `env:${name} is not set on this node`
        : `env:${name} does not begin with ${prefix}, so this node does not read it`;
  }

  settle(): null {
    return null;
  }
}

/** A private key with its chain is far smaller. */
const FILE_BYTES_MAX = 65_536;
const OWN_FILE = "it belongs to the node's own configuration";
/** A file is looked at no more often. */
const LOOK_MS = 5_000;
/** What was read longer ago is not used before the file was looked at again. */
const STALE_MS = 60_000;

/** Reads files one after the other: one that does not respond holds one thread of the pool, and no more. */
export class SecretFiles {
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #ownFiles: OwnFiles;
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param directory where referenced files must lie, links resolved
   * @param ownFiles that are not read for a credential, wherever they lie
   */
  constructor(directory: string, clock: Clock, ownFiles: OwnFiles) {
    this.#directory = directory;
    this.#clock = clock;
    this.#ownFiles = ownFiles;
  }

  get nowMs(): number {
    return this.#clock.monotonicMs();
  }

  /** The content without a line break at its end. @throws Error with a cause that names no content */
  read(path: string): Promise<string> {
    const read = this.#last.then(() => this.#readNow(path));
    this.#last = read.catch(() => undefined);
    return read;
  }

  async #readNow(path: string): Promise<string> {
    const [found, directory] = await Promise.all([realpath(path), realpath(this.#directory)]);
    if (!found.startsWith(`${directory}${sep}`)) throw new Error(`it is not in ${this.#directory}`);
    // A pipe that nobody writes to would hold up this file and all after it: without waiting it opens, and is seen to be none.
    const file = await open(found, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const opened = await file.stat();
      if (!opened.isFile()) throw new Error("it is no file");
      if (await this.#ownFiles.has(found, opened)) throw new Error(OWN_FILE);
      const { buffer, bytesRead } = await file.read(
        Buffer.alloc(FILE_BYTES_MAX + 1),
        0,
        FILE_BYTES_MAX + 1,
        0,
      );
      if (bytesRead > FILE_BYTES_MAX) throw new Error(`it is larger than ${FILE_BYTES_MAX} bytes`);
      const text = buffer.toString("utf8", 0, bytesRead).replace(/\r?\n$/, "");
      if (text === "") throw new Error("it is empty");
      if (this.#ownFiles.isIn(text)) throw new Error(OWN_FILE);
      return text;
    } finally {
      await file.close();
    }
  }
}

export class FileSecret implements SecretValue {
  readonly #path: string;
  readonly #files: SecretFiles;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | null = null;
  #text: string | null = null;
  #problem: string | null = null;

  constructor(path: string, files: SecretFiles) {
    this.#path = path;
    this.#files = files;
    void this.settle();
  }

  get text(): string | null {
    return this.#text;
  }

  get problem(): string | null {
    return this.#problem;
  }

  settle(): Promise<void> | null {
    const ageMs = this.#files.nowMs - this.#lookedAtMs;
    if (ageMs < LOOK_MS) return null;
    this.#looking ??= this.#look();
    return this.#text !== null && ageMs < STALE_MS ? null : this.#looking;
  }

  async #look(): Promise<void> {
    try {
      const text = await this.#files.read(this.#path);
      if (text !== this.#text) this.#text = text; // the same string is compared by its address
      this.#problem = null;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      this.#text = null;
      this.#problem = `file:${this.#path} cannot be read on this node: ${code ?? message}`;
    }
    this.#lookedAtMs = this.#files.nowMs;
    this.#looking = null;
  }
}
