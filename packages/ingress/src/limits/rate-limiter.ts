/**
 * HOT. Rate limit and quota of one key, counted on this node. GCRA for the rate: one number of state, no timers,
 * no bursts at window edges. A quota is a plain count in a window aligned to the epoch. Never sleeps, never queues.
 * Where nodes count together (shared-limits.ts), what is here mirrors the server's count, and stands in for it.
 */
import type { IngressErrorCode } from "@latchkey/core";
import type { RateLimit } from "@latchkey/snapshot";

export type LimitCode = Extract<IngressErrorCode, "key.rate_limited" | "key.quota_exhausted">;

export interface LimitRefusal {
  readonly code: LimitCode;
  /** For `Retry-After`, at least 1. */
  readonly retryAfterSeconds: number;
}

/** What the server that counts for all nodes said of one key, at the time it was asked. */
export interface SharedCount {
  /** Milliseconds until the whole burst is there again. */
  readonly rateResetMs: number;
  readonly quotaUsed: number;
  /** Milliseconds until the window ends. */
  readonly quotaResetMs: number;
}

/** A request is let through that is early by this part of an interval: sums of fractions are not exact. */
export const RATE_SLACK = 1e-6;

/**
 * Generic cell rate algorithm (ITU-T I.371), as a virtual scheduling. Keeps how far the schedule is ahead of the clock,
 * not the time of day it is at: added to the milliseconds since 1970, a third of a millisecond loses its precision, and
 * a burst its last request.
 */
export class RateLimiter {
  readonly policy: RateLimit;
  readonly intervalMs: number;
  readonly toleranceMs: number;
  /** At `#atMs`, how far the next request at full rate is away. */
  #aheadMs = 0;
  #atMs = 0;

  constructor(policy: RateLimit) {
    this.policy = policy;
    this.intervalMs = (policy.windowSeconds * 1000) / Math.max(1, policy.limit);
    const burst = policy.burst === 0 ? policy.limit : policy.burst;
    this.toleranceMs = this.intervalMs * Math.max(1, burst);
  }

  /**
   * Milliseconds to wait, 0 when the request may go on; only then it is counted.
   * @param cost as so many requests: for a node that lets a part of the limit through
   */
  take(nowMs: number, cost = 1): number {
    const waitMs = this.waitMs(nowMs, cost);
    if (waitMs === 0) this.absorb(nowMs, this.resetMs(nowMs) + this.intervalMs * cost);
    return waitMs;
  }

  /** What `take` would say. */
  waitMs(nowMs: number, cost = 1): number {
    const chargeMs = this.intervalMs * cost;
    const waitMs = this.resetMs(nowMs) + chargeMs - Math.max(this.toleranceMs, chargeMs);
    return waitMs > this.intervalMs * RATE_SLACK ? waitMs : 0;
  }

  /** Takes over what the server counted. */
  absorb(nowMs: number, resetMs: number): void {
    this.#aheadMs = resetMs;
    this.#atMs = nowMs;
  }

  /** Requests that could come at once now. */
  remaining(nowMs: number): number {
    return Math.max(
      0,
      Math.floor((this.toleranceMs - this.resetMs(nowMs)) / this.intervalMs + 2 * RATE_SLACK),
    );
  }

  /** Milliseconds until the whole burst is there again. */
  resetMs(nowMs: number): number {
    return Math.max(0, this.#aheadMs - Math.max(0, nowMs - this.#atMs));
  }
}

/** A count in a window. */
export class Quota {
  readonly policy: RateLimit;
  #windowStartMs = 0;
  #used = 0;

  constructor(policy: RateLimit) {
    this.policy = policy;
  }

  /** @param cost as so many requests; a window's first request passes whatever it costs */
  take(nowMs: number, cost = 1): number {
    const waitMs = this.waitMs(nowMs, cost);
    if (waitMs === 0) this.#used += cost;
    return waitMs;
  }

  /** What `take` would say. */
  waitMs(nowMs: number, cost = 1): number {
    this.#roll(nowMs);
    const isOver = this.#used > 0 && this.#used + cost > this.policy.limit;
    return isOver || this.policy.limit === 0 ? this.resetMs(nowMs) : 0;
  }

  /** Undoes a `take`: another limit refused the same request. */
  giveBack(cost = 1): void {
    this.#used = Math.max(0, this.#used - cost);
  }

  /** Takes over what the server counted. */
  absorb(nowMs: number, used: number, resetMs: number): void {
    this.#used = used;
    this.#windowStartMs = nowMs + resetMs - this.policy.windowSeconds * 1000;
  }

  used(nowMs: number): number {
    this.#roll(nowMs);
    return this.#used;
  }

  remaining(nowMs: number): number {
    this.#roll(nowMs);
    return Math.max(0, this.policy.limit - this.#used);
  }

  resetMs(nowMs: number): number {
    return this.#windowStartMs + this.policy.windowSeconds * 1000 - nowMs;
  }

  #roll(nowMs: number): void {
    const windowMs = this.policy.windowSeconds * 1000;
    if (nowMs >= this.#windowStartMs && nowMs < this.#windowStartMs + windowMs) return;
    this.#windowStartMs = Math.floor(nowMs / windowMs) * windowMs;
    this.#used = 0;
  }
}

export class KeyLimits {
  readonly rate: RateLimiter | null;
  readonly quota: Quota | null;
  /** It mirrors the server's count: what it refuses, the server would refuse as well. */
  isMirror = false;

  constructor(rate: RateLimiter | null, quota: Quota | null) {
    this.rate = rate;
    this.quota = quota;
  }

  /** The limits of a key; counts of `previous` go on where the policy is the same. Null when there are none. */
  static of(rate: RateLimit | null, quota: RateLimit | null, previous: KeyLimits | null): KeyLimits | null {
    if (rate === null && quota === null) return null;
    const oldRate = previous?.rate ?? null;
    const oldQuota = previous?.quota ?? null;
    return new KeyLimits(
      rate === null ? null : samePolicy(oldRate?.policy, rate) ? oldRate : new RateLimiter(rate),
      quota === null ? null : samePolicy(oldQuota?.policy, quota) ? oldQuota : new Quota(quota),
    );
  }

  /** HOT. Null when the request may go on. @param cost as so many requests */
  take(nowMs: number, cost = 1): LimitRefusal | null {
    this.isMirror = false;
    const quotaWaitMs = this.quota === null ? 0 : this.quota.take(nowMs, cost);
    if (quotaWaitMs > 0) return refusalOf("key.quota_exhausted", quotaWaitMs);
    const rateWaitMs = this.rate === null ? 0 : this.rate.take(nowMs, cost);
    if (rateWaitMs === 0) return null;
    this.quota?.giveBack(cost);
    return refusalOf("key.rate_limited", rateWaitMs);
  }

  /** HOT. What `take` would say, and nothing is counted. */
  peek(nowMs: number): LimitRefusal | null {
    const quotaWaitMs = this.quota === null ? 0 : this.quota.waitMs(nowMs);
    if (quotaWaitMs > 0) return refusalOf("key.quota_exhausted", quotaWaitMs);
    const rateWaitMs = this.rate === null ? 0 : this.rate.waitMs(nowMs);
    return rateWaitMs === 0 ? null : refusalOf("key.rate_limited", rateWaitMs);
  }

  /** Takes over what the server counted for all nodes. @param askedAtMs never later than the count */
  absorb(askedAtMs: number, count: SharedCount): void {
    this.rate?.absorb(askedAtMs, count.rateResetMs);
    this.quota?.absorb(askedAtMs, count.quotaUsed, count.quotaResetMs);
    this.isMirror = true;
  }

  /** Appends `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10). */
  pushHeaders(headers: string[], nowMs: number): void {
    let policy = "";
    let state = "";
    if (this.rate !== null) {
      const { limit, windowSeconds } = this.rate.policy;
      policy = `"rate";q=${limit};w=${windowSeconds}`;
      state = `"rate";r=${this.rate.remaining(nowMs)};t=${Math.ceil(this.rate.resetMs(nowMs) / 1000)}`;
    }
    if (this.quota !== null) {
      const { limit, windowSeconds } = this.quota.policy;
      const comma = policy === "" ? "" : ", ";
      policy += `${comma}"quota";q=${limit};w=${windowSeconds}`;
      state += `${comma}"quota";r=${this.quota.remaining(nowMs)};t=${Math.ceil(this.quota.resetMs(nowMs) / 1000)}`;
    }
    headers.push("ratelimit-policy", policy, "ratelimit", state);
  }
}

/** @param waitMs until it may be asked again */
export function refusalOf(code: LimitCode, waitMs: number): LimitRefusal {
  return { code, retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) };
}

function samePolicy(a: RateLimit | undefined, b: RateLimit): boolean {
  return a !== undefined && a.limit === b.limit && a.windowSeconds === b.windowSeconds && a.burst === b.burst;
}
