/** Divides work that takes long into turns of the event loop, so that others get theirs in between. */
import { setImmediate as nextTurn } from "node:timers/promises";

/** Of one turn. */
const SLICE_MS = 10;

export class TurnSlice {
  #startedMs = performance.now();

  /** Whether this turn has taken long enough: then `await next()`. */
  get isOver(): boolean {
    return performance.now() - this.#startedMs > SLICE_MS;
  }

  async next(): Promise<void> {
    await nextTurn();
    this.#startedMs = performance.now();
  }
}
