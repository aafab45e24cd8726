/**
 * HOT for keys with limits. Rate limits and quotas counted over all nodes by a Redis or Valkey server. A request waits
 * for the count no longer than a configured time; while the server is away, or too slow, this node counts for itself,
 * going on from what the server said last, and lets its part of each limit through. Never refuses for want of a server.
 */
import type { Logger } from "@latchkey/observe";
import { type LimitAnswer, limitArguments, readAnswer } from "./limit-script.js";
import { LimitServer } from "./limit-server.js";
import { type KeyLimits, type LimitRefusal, refusalOf } from "./rate-limiter.js";

export interface SharedLimitsSettings {
  readonly url: string;
  /** Put in front of the names of the server's keys. */
  readonly prefix: string;
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
  readonly #server: LimitServer;
  #pending = 0;
  #isAway = false;
  /** By `performance.now()`. */
  #askAgainAtMs = 0;

  constructor(settings: SharedLimitsSettings, counts: SharedLimitsCounts, log: Logger) {
    this.#settings = settings;
    this.#counts = counts;
    this.#log = log;
    this.#server = new LimitServer(settings.url, (error) => this.#onAway(error.message));
  }

  start(): Promise<void> {
    return this.#server.start();
  }

  stop(): void {
    this.#server.stop();
  }

  /**
   * Null when the request may go on. A promise never rejects.
   * @param nowMs by the clock that `limits` is read with
   */
  take(keyId: string, limits: KeyLimits, nowMs: number): LimitRefusal | null | Promise<LimitRefusal | null> {
    if (limits.isMirror) {
      // A count only grows but for the time that passes, so no question is needed: a flood stops here.
      const refusal = limits.peek(nowMs);
      if (refusal !== null) {
        this.#counts.byServer++;
        return refusal;
      }
    }
    return this.#mayAsk() ? this.#ask(keyId, limits, nowMs) : this.#takeAlone(limits, nowMs);
  }

  /** While the server is away, one request at a time goes to see. */
  #mayAsk(): boolean {
    if (!this.#server.isConnected || this.#pending >= PENDING_MAX) return false;
    if (!this.#isAway) return true;
    const nowMs = performance.now();
    if (nowMs < this.#askAgainAtMs) return false;
    this.#askAgainAtMs = nowMs + this.#settings.retryMs;
    return true;
  }

  #takeAlone(limits: KeyLimits, nowMs: number): LimitRefusal | null {
    this.#counts.byNode++;
    return limits.take(nowMs, this.#settings.members);
  }

  #ask(keyId: string, limits: KeyLimits, nowMs: number): Promise<LimitRefusal | null> {
    const { prefix, timeoutMs } = this.#settings;
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
      const timer = setTimeout(() => giveUp("no answer in time"), timeoutMs);
      this.#server.run(limitArguments(prefix, keyId, limits)).then(
        (reply) => {
          if (isSettled) return; // the server counted it, and so did this node: the limit is met early, not late
          let answer: LimitAnswer;
          try {
            answer = readAnswer(reply);
          } catch (error) {
            giveUp((error as Error).message);
            return;
          }
          this.#onBack();
          this.#counts.byServer++;
          limits.absorb(nowMs, answer);
          settle(answer.refusedBy === null ? null : refusalOf(answer.refusedBy, answer.waitMs));
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
