/** How long the gateway itself took over one request: without what it waited for the client's body and for the integration. */
import type { RequestContext } from "../request/request-context.js";

export class GatewayTime {
  readonly #context: RequestContext;
  /** Up to `#sinceUs`. */
  #totalUs = 0;
  /** Since the arrival; -1: it waits. */
  #sinceUs = 0;

  constructor(context: RequestContext) {
    this.#context = context;
  }

  /** The gateway has to wait for the client or the integration. @param nowUs since the arrival */
  waits(nowUs: number): void {
    if (this.#sinceUs < 0) return;
    this.#totalUs += nowUs - this.#sinceUs;
    this.#sinceUs = -1;
  }

  /** What was waited for is there; the gateway goes on. */
  goesOn(): void {
    if (this.#sinceUs < 0) this.#sinceUs = this.#context.elapsedUs();
  }

  /** Once the request is over. @param durationUs of the whole request */
  usOf(durationUs: number): number {
    return this.#sinceUs < 0 ? this.#totalUs : this.#totalUs + durationUs - this.#sinceUs;
  }
}
