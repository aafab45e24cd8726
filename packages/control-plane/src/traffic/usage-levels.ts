/** How finely usage is kept: the levels of rollups with their bounds, and the bounds of latencies. */

import type { LatencyColumn } from "../db/schema.js";

export const usageLevels = ["MINUTE", "HOUR", "DAY"] as const;
export type UsageLevel = (typeof usageLevels)[number];

interface LevelShape {
  /** As it stands in the database. */
  readonly level: number;
  readonly ms: number;
}

const MINUTE_MS = 60_000;

/** Days are those of UTC. */
export const levelShapes: Readonly<Record<UsageLevel, LevelShape>> = {
  MINUTE: { level: 0, ms: MINUTE_MS },
  HOUR: { level: 1, ms: 60 * MINUTE_MS },
  DAY: { level: 2, ms: 1_440 * MINUTE_MS },
};

/** Series of one minute, hour or day; what is beyond is counted as `other`. */
export const SERIES_MAX: Readonly<Record<UsageLevel, number>> = { MINUTE: 5_000, HOUR: 20_000, DAY: 50_000 };

/** Upper bounds of the latency columns in microseconds; the last column is open. Never changed: rows have them. */
export const USAGE_BOUNDS_US: readonly number[] = [
  100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
  5_000_000, 10_000_000,
];

export const latencyColumns: readonly LatencyColumn[] = Array.from(
  { length: USAGE_BOUNDS_US.length + 1 },
  (_, bucket) => `latency_${bucket}` as LatencyColumn,
);

/** In place of the ids of what is beyond a bound. */
export const OTHER = "other";
