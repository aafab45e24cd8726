/**
 * A file that is written beside the one it replaces, so that a command that breaks off leaves the old file or none. What is no
 * regular file (a named pipe, /dev/null) is written in place: nothing can replace it.
 */
import { chmodSync, existsSync, realpathSync, renameSync, rmSync, statSync } from "node:fs";

export class FileDraft implements Disposable {
  /** Where the content goes. */
  readonly path: string;
  readonly #target: string;

  constructor(file: string) {
    const exists = existsSync(file);
    const isReplaced = !exists || statSync(file).isFile();
    // A link to a file stays one, to the new content. What /dev/stdout of a pipe links to has no path.
    this.#target = exists && isReplaced ? realpathSync(file) : file;
    this.path = isReplaced ? `${this.#target}.${process.pid}.new` : file;
  }

  /** Puts the content in the file's place. An existing file's mode stays. */
  commit(): void {
    if (this.path === this.#target) return;
    if (existsSync(this.#target)) chmodSync(this.path, statSync(this.#target).mode);
    renameSync(this.path, this.#target);
  }

  /** Deletes the draft that was not committed. */
  [Symbol.dispose](): void {
    if (this.path !== this.#target) rmSync(this.path, { force: true });
  }
}
