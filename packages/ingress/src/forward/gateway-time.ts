/** How long the gateway itself took over one request: without what it waited for the client's body and for the integration. */
// Not the global: it is found by a getter at each use.
import { performance } from "node:perf_hooks";

export class GatewayTime {
  readonly #arrivedAtMs: number;
  /** Up to `#sinceUs`. */
  #totalUs = 0;
  /** Since the arrival; -1: it waits. Small whole numbers, since they take no memory of their own. */
  #sinceUs = 0;

  /** @param arrivedAtMs monotonic time of the request's arrival */
  constructor(arrivedAtMs: number) {
    this.#arrivedAtMs = arrivedAtMs;
  }

  /** The gateway has to wait for the client or the integration. */
  waits(): void {
    if (this.#sinceUs < 0) return;
    this.#totalUs += this.#elapsedUs() - this.#sinceUs;
    this.#sinceUs = -1;
  }

  /** What was waited for is there; the gateway goes on. */
  goesOn(): void {
    if (this.#sinceUs < 0) this.#sinceUs = this.#elapsedUs();
  }

  /** Once the request is over. @param durationUs of the whole request */
  usOf(durationUs: number): number {
    return this.#sinceUs < 0 ? this.#totalUs : this.#totalUs + durationUs - this.#sinceUs;
  }

  #elapsedUs(): number {
    return Math.round((performance.now() - this.#arrivedAtMs) * 1000);
  }
}
