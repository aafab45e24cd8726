/** Points of traffic as charts need them. All are complete: the one that is still being filled is left out. Pure. */
import type { TrafficFieldsFragment, UsageFieldsFragment } from "../../gen/traffic.js";

export type TrafficPoint = Pick<
  TrafficFieldsFragment | UsageFieldsFragment,
  keyof TrafficFieldsFragment & keyof UsageFieldsFragment
>;

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

/** A quantile of fewer requests is chance: no line is drawn. */
export const QUANTILE_REQUESTS_MIN = 20;

export function hasQuantiles({ requests }: Pick<TrafficPoint, "requests">): boolean {
  return requests >= QUANTILE_REQUESTS_MIN;
}

export interface ChartPoint {
  /** Middle of the time that it stands for. */
  readonly atMs: number;
  /** Rates are null where nothing is known. */
  readonly requestsPerSecond: number | null;
  readonly clientErrorsPerSecond: number | null;
  readonly serverErrorsPerSecond: number | null;
  readonly requests: number;
  /** Of joined points the median of their medians. Null where the source says none. */
  readonly p50Ms: number | null;
  /** Of joined points the highest: quantiles cannot be added up. */
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
}

/**
 * Joins every `joined` points into one, aligned to time so that lines do not dance. Unknown points are left out, and so is
 * the newest group until it is whole.
 */
export function toChart(
  points: readonly TrafficPoint[],
  joined: number,
  isKnown: (point: TrafficPoint) => boolean,
): readonly ChartPoint[] {
  const groups = new Map<number, TrafficPoint[]>();
  for (const point of points) {
    const sizeMs = point.seconds * 1_000 * joined;
    const key = Math.floor(Date.parse(point.at) / sizeMs) * sizeMs;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [point]);
    else group.push(point);
  }
  const all = [...groups.values()];
  const isFilling = all.length > 1 && (all.at(-1)?.length ?? 0) < joined;
  return (isFilling ? all.slice(0, -1) : all).map((group) => toChartPoint(group, group.filter(isKnown)));
}

function toChartPoint(group: readonly TrafficPoint[], known: readonly TrafficPoint[]): ChartPoint {
  const seconds = known.reduce((sum, point) => sum + point.seconds, 0);
  const requests = known.reduce((sum, point) => sum + point.requests, 0);
  const rate = (of: (point: TrafficPoint) => number): number | null =>
    seconds === 0 ? null : known.reduce((sum, point) => sum + of(point), 0) / seconds;
  const highest = (of: (point: TrafficPoint) => number | null): number | null => {
    const values = known.map(of).filter((value) => value !== null);
    return values.length === 0 ? null : Math.max(...values);
  };
  const [fromMs, toMs] = domainOf(group);
  return {
    atMs: (fromMs + toMs) / 2,
    requests,
    requestsPerSecond: rate((point) => point.requests),
    clientErrorsPerSecond: rate((point) => point.clientErrors),
    serverErrorsPerSecond: rate((point) => point.serverErrors),
    p50Ms: medianOf(known),
    p95Ms: highest((point) => point.p95Ms),
    p99Ms: highest((point) => point.p99Ms),
  };
}

/** The least median that half of the requests are in points with; null: there is none. */
function medianOf(points: readonly TrafficPoint[]): number | null {
  const known = points
    .flatMap(({ p50Ms, requests }) => (p50Ms === null ? [] : [{ p50Ms, requests }]))
    .sort((a, b) => a.p50Ms - b.p50Ms);
  let left = known.reduce((sum, { requests }) => sum + requests, 0) / 2;
  for (const { p50Ms, requests } of known) {
    left -= requests;
    if (left <= 0) return p50Ms;
  }
  return null;
}

/** From the first point's begin to the last one's end. */
export function domainOf(points: readonly TrafficPoint[]): readonly [fromMs: number, toMs: number] {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return [0, 0];
  return [Date.parse(first.at), endOf(last)];
}

export function endOf(point: Pick<TrafficPoint, "at" | "seconds">): number {
  return Date.parse(point.at) + point.seconds * 1_000;
}

/** What was counted a whole window before. */
export interface PreviousTraffic {
  /** For each point; null where nothing is known. */
  readonly requestsPerSecond: readonly (number | null)[];
  /** Requests of the points for which there is something to compare with; null: there is none. */
  readonly compared: { readonly now: number; readonly before: number } | null;
}

/**
 * `before` at each of `points`, `agoMs` earlier. They are found by time: older counts have longer points, and a time that was
 * asked for is widened to whole points.
 */
export function previousOf(
  points: readonly TrafficPoint[],
  before: readonly Pick<TrafficPoint, "at" | "seconds" | "requests">[],
  agoMs: number,
): PreviousTraffic {
  const times = before.map((each) => ({
    fromMs: Date.parse(each.at),
    toMs: endOf(each),
    rate: each.requests / each.seconds,
  }));
  const compared = { now: 0, before: 0 };
  const requestsPerSecond = points.map((point) => {
    const atMs = (Date.parse(point.at) + endOf(point)) / 2 - agoMs;
    const rate = times.find(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs)?.rate ?? null;
    if (rate !== null) {
      compared.now += point.requests;
      compared.before += rate * point.seconds;
    }
    return rate;
  });
  const isKnown = requestsPerSecond.some((rate) => rate !== null);
  return {
    requestsPerSecond,
    compared: isKnown ? { ...compared, before: Math.round(compared.before) } : null,
  };
}

export interface Totals {
  readonly requests: number;
  readonly errors: number;
  readonly bytes: number;
  /** Over the newest ten complete seconds, or the newest complete point when points are longer. Null: there is none. */
  readonly rate: { readonly perSecond: number; readonly label: string } | null;
}

const RECENT_SECONDS = 10;
const MINUTE_SECONDS = 60;
const DAY_SECONDS = 86_400;

/** @param complete counted ones only; `filling`: those that are still being filled, which have no rate yet */
export function totalsOf(complete: readonly TrafficPoint[], filling: readonly TrafficPoint[]): Totals {
  const points = [...complete, ...filling];
  return {
    rate: rateOf(complete),
    requests: points.reduce((sum, point) => sum + point.requests, 0),
    errors: points.reduce((sum, point) => sum + point.clientErrors + point.serverErrors, 0),
    bytes: points.reduce((sum, point) => sum + point.requestBytes + point.responseBytes, 0),
  };
}

function rateOf(complete: readonly TrafficPoint[]): Totals["rate"] {
  let seconds = 0;
  let requests = 0;
  for (const point of complete.toReversed()) {
    if (seconds >= RECENT_SECONDS) break;
    seconds += point.seconds;
    requests += point.requests;
  }
  if (seconds === 0) return null;
  const label =
    seconds <= MINUTE_SECONDS
      ? "Rate now"
      : seconds < DAY_SECONDS
        ? "Rate, newest hours"
        : "Rate, newest day";
  return { perSecond: requests / seconds, label };
}
