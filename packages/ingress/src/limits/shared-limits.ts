/**
 * Rate limits and quotas that one counter counts for several processes. A request waits for
 * the count no longer than a given time; while the counter is away, or too slow, this process counts for itself, going
 * on from what the counter said last, and lets its part of each limit through. Never refuses because the counter is away.
 */
import type { Logger } from "@latchkey/observe";
import type { LimitCounter, LimitVerdict } from "./limit-counter.js";
import { type LimitRefusal, type RequestLimits, refusalOf, takeAll } from "./rate-limiter.js";

export interface SharedLimitsSettings {
  /** Milliseconds that a request waits for the count. */
  readonly timeoutMs: number;
  /** Milliseconds that this node counts for itself after a failure, before it asks again. */
  readonly retryMs: number;
  /** So many count together: alone, each lets this part of a limit through. */
  readonly members: number;
}

export interface SharedLimitsCounts {
  /** Decided by the server, or by what it had said of the same key. */
  byServer: number;
  /** Decided by this node, because the server was away. */
  byNode: number;
}

/** Questions under way; further requests are counted by this node. */
const PENDING_MAX = 10_000;

export class SharedLimits {
  readonly #settings: SharedLimitsSettings;
  readonly #counts: SharedLimitsCounts;
  readonly #log: Logger;
  readonly #counter: LimitCounter;
  #pending = 0;
  #isAway = false;
  /** By `performance.now()`. */
  #askAgainAtMs = 0;

  /** @param counterOf makes the counter; it calls back with each error of its connection */
  constructor(
    counterOf: (onError: (error: Error) => void) => LimitCounter,
    settings: SharedLimitsSettings,
    counts: SharedLimitsCounts,
    log: Logger,
  ) {
    this.#settings = settings;
    this.#counts = counts;
    this.#log = log;
    this.#counter = counterOf((error) => this.#onAway(error.message));
  }

  start(): Promise<void> {
    return this.#counter.start();
  }

  stop(): void {
    this.#counter.stop();
  }

  /**
   * Null when the request may go on. A promise never rejects.
   * @param nowMs by the clock that `limits` is read with
   */
  take(limits: readonly RequestLimits[], nowMs: number): LimitRefusal | null | Promise<LimitRefusal | null> {
    for (const each of limits) {
      if (!each.isMirror) continue;
      // A count only grows but for the time that passes, so no question is needed: a flood stops here.
      const refusal = each.peek(nowMs);
      if (refusal !== null) {
        this.#counts.byServer++;
        return refusal;
      }
    }
    return this.#mayAsk() ? this.#ask(limits, nowMs) : this.#takeAlone(limits, nowMs);
  }

  /** While the server is away, one request at a time goes to see. */
  #mayAsk(): boolean {
    if (!this.#counter.isConnected || this.#pending >= PENDING_MAX) return false;
    if (!this.#isAway) return true;
    const nowMs = performance.now();
    if (nowMs < this.#askAgainAtMs) return false;
    this.#askAgainAtMs = nowMs + this.#settings.retryMs;
    return true;
  }

  #takeAlone(limits: readonly RequestLimits[], nowMs: number): LimitRefusal | null {
    this.#counts.byNode++;
    return takeAll(limits, nowMs, this.#settings.members);
  }

  #ask(limits: readonly RequestLimits[], nowMs: number): Promise<LimitRefusal | null> {
    const { timeoutMs } = this.#settings;
    this.#pending++;
    return new Promise((resolve) => {
      let isSettled = false;
      const settle = (refusal: LimitRefusal | null): void => {
        isSettled = true;
        clearTimeout(timer);
        this.#pending--;
        resolve(refusal);
      };
      const giveUp = (reason: string): void => {
        if (isSettled) return;
        this.#onAway(reason);
        settle(this.#takeAlone(limits, nowMs));
      };
      const timer = setTimeout(() => giveUp("no reply in time"), timeoutMs);
      this.#counter.count(limits).then(
        (verdict: LimitVerdict) => {
          if (isSettled) return; // the counter counted it, and so did this process: the limit is met early, not late
          this.#onBack();
          this.#counts.byServer++;
          for (const [i, count] of verdict.counts.entries()) limits[i]?.absorb(nowMs, count);
          settle(verdict.refusedBy === null ? null : refusalOf(verdict.refusedBy, verdict.waitMs));
        },
        (error: unknown) => giveUp((error as Error).message),
      );
    });
  }

  #onAway(reason: string): void {
    this.#askAgainAtMs = performance.now() + this.#settings.retryMs;
    if (this.#isAway) return;
    this.#isAway = true;
    this.#log.warn({ reason }, "no shared count of rate limits; this node counts for itself");
  }

  #onBack(): void {
    if (!this.#isAway) return;
    this.#isAway = false;
    this.#log.info("rate limits are counted over all nodes again");
  }
}
