/** A pipe as a process's log that nobody reads: full from the start, until a test reads it. */
import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export class LogPipe implements Disposable {
  /** For the process; blocks as the pipe of a shell does. */
  readonly fd: number;
  readonly #dir = mkdtempSync(join(tmpdir(), "latchkey-pipe-"));
  #own: number | null;

  constructor() {
    const path = join(this.#dir, "log");
    execFileSync("mkfifo", [path]);
    this.#own = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    this.fd = openSync(path, constants.O_WRONLY);
    try {
      for (;;) writeSync(this.#own, Buffer.alloc(1, "\n"));
    } catch {
      // full
    }
  }

  /** What is in it now. */
  read(): string {
    if (this.#own === null) return "";
    const buffer = Buffer.alloc(64 * 1024);
    let text = "";
    try {
      for (;;) text += buffer.toString("utf8", 0, readSync(this.#own, buffer));
    } catch {
      return text; // empty
    }
  }

  /** Writers get EPIPE from here on. */
  closeReader(): void {
    if (this.#own !== null) closeSync(this.#own);
    this.#own = null;
  }

  [Symbol.dispose](): void {
    closeSync(this.fd);
    this.closeReader();
    rmSync(this.#dir, { recursive: true });
  }
}
