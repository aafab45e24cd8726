/** Bounds retries to a share of the requests, so that a sick upstream is not buried under them. */

/** Retries that may come at once after a quiet time. */
const SAVED_MAX = 10;

export class RetryBudget {
  readonly attemptsMax: number;
  readonly #perRequest: number;
  #saved = SAVED_MAX;

  /** @param budgetPercent retries allowed per 100 requests */
  constructor(attemptsMax: number, budgetPercent: number) {
    this.attemptsMax = attemptsMax;
    this.#perRequest = budgetPercent / 100;
  }

  /** HOT. */
  countRequest(): void {
    if (this.attemptsMax > 0) this.#saved = Math.min(SAVED_MAX, this.#saved + this.#perRequest);
  }

  take(): boolean {
    if (this.#saved < 1) return false;
    this.#saved--;
    return true;
  }
}
