/** The wall clock of a process, moved by a test. Its monotonic clock stays what it is, as when an operator sets the time. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestProcess } from "@latchkey/testkit";

const preload = join(import.meta.dirname, "false-clock.mjs");

export class FalseClock {
  readonly #file: string;

  /** @param file where the offset is kept; of the caller */
  constructor(file: string, offsetMs = 0) {
    this.#file = file;
    writeFileSync(file, String(offsetMs));
  }

  /** Of the process that gets this clock. */
  get env(): Readonly<Record<string, string>> {
    return { NODE_OPTIONS: `--import ${preload}`, FALSE_CLOCK_FILE: this.#file };
  }

  /** @param offsetMs to the true time */
  step(process: TestProcess, offsetMs: number): void {
    writeFileSync(this.#file, String(offsetMs));
    process.kill("SIGUSR2");
  }
}
