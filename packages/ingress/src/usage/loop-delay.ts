/** How long the event loop of this process was kept from its work: the longest delay since the last call. */
import { type IntervalHistogram, monitorEventLoopDelay } from "node:perf_hooks";

const RESOLUTION_MS = 20;

export class LoopDelay {
  readonly #histogram: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  start(): void {
    this.#histogram.enable();
  }

  stop(): void {
    this.#histogram.disable();
  }

  takeMaxMs(): number {
    const { max } = this.#histogram;
    this.#histogram.reset();
    return Math.max(0, max / 1e6 - RESOLUTION_MS);
  }
}
