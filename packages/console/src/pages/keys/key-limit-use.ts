/** What is used of a key's limits, as far as nodes have reported. Pure. */

export interface Limit {
  readonly limit: number;
  readonly windowSeconds: number;
  readonly burst: number;
}

/** The time that a limit counts. */
export interface UseWindow {
  readonly fromMs: number;
  readonly seconds: number;
}

/** So long counts are kept by the second. */
const LIVE_SECONDS_MAX = 300;

/** The newest `windowSeconds`: a rate limit has no fixed windows. */
export function rateWindow(limit: Limit | null, nowMs: number): UseWindow {
  const seconds = limit?.windowSeconds ?? 1;
  return { seconds, fromMs: nowMs - seconds * 1_000 };
}

/** Since the window began: nodes align windows of quotas to 1970. */
export function quotaWindow(limit: Limit | null, nowMs: number): UseWindow {
  const seconds = limit?.windowSeconds ?? 60;
  return { seconds, fromMs: Math.floor(nowMs / (seconds * 1_000)) * seconds * 1_000 };
}

/** The times that the page of a key asks for: exactly the window of a quota, since a time is widened to whole points. */
export function limitTimes(
  limits: { readonly rateLimit: Limit | null; readonly quota: Limit | null },
  nowMs: number,
) {
  const rate = rateWindow(limits.rateLimit, nowMs);
  const quota = quotaWindow(limits.quota, nowMs);
  return {
    liveSeconds: Math.min(LIVE_SECONDS_MAX, rate.seconds),
    isRateLong: rate.seconds > LIVE_SECONDS_MAX,
    rateFrom: new Date(rate.fromMs).toISOString(),
    quotaFrom: new Date(quota.fromMs).toISOString(),
    quotaTo: new Date(quota.fromMs + quota.seconds * 1_000).toISOString(),
  };
}

/** Counts that begin less than this after the window are whole: windows of seconds move while a response comes. */
const SLACK_MS = 2_000;

/** Since when there are counts of the window; null: all of it is counted. */
export function countedLate({ fromMs }: UseWindow, sinceMs: number): number | null {
  return sinceMs - fromMs < SLACK_MS ? null : sinceMs;
}

export function acceptedOf(total: { readonly requests: number; readonly refused: number }): number {
  return Math.max(0, total.requests - total.refused);
}
