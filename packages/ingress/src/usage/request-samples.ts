/**
 * HOT (wants). The requests of an interval that the control plane gets one by one for its message trail: failed ones first, then
 * others as long as there is room. Clients without a known key get a quarter, so that they cannot crowd out the others.
 */
import type { RequestAttempt, RequestSample } from "@latchkey/proto";

export type { RequestAttempt, RequestSample };

const KEYLESS_SHARE = 4;

export class RequestSamples {
  readonly #max: number;
  #failed: RequestSample[] = [];
  #others: RequestSample[] = [];
  #keyless = 0;

  /** @param max requests in an interval */
  constructor(max: number) {
    this.#max = max;
  }

  /** HOT. Whether there is room for such a request; asked before a sample is made. */
  wants(isFailed: boolean, isKeyKnown: boolean): boolean {
    if (!isKeyKnown && this.#keyless * KEYLESS_SHARE >= this.#max) return false;
    const failed = this.#failed.length;
    return isFailed ? failed < this.#max : failed + this.#others.length < this.#max;
  }

  /** A request that was wanted. */
  add(sample: RequestSample, isFailed: boolean): void {
    if (sample.keyId === "") this.#keyless++;
    (isFailed ? this.#failed : this.#others).push(sample);
  }

  /** Those of the interval that ends now. */
  take(): readonly RequestSample[] {
    const others = this.#others.slice(0, this.#max - this.#failed.length);
    const taken = this.#failed.concat(others);
    this.#failed = [];
    this.#others = [];
    this.#keyless = 0;
    return taken;
  }
}
