/** The windows of time that charts show. */

export interface TrafficWindow {
  readonly value: string;
  readonly label: string;
  readonly resolution: "SECOND" | "MINUTE";
  readonly buckets: number;
  /** Points are joined by so many, to keep lines readable. */
  readonly joined: number;
}

export const trafficWindows = [
  { value: "5m", label: "5 min", resolution: "SECOND", buckets: 300, joined: 2 },
  { value: "1h", label: "1 hour", resolution: "MINUTE", buckets: 60, joined: 1 },
  { value: "24h", label: "24 hours", resolution: "MINUTE", buckets: 1_440, joined: 10 },
] as const satisfies readonly TrafficWindow[];

export function windowOf(value: string): TrafficWindow {
  return trafficWindows.find((each) => each.value === value) ?? trafficWindows[0];
}
