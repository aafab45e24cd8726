/**
 * Rate limits and quotas of keys, APIs, routes and integrations, counted on this node. GCRA for the rate: one number of state, no timers,
 * no bursts at window edges. A quota is a plain count in a window aligned to the epoch. Never sleeps, never queues.
 * Where nodes count together (shared-limits.ts), what is here mirrors the server's count, and stands in for it.
 */
import type { IngressErrorCode } from "@latchkey/core";
import type { RateLimit } from "@latchkey/snapshot";

export type LimitOwner = "key" | "api" | "route" | "integration";
type LimitKind = "rate_limited" | "quota_exhausted";
export type LimitCode = Extract<IngressErrorCode, `${LimitOwner}.${LimitKind}`>;

export interface LimitRefusal {
  readonly code: LimitCode;
  /** For `Retry-After`, at least 1. */
  readonly retryAfterSeconds: number;
}

/** The count of one owner by the server that counts for all nodes, at the time it was asked. */
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
    if (waitMs === 0) this.charge(nowMs, cost);
    return waitMs;
  }

  /** Counts what `waitMs` lets through. */
  charge(nowMs: number, cost = 1): void {
    this.absorb(nowMs, this.resetMs(nowMs) + this.intervalMs * cost);
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
    if (waitMs === 0) this.charge(cost);
    return waitMs;
  }

  /** Counts what `waitMs` lets through. */
  charge(cost = 1): void {
    this.#used += cost;
  }

  /** What `take` would say. */
  waitMs(nowMs: number, cost = 1): number {
    this.#roll(nowMs);
    const isOver = this.#used > 0 && this.#used + cost > this.policy.limit;
    return isOver || this.policy.limit === 0 ? this.resetMs(nowMs) : 0;
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

/** Rate limit and quota of one owner. */
export class RequestLimits {
  readonly owner: LimitOwner;
  /** Names it among all: `key/<id>`, `api/<id>`, `route/<API's id>/<id>`, `integration/<id>`. */
  readonly name: string;
  readonly rate: RateLimiter | null;
  readonly quota: Quota | null;
  /** It mirrors the server's count: what it refuses, the server would refuse as well. */
  isMirror = false;

  constructor(owner: LimitOwner, name: string, rate: RateLimiter | null, quota: Quota | null) {
    this.owner = owner;
    this.name = name;
    this.rate = rate;
    this.quota = quota;
  }

  /** Counts of `previous` go on where the policy is the same. Null when there are none. */
  static of(
    owner: LimitOwner,
    id: string,
    { rateLimit: rate, quota }: LimitPolicies,
    previous: RequestLimits | null,
  ): RequestLimits | null {
    if (rate === null && quota === null) return null;
    const oldRate = previous?.rate ?? null;
    const oldQuota = previous?.quota ?? null;
    return new RequestLimits(
      owner,
      `${owner}/${id}`,
      rate === null ? null : samePolicy(oldRate?.policy, rate) ? oldRate : new RateLimiter(rate),
      quota === null ? null : samePolicy(oldQuota?.policy, quota) ? oldQuota : new Quota(quota),
    );
  }

  /** Null when the request may go on. @param cost as so many requests */
  take(nowMs: number, cost = 1): LimitRefusal | null {
    this.isMirror = false;
    const refusal = this.peek(nowMs, cost);
    if (refusal === null) this.charge(nowMs, cost);
    return refusal;
  }

  /** Counts what `peek` lets through. */
  charge(nowMs: number, cost = 1): void {
    this.isMirror = false;
    this.quota?.charge(cost);
    this.rate?.charge(nowMs, cost);
  }

  /** What `take` would say, and nothing is counted. */
  peek(nowMs: number, cost = 1): LimitRefusal | null {
    const quotaWaitMs = this.quota === null ? 0 : this.quota.waitMs(nowMs, cost);
    if (quotaWaitMs > 0) return refusalOf(`${this.owner}.quota_exhausted`, quotaWaitMs);
    const rateWaitMs = this.rate === null ? 0 : this.rate.waitMs(nowMs, cost);
    return rateWaitMs === 0 ? null : refusalOf(`${this.owner}.rate_limited`, rateWaitMs);
  }

  /** What another process takes over with `absorb`. */
  count(nowMs: number): SharedCount {
    return {
      rateResetMs: this.rate?.resetMs(nowMs) ?? 0,
      quotaUsed: this.quota?.used(nowMs) ?? 0,
      quotaResetMs: this.quota?.resetMs(nowMs) ?? 0,
    };
  }

  /** Takes over what the server counted for all nodes. @param askedAtMs never later than the count */
  absorb(askedAtMs: number, count: SharedCount): void {
    this.rate?.absorb(askedAtMs, count.rateResetMs);
    this.quota?.absorb(askedAtMs, count.quotaUsed, count.quotaResetMs);
    this.isMirror = true;
  }
}

export interface LimitPolicies {
  readonly rateLimit: RateLimit | null;
  readonly quota: RateLimit | null;
}

/** Null when the request may go on: then each has counted it; else none has. @param cost as so many requests */
export function takeAll(limits: readonly RequestLimits[], nowMs: number, cost = 1): LimitRefusal | null {
  const [only] = limits;
  if (limits.length === 1 && only !== undefined) return only.take(nowMs, cost);
  for (const each of limits) {
    const refusal = each.peek(nowMs, cost);
    if (refusal !== null) return refusal;
  }
  for (const each of limits) each.charge(nowMs, cost);
  return null;
}

/**
 * Appends `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10): of several rate limits the one with
 * the fewest requests left, and so of quotas.
 */
export function pushLimitHeaders(headers: string[], limits: readonly RequestLimits[], nowMs: number): void {
  let rate: RateLimiter | null = null;
  let quota: Quota | null = null;
  for (const each of limits) {
    rate = tighter(rate, each.rate, nowMs);
    quota = tighter(quota, each.quota, nowMs);
  }
  let policy = "";
  let state = "";
  if (rate !== null) {
    policy = `"rate";q=${rate.policy.limit};w=${rate.policy.windowSeconds}`;
    state = `"rate";r=${rate.remaining(nowMs)};t=${Math.ceil(rate.resetMs(nowMs) / 1000)}`;
  }
  if (quota !== null) {
    const comma = policy === "" ? "" : ", ";
    policy += `${comma}"quota";q=${quota.policy.limit};w=${quota.policy.windowSeconds}`;
    state += `${comma}"quota";r=${quota.remaining(nowMs)};t=${Math.ceil(quota.resetMs(nowMs) / 1000)}`;
  }
  headers.push("ratelimit-policy", policy, "ratelimit", state);
}

/** Of the same number of requests left, the one that takes longer to come back. */
function tighter<T extends RateLimiter | Quota>(a: T | null, b: T | null, nowMs: number): T | null {
  if (a === null || b === null) return a ?? b;
  const more = a.remaining(nowMs) - b.remaining(nowMs);
  return more > 0 || (more === 0 && b.resetMs(nowMs) > a.resetMs(nowMs)) ? b : a;
}

/** @param waitMs until it may be asked again */
export function refusalOf(code: LimitCode, waitMs: number): LimitRefusal {
  return { code, retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) };
}

function samePolicy(a: RateLimit | undefined, b: RateLimit): boolean {
  return a !== undefined && a.limit === b.limit && a.windowSeconds === b.windowSeconds && a.burst === b.burst;
}
