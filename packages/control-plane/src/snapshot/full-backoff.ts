/** How often one node may ask for everything: at once the first time, then 5 s, 10 s … 60 s apart until one is applied. */
import type { Clock } from "@latchkey/core";

const DELAY_MS_MIN = 5_000;
const DELAY_MS_MAX = 60_000;

export class FullBackoff {
  readonly #clock: Clock;
  /** Snapshots begun since the last ACK. */
  #starts = 0;
  #notBeforeMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** True when a snapshot may be sent now, which then counts. */
  tryStart(): boolean {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs < this.#notBeforeMs) return false;
    this.#notBeforeMs = nowMs + Math.min(DELAY_MS_MIN * 2 ** this.#starts, DELAY_MS_MAX);
    this.#starts++;
    return true;
  }

  /** The transfer broke off by no fault of the content: the next try is as good as this one, after the first delay. */
  interrupted(): void {
    this.#starts = Math.max(0, this.#starts - 1);
    this.#notBeforeMs = Math.min(this.#notBeforeMs, this.#clock.monotonicMs() + DELAY_MS_MIN);
  }

  /** Nothing is owed any more. */
  get isClear(): boolean {
    return this.#starts === 0;
  }

  succeeded(): void {
    this.#starts = 0;
    this.#notBeforeMs = Number.NEGATIVE_INFINITY;
  }
}
