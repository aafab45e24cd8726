/**
 * When a failed attempt is followed by another one. What was never sent may be repeated; anything else only if the method
 * is idempotent and the budget allows it, so that an upstream that fails is not buried under retries.
 */
import type { UpstreamError } from "@latchkey/http1";
import { classifyError } from "./classify-error.js";

/** Retries that may come at once after a quiet time. */
const SAVED_MAX = 10;
const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);

export interface FailedAttempt {
  readonly error: UpstreamError;
  /** Attempts so far, this one included. */
  readonly attempts: number;
  readonly method: string;
  /** The integration has more than one URL. */
  readonly hasOtherTarget: boolean;
}

export class RetryBudget {
  readonly attemptsMax: number;
  readonly #perRequest: number;
  #saved = SAVED_MAX;

  /** @param budgetPercent retries allowed per 100 requests */
  constructor(attemptsMax: number, budgetPercent: number) {
    this.attemptsMax = attemptsMax;
    this.#perRequest = budgetPercent / 100;
  }

  countRequest(): void {
    if (this.attemptsMax > 0) this.#saved = Math.min(SAVED_MAX, this.#saved + this.#perRequest);
  }

  /** Whether another attempt follows; takes it from the budget. */
  allows({ error, attempts, method, hasOtherTarget }: FailedAttempt): boolean {
    const { attemptsMax } = this;
    if (error.replaySafe) {
      if (attempts > Math.max(1, attemptsMax) || (!hasOtherTarget && attemptsMax === 0)) return false;
      return attempts === 1 || this.#take();
    }
    if (attempts > attemptsMax || !IDEMPOTENT.has(method)) return false;
    return classifyError(error.code).isTargets && this.#take();
  }

  #take(): boolean {
    if (this.#saved < 1) return false;
    this.#saved--;
    return true;
  }
}
