/** Rate, errors and latency quantiles of a scope, with what they come to. */
import { useMemo, useState } from "react";
import { Failure } from "../../ui/failure.js";
import { counted, formatRate } from "../../ui/format.js";
import { LineChart } from "../../ui/line-chart.js";
import { Panel } from "../../ui/page.js";
import { exactTime } from "../../ui/time-ago.js";
import { useNodes } from "../nodes/use-nodes.js";
import { LatencyChart } from "./latency-chart.js";
import classes from "./traffic.module.css";
import { bandsOf, countedPoints, isKnownPoint, isSilence, type Missing, nodeNameOf } from "./traffic-gaps.js";
import { domainOf, toChart, totalsOf } from "./traffic-points.js";
import { TrafficSkeleton } from "./traffic-skeleton.js";
import { TrafficTotals } from "./traffic-totals.js";
import type { TrafficWindow } from "./traffic-window.js";
import { useRevisionMarks } from "./use-revision-marks.js";
import { type TrafficScope, useTraffic } from "./use-traffic.js";

const GAPS_NOTED_MAX = 3;

export function TrafficCharts({
  scope,
  window,
  isCompared,
}: {
  readonly scope: TrafficScope;
  readonly window: TrafficWindow;
  /** With the time of the same length before. */
  readonly isCompared: boolean;
}) {
  const { points, filling, missing, latency, previous, error, refetch } = useTraffic(
    scope,
    window,
    isCompared,
  );
  const nodeIds = useReportingNodes(scope);
  const chart = useMemo(
    () =>
      points === null || missing === null
        ? []
        : toChart(points, window.joined, (point) => isKnownPoint(point, missing, nodeIds)),
    [points, missing, nodeIds, window.joined],
  );
  const totals = useMemo(
    () => totalsOf(countedPoints({ points: points ?? [], since: missing?.since ?? null }), filling),
    [points, missing, filling],
  );
  const domain = domainOf(points ?? []);
  const marks = useRevisionMarks(scope.apiId, domain);
  const [hovered, setHovered] = useState<number | null>(null);
  if (points === null || missing === null)
    return error === undefined ? (
      <TrafficSkeleton
        labels={["Rate now", `Requests, ${window.label}`, "Errors", "Latency, p95", "Transferred"]}
      />
    ) : (
      <Failure error={error} retry={refetch} />
    );
  const axis = {
    domain,
    bands: bandsOf(missing, domain),
    timesMs: chart.map((point) => point.atMs),
    marks,
    hover: { index: hovered, set: setHovered },
  };
  return (
    <>
      <TrafficTotals totals={totals} latency={latency} label={window.label} previous={previous} />
      <GapNotes missing={missing} />
      <div className={classes.charts}>
        <Panel>
          <LineChart
            {...axis}
            title="Requests per second"
            format={formatRate}
            series={[
              { name: "All", tone: 1, isFilled: true, values: chart.map((point) => point.requestsPerSecond) },
              ...(previous === null
                ? []
                : [
                    {
                      name: `${window.label} before`,
                      tone: 5 as const,
                      values: previous.requestsPerSecond,
                    },
                  ]),
            ]}
          />
        </Panel>
        <Panel>
          <LineChart
            {...axis}
            title="Errors per second"
            isStacked
            format={formatRate}
            series={[
              {
                name: "4xx",
                tone: 4,
                isFilled: true,
                values: chart.map((point) => point.clientErrorsPerSecond),
              },
              {
                name: "5xx",
                tone: 2,
                isFilled: true,
                values: chart.map((point) => point.serverErrorsPerSecond),
              },
            ]}
          />
        </Panel>
        <Panel>
          <LatencyChart {...axis} points={chart} />
        </Panel>
      </div>
    </>
  );
}

/** The newest gaps in words: a narrow band has no room for its label. */
function GapNotes({ missing }: { readonly missing: Missing }) {
  const gaps = missing.gaps.slice(-GAPS_NOTED_MAX);
  if (gaps.length === 0) return null;
  return (
    <ul className={classes.gaps} aria-label="Missing reports">
      {gaps.map((gap) => (
        <li key={`${gap.nodeId} ${gap.from}`}>
          {isSilence(gap)
            ? `No report from ${nodeNameOf(gap)}`
            : `${counted(gap.lostRequests ?? 0, "request")} of ${nodeNameOf(gap)} ${gap.lostRequests === 1 ? "is" : "are"} not counted`}{" "}
          {gap.to === null ? "since" : "from"} {exactTime(gap.from)}
          {gap.to !== null && ` to ${exactTime(gap.to)}`}
        </li>
      ))}
    </ul>
  );
}

/** Ids of the nodes whose counts the charts show. */
function useReportingNodes({ nodeId }: TrafficScope): readonly string[] {
  const { nodes } = useNodes();
  return useMemo(
    () =>
      nodeId !== null
        ? [nodeId]
        : (nodes ?? []).filter((node) => node.lastSeenAt !== null).map((node) => node.id),
    [nodeId, nodes],
  );
}
