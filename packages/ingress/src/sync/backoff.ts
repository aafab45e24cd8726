/** Full jitter: a wait at random between nothing and a bound that doubles, so that a thousand nodes do not come at once. */

export class Backoff {
  readonly #firstMs: number;
  readonly #maxMs: number;
  readonly #random: () => number;
  #attempts = 0;

  constructor(firstMs: number, maxMs: number, random: () => number = Math.random) {
    this.#firstMs = firstMs;
    this.#maxMs = maxMs;
    this.#random = random;
  }

  /** Milliseconds until the next attempt. */
  next(): number {
    const bound = Math.min(this.#maxMs, this.#firstMs * 2 ** Math.min(this.#attempts, 30));
    this.#attempts++;
    return this.#random() * bound;
  }

  /** The server said when to come again: not before, and not all at once. */
  after(ms: number): number {
    return Math.min(ms, this.#maxMs) + this.#random() * this.#firstMs;
  }

  reset(): void {
    this.#attempts = 0;
  }
}
