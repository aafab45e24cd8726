/** Points of traffic as charts need them. Pure. */
import type { TrafficFieldsFragment } from "../../gen/traffic.js";

export type TrafficPoint = TrafficFieldsFragment;

/** `point` in the place of its time: replaces the one that was there, pushes the oldest out. */
export function withPoint(
  points: readonly TrafficPoint[],
  point: TrafficPoint,
  countMax: number,
): readonly TrafficPoint[] {
  const atMs = Date.parse(point.at);
  const older = points.filter((each) => Date.parse(each.at) < atMs);
  const newer = points.filter((each) => Date.parse(each.at) > atMs);
  return [...older, point, ...newer].slice(-countMax);
}

export interface ChartPoint {
  readonly atMs: number;
  readonly requestsPerSecond: number;
  readonly clientErrorsPerSecond: number;
  readonly serverErrorsPerSecond: number;
  /** Null without requests. Of joined points the highest: quantiles cannot be added up. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
}

/** Joins every `joined` points into one, aligned to time so that lines do not dance. */
export function toChart(points: readonly TrafficPoint[], joined: number): readonly ChartPoint[] {
  const groups = new Map<number, TrafficPoint[]>();
  for (const point of points) {
    const sizeMs = point.seconds * 1_000 * joined;
    const key = Math.floor(Date.parse(point.at) / sizeMs) * sizeMs;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [point]);
    else group.push(point);
  }
  return [...groups].map(([atMs, group]) => {
    const seconds = group.reduce((sum, point) => sum + point.seconds, 0);
    const rate = (of: (point: TrafficPoint) => number): number =>
      group.reduce((sum, point) => sum + of(point), 0) / seconds;
    const highest = (of: (point: TrafficPoint) => number | null): number | null => {
      const known = group.map(of).filter((value) => value !== null);
      return known.length === 0 ? null : Math.max(...known);
    };
    return {
      atMs,
      requestsPerSecond: rate((point) => point.requests),
      clientErrorsPerSecond: rate((point) => point.clientErrors),
      serverErrorsPerSecond: rate((point) => point.serverErrors),
      p50Ms: highest((point) => point.p50Ms),
      p95Ms: highest((point) => point.p95Ms),
      p99Ms: highest((point) => point.p99Ms),
    };
  });
}

export interface Totals {
  readonly requests: number;
  readonly errors: number;
  readonly bytes: number;
  /** Over the newest ten seconds, or the newest point when points are longer. */
  readonly requestsPerSecond: number;
}

const RECENT_SECONDS = 10;

export function totalsOf(points: readonly TrafficPoint[]): Totals {
  let recentSeconds = 0;
  let recentRequests = 0;
  for (const point of points.toReversed()) {
    if (recentSeconds >= RECENT_SECONDS) break;
    recentSeconds += point.seconds;
    recentRequests += point.requests;
  }
  return {
    requests: points.reduce((sum, point) => sum + point.requests, 0),
    errors: points.reduce((sum, point) => sum + point.clientErrors + point.serverErrors, 0),
    bytes: points.reduce((sum, point) => sum + point.requestBytes + point.responseBytes, 0),
    requestsPerSecond: recentSeconds === 0 ? 0 : recentRequests / recentSeconds,
  };
}
