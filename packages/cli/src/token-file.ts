/** The file of `--token-file`. */
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { FileDraft } from "./file-draft.js";
import { reason } from "./output.js";

const OWNER_ONLY = 0o600;

/**
 * A token's file, which only its owner can read. It is begun before there is a token: where it cannot be written nothing is changed,
 * and a node keeps the token that it has.
 */
export class TokenFile implements Disposable {
  readonly #file: string;
  readonly #draft: FileDraft;

  /** @throws Error when the file cannot be written */
  constructor(file: string) {
    this.#file = file;
    this.#draft = new FileDraft(file);
    // In place is a pipe, of which the reader would take this for all.
    if (this.#draft.path !== file) this.#put("");
  }

  write(token: string): void {
    this.#put(`${token}\n`);
    if (this.#draft.path === this.#file) return;
    if (existsSync(this.#file)) chmodSync(this.#file, OWNER_ONLY); // a file that was there keeps its mode
    this.#draft.commit();
  }

  [Symbol.dispose](): void {
    this.#draft[Symbol.dispose]();
  }

  #put(text: string): void {
    try {
      writeFileSync(this.#draft.path, text, { mode: OWNER_ONLY });
    } catch (cause) {
      throw new Error(`${this.#file} cannot be written: ${reason(cause)}`, { cause });
    }
  }
}
