/** Lets one line a key through in a while, and counts those that it keeps back. Bounded. */
import type { Clock } from "@latchkey/core";

const QUIET_MS = 10_000;
/** More keys begin anew. */
const REMEMBERED_MAX = 1_024;

interface Remembered {
  readonly untilMs: number;
  /** Lines that were kept back. */
  more: number;
}

export class LogThrottle {
  readonly #clock: Clock;
  #remembered = new Map<string, Remembered>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many lines were kept back since the last one; null: this one is to be kept back too. */
  pass(key: string): number | null {
    const nowMs = this.#clock.monotonicMs();
    const known = this.#remembered.get(key);
    if (known !== undefined && nowMs < known.untilMs) {
      known.more++;
      return null;
    }
    if (this.#remembered.size >= REMEMBERED_MAX) this.#remembered = new Map();
    this.#remembered.set(key, { untilMs: nowMs + QUIET_MS, more: 0 });
    return known?.more ?? 0;
  }
}
