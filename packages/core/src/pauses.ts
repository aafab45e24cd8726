/** Lets the event loop run between slices of long work. Measures its own time, so it needs no injected clock. */

/** Longest stretch of work without a turn of the event loop, unless its owner asks for shorter ones. */
const STRETCH_MS_MAX = 8;

/** Since when this turn of the event loop does such work: one piece of it after another counts together. Null: not yet. */
let turnStartedMs: number | null = null;

function startOfTurn(): number {
  if (turnStartedMs === null) {
    turnStartedMs = performance.now();
    setImmediate(() => {
      turnStartedMs = null;
    });
  }
  return turnStartedMs;
}

export class Pauses {
  readonly #stretchMsMax: number;

  constructor(stretchMsMax: number = STRETCH_MS_MAX) {
    this.#stretchMsMax = stretchMsMax;
    startOfTurn();
  }

  isDue(): boolean {
    return performance.now() - startOfTurn() > this.#stretchMsMax;
  }

  /** Gives the event loop a turn when it is due for one. */
  async pause(): Promise<void> {
    if (!this.isDue()) return;
    await new Promise((resolve) => setImmediate(resolve));
    // A work that waited beside others in this turn has its own time, so that none of them starves.
    turnStartedMs = null;
    startOfTurn();
  }
}
