/**
 * A small text file, parsed, and read again after it changed. Nobody waits for the disk: `current` starts a look at the file
 * now and then and returns what was read last. A file that is missing counts as empty.
 */
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";

const LOOK_INTERVAL_MS = 5_000;

export class WatchedText<T> {
  readonly #path: string;
  readonly #parse: (text: string) => T;
  readonly #onChange: () => void;
  #text: string;
  #value: T;
  #lookedAtMs: number;
  #isLooking = false;

  /** Reads the file once, synchronously. @param onChange called after each change */
  constructor(path: string, parse: (text: string) => T, nowMs: number, onChange: () => void = () => {}) {
    this.#path = path;
    this.#parse = parse;
    this.#onChange = onChange;
    this.#text = readNow(path);
    this.#value = parse(this.#text);
    this.#lookedAtMs = nowMs;
  }

  current(nowMs: number): T {
    if (!this.#isLooking && nowMs - this.#lookedAtMs >= LOOK_INTERVAL_MS) {
      this.#lookedAtMs = nowMs;
      void this.refresh();
    }
    return this.#value;
  }

  /** Never rejects. */
  async refresh(): Promise<void> {
    this.#isLooking = true;
    const text = await readFile(this.#path, "utf8").catch(() => "");
    this.#isLooking = false;
    if (text === this.#text) return;
    this.#text = text;
    this.#value = this.#parse(text);
    this.#onChange();
  }
}

function readNow(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
