/**
 * How many bytes of bodies all waiting requests may hold together: what keeps many slow uploads from taking all
 * memory. A subscription may hold three times what is left, so that some is left for every other one (ADR 0672).
 */
import type { InFlight } from "../limits/in-flight.js";

const SHARE_RATIO = 3;

export class BufferedBytes {
  readonly #max: number;
  #bytes = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** False: there is no room, and nothing was taken. */
  take(owner: InFlight, bytes: number): boolean {
    const left = this.#max - this.#bytes;
    if (bytes > left || owner.bufferedBytes >= SHARE_RATIO * left) return false;
    this.#bytes += bytes;
    owner.bufferedBytes += bytes;
    return true;
  }

  giveBack(owner: InFlight, bytes: number): void {
    this.#bytes -= bytes;
    owner.bufferedBytes -= bytes;
  }
}
