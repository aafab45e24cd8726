/** Lets the event loop run between slices of long work. Measures its own time, so it needs no injected clock. */

/** Longest stretch of work without a turn of the event loop, unless its owner asks for shorter ones. */
const STRETCH_MS_MAX = 8;

export class Pauses {
  readonly #stretchMsMax: number;
  #startedMs = performance.now();

  constructor(stretchMsMax: number = STRETCH_MS_MAX) {
    this.#stretchMsMax = stretchMsMax;
  }

  isDue(): boolean {
    return performance.now() - this.#startedMs > this.#stretchMsMax;
  }

  /** Gives the event loop a turn when it is due for one. */
  async pause(): Promise<void> {
    if (!this.isDue()) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.#startedMs = performance.now();
  }
}
