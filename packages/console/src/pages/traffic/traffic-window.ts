/** The windows of time that charts show. */

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;

export interface TrafficWindow {
  readonly value: string;
  readonly label: string;
  /** The label on a phone. */
  readonly shortLabel: string;
  readonly durationMs: number;
  /** By the second, as it happens; others are read from the database. */
  readonly isLive: boolean;
  /** Points are joined by so many, to keep lines readable. */
  readonly joined: number;
}

const past = (value: string, label: string, durationMs: number): TrafficWindow => ({
  value,
  label,
  shortLabel: value,
  durationMs,
  isLive: false,
  joined: 1,
});

const live: TrafficWindow = {
  value: "5m",
  label: "5 min",
  shortLabel: "5m",
  durationMs: 5 * MINUTE_MS,
  isLive: true,
  joined: 5,
};

export const trafficWindows: readonly TrafficWindow[] = [
  live,
  past("1h", "1 hour", 60 * MINUTE_MS),
  past("24h", "24 hours", DAY_MS),
  past("7d", "7 days", 7 * DAY_MS),
  past("30d", "30 days", 30 * DAY_MS),
  past("90d", "90 days", 90 * DAY_MS),
  past("1y", "1 year", 365 * DAY_MS),
];

export function windowOf(value: string): TrafficWindow {
  return trafficWindows.find((each) => each.value === value) ?? live;
}
