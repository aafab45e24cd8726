/** What is missing in a chart of traffic: times before counting began, and times in which nodes reported nothing. Pure. */
import type { ChartBand } from "../../ui/chart-series.js";
import { type Domain, sinceText } from "../../ui/chart-time.js";
import { endOf, type TrafficPoint } from "./traffic-points.js";

export interface TrafficGap {
  readonly nodeId: string;
  /** Null: the node was removed. */
  readonly node: string | null;
  readonly from: string;
  readonly to: string | null;
  /** Null: nobody knows how many. */
  readonly lostRequests?: number | null;
}

export interface Missing {
  /** When counts begin; null: there are none. */
  readonly since: string | null;
  readonly gaps: readonly TrafficGap[];
}

/** Whether a point says something: it was counted, and a node reported, or its counts are there. */
export function isKnownPoint(
  point: TrafficPoint,
  { since, gaps }: Missing,
  nodeIds: readonly string[],
): boolean {
  if (endOf(point) <= countedSinceMs(since)) return false;
  if (point.requests > 0 || nodeIds.length === 0) return true;
  const [fromMs, toMs] = [Date.parse(point.at), endOf(point)];
  const silent = gaps.filter(isSilence);
  return nodeIds.some((id) => !silent.some((gap) => gap.nodeId === id && covers(gap, fromMs, toMs)));
}

/** The node reported nothing; in another gap it has lost some counts and reported the others. */
export function isSilence({ lostRequests }: TrafficGap): boolean {
  return lostRequests == null;
}

/** What people call the node of a gap. */
export function nodeNameOf({ node }: TrafficGap): string {
  return node ?? "a node that was removed";
}

function covers({ from, to }: TrafficGap, fromMs: number, toMs: number): boolean {
  return Date.parse(from) <= fromMs && (to === null || Date.parse(to) >= toMs);
}

/** The bands of a chart, cut to its time axis. */
export function bandsOf({ since, gaps }: Missing, domain: Domain): readonly ChartBand[] {
  const [fromMs, toMs] = domain;
  const silent = gaps.filter(isSilence).map((gap) => ({
    fromMs: Date.parse(gap.from),
    toMs: gap.to === null ? toMs : Date.parse(gap.to),
    label: `No report from ${nodeNameOf(gap)}`,
  }));
  return [...uncountedBands(since, domain), ...silent]
    .map((band) => ({ ...band, fromMs: Math.max(band.fromMs, fromMs), toMs: Math.min(band.toMs, toMs) }))
    .filter((band) => band.toMs > band.fromMs);
}

/** When counts begin; never, where there are none. */
export function countedSinceMs(since: string | null): number {
  return since === null ? Number.POSITIVE_INFINITY : Date.parse(since);
}

/** The band of a chart before counts begin; none where they reach back to its begin. */
export function uncountedBands(since: string | null, [fromMs, toMs]: Domain): readonly ChartBand[] {
  const sinceMs = countedSinceMs(since);
  if (sinceMs <= fromMs) return [];
  const label = since === null ? "No requests counted yet" : `Data since ${sinceText(sinceMs, toMs, fromMs)}`;
  return [{ fromMs, toMs: Math.min(sinceMs, toMs), label }];
}

/** Without those before counts begin: they are empty, not zero. */
export function countedPoints<P extends Pick<TrafficPoint, "at" | "seconds">>({
  points,
  since,
}: {
  readonly points: readonly P[];
  readonly since: string | null;
}): readonly P[] {
  return points.filter((point) => endOf(point) > countedSinceMs(since));
}
