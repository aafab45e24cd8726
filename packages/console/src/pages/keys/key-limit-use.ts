/** What is used of a key's limits, as far as nodes have reported. Pure. */

export interface Limit {
  readonly limit: number;
  readonly windowSeconds: number;
  readonly burst: number;
}

export interface UseWindow {
  readonly resolution: "SECOND" | "MINUTE";
  readonly points: number;
  /** Begin of the counted time; later than the limit's window where counts do not reach back so far. */
  readonly fromMs: number;
  readonly isWhole: boolean;
}

const SECONDS_MAX = 300;
const MINUTES_MAX = 1_440;
const MINUTE_MS = 60_000;

/** The newest `windowSeconds`: a rate limit has no fixed windows. */
export function rateWindow(limit: Limit | null, nowMs: number, sinceMs: number): UseWindow {
  const seconds = limit?.windowSeconds ?? 1;
  if (seconds <= SECONDS_MAX) return windowOf("SECOND", seconds, nowMs, nowMs - seconds * 1_000, sinceMs);
  const minutes = Math.min(MINUTES_MAX, Math.ceil(seconds / 60));
  return windowOf("MINUTE", minutes, nowMs, nowMs - seconds * 1_000, sinceMs);
}

/** Since the window began: nodes align windows of quotas to 1970. */
export function quotaWindow(limit: Limit | null, nowMs: number, sinceMs: number): UseWindow {
  const windowMs = (limit?.windowSeconds ?? 60) * 1_000;
  const startMs = Math.floor(nowMs / windowMs) * windowMs;
  const minutes = Math.floor(nowMs / MINUTE_MS) - Math.floor(startMs / MINUTE_MS) + 1;
  return windowOf("MINUTE", Math.min(MINUTES_MAX, minutes), nowMs, startMs, sinceMs);
}

function windowOf(
  resolution: UseWindow["resolution"],
  points: number,
  nowMs: number,
  wantedMs: number,
  sinceMs: number,
): UseWindow {
  const countedMs = nowMs - points * (resolution === "SECOND" ? 1_000 : MINUTE_MS);
  const fromMs = Math.max(wantedMs, countedMs, sinceMs);
  // A point is counted from its begin: less than one point is no gap.
  const isWhole = fromMs - wantedMs < (resolution === "SECOND" ? 2_000 : MINUTE_MS);
  return { resolution, points, fromMs, isWhole };
}

export function acceptedOf(total: { readonly requests: number; readonly refused: number }): number {
  return Math.max(0, total.requests - total.refused);
}
