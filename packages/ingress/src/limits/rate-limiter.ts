/**
 * HOT. Rate limit and quota of one key, counted on this node. GCRA for the rate: one number of state, no timers,
 * no bursts at window edges. A quota is a plain count in a window aligned to the epoch. Never sleeps, never queues.
 */
import type { IngressErrorCode } from "@latchkey/core";
import type { RateLimit } from "@latchkey/snapshot";

export type LimitCode = Extract<IngressErrorCode, "key.rate_limited" | "key.quota_exhausted">;

/** Generic cell rate algorithm (ITU-T I.371), as a virtual scheduling. */
export class RateLimiter {
  readonly policy: RateLimit;
  readonly #intervalMs: number;
  readonly #toleranceMs: number;
  /** Theoretical arrival time of the next request at full rate. */
  #arrivalMs = 0;

  constructor(policy: RateLimit) {
    this.policy = policy;
    this.#intervalMs = (policy.windowSeconds * 1000) / Math.max(1, policy.limit);
    const burst = policy.burst === 0 ? policy.limit : policy.burst;
    this.#toleranceMs = this.#intervalMs * Math.max(1, burst);
  }

  /** Milliseconds to wait, 0 when the request may go on; only then it is counted. */
  take(nowMs: number): number {
    const arrival = Math.max(this.#arrivalMs, nowMs) + this.#intervalMs;
    const waitMs = arrival - nowMs - this.#toleranceMs;
    if (waitMs > 1e-6) return waitMs;
    this.#arrivalMs = arrival;
    return 0;
  }

  /** Requests that could come at once now. */
  remaining(nowMs: number): number {
    const usedMs = Math.max(0, this.#arrivalMs - nowMs);
    return Math.max(0, Math.floor((this.#toleranceMs - usedMs) / this.#intervalMs + 1e-9));
  }

  /** Milliseconds until the whole burst is there again. */
  resetMs(nowMs: number): number {
    return Math.max(0, this.#arrivalMs - nowMs);
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

  take(nowMs: number): number {
    this.#roll(nowMs);
    if (this.#used >= this.policy.limit) return this.resetMs(nowMs);
    this.#used++;
    return 0;
  }

  /** Undoes a `take`: another limit refused the same request. */
  giveBack(): void {
    if (this.#used > 0) this.#used--;
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
    const start = Math.floor(nowMs / windowMs) * windowMs;
    if (start === this.#windowStartMs) return;
    this.#windowStartMs = start;
    this.#used = 0;
  }
}

export class KeyLimits {
  readonly rate: RateLimiter | null;
  readonly quota: Quota | null;
  /** Of the last refusal: seconds for `Retry-After`. */
  retryAfterSeconds = 0;

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

  /** HOT. Null when the request may go on. */
  take(nowMs: number): LimitCode | null {
    const quotaWaitMs = this.quota === null ? 0 : this.quota.take(nowMs);
    if (quotaWaitMs > 0) return this.#refuse("key.quota_exhausted", quotaWaitMs);
    const rateWaitMs = this.rate === null ? 0 : this.rate.take(nowMs);
    if (rateWaitMs === 0) return null;
    this.quota?.giveBack();
    return this.#refuse("key.rate_limited", rateWaitMs);
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

  #refuse(code: LimitCode, waitMs: number): LimitCode {
    this.retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
    return code;
  }
}

function samePolicy(a: RateLimit | undefined, b: RateLimit): boolean {
  return a !== undefined && a.limit === b.limit && a.windowSeconds === b.windowSeconds && a.burst === b.burst;
}
