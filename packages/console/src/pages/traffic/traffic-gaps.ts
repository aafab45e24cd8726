/** What is missing in a chart of traffic: times before counting began, and times in which nodes reported nothing. Pure. */
import type { TrafficQuery } from "../../gen/traffic.js";
import type { ChartBand } from "../../ui/chart-series.js";
import { clockText, type Domain } from "../../ui/chart-time.js";
import { endOf, type TrafficPoint } from "./traffic-points.js";

export type TrafficGap = TrafficQuery["traffic"]["gaps"][number];

export interface Missing {
  /** When the control plane began to count. */
  readonly since: string;
  readonly gaps: readonly TrafficGap[];
}

/** Whether a point says something: it was counted, and a node reported, or its counts are there. */
export function isKnownPoint(
  point: TrafficPoint,
  { since, gaps }: Missing,
  nodeIds: readonly string[],
): boolean {
  if (endOf(point) <= Date.parse(since)) return false;
  if (point.requests > 0 || nodeIds.length === 0) return true;
  const [fromMs, toMs] = [Date.parse(point.at), endOf(point)];
  return nodeIds.some((id) => !gaps.some((gap) => gap.nodeId === id && covers(gap, fromMs, toMs)));
}

function covers({ from, to }: TrafficGap, fromMs: number, toMs: number): boolean {
  return Date.parse(from) <= fromMs && (to === null || Date.parse(to) >= toMs);
}

/** The bands of a chart, cut to its time axis. */
export function bandsOf({ since, gaps }: Missing, [fromMs, toMs]: Domain): readonly ChartBand[] {
  const sinceMs = Date.parse(since);
  const before = { fromMs, toMs: sinceMs, label: `Data since ${clockText(sinceMs)}` };
  const silent = gaps.map(({ node, from, to }) => ({
    fromMs: Date.parse(from),
    toMs: to === null ? toMs : Date.parse(to),
    label: `No report from ${node}`,
  }));
  return [before, ...silent]
    .map((band) => ({ ...band, fromMs: Math.max(band.fromMs, fromMs), toMs: Math.min(band.toMs, toMs) }))
    .filter((band) => band.toMs > band.fromMs);
}
