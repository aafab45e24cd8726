/** Rate, errors and latency quantiles of a scope, with what they come to. */
import { useMemo, useState } from "react";
import { Failure } from "../../ui/failure.js";
import { counted, formatBytes, formatCount, formatPercent, formatRate } from "../../ui/format.js";
import { LineChart } from "../../ui/line-chart.js";
import { Panel } from "../../ui/page.js";
import { exactTime } from "../../ui/time-ago.js";
import { useNodes } from "../nodes/use-nodes.js";
import { LatencyChart } from "./latency-chart.js";
import classes from "./traffic.module.css";
import { bandsOf, countedPoints, isKnownPoint, isSilence, type Missing, nodeNameOf } from "./traffic-gaps.js";
import { domainOf, type PreviousTraffic, type Totals, toChart, totalsOf } from "./traffic-points.js";
import { TrafficSkeleton } from "./traffic-skeleton.js";
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
  const { points, filling, missing, previous, error } = useTraffic(scope, window, isCompared);
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
      <TrafficSkeleton labels={["Rate now", `Requests, ${window.label}`, "Errors", "Transferred"]} />
    ) : (
      <Failure error={error} />
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
      <TrafficTotals totals={totals} label={window.label} previous={previous} />
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

interface TrafficTotalsProps {
  readonly totals: Totals;
  /** Of the window. */
  readonly label: string;
  readonly previous: PreviousTraffic | null;
}

function TrafficTotals({ totals, label, previous }: TrafficTotalsProps) {
  return (
    <dl className={classes.totals}>
      <Total
        label={totals.rate?.label ?? "Rate now"}
        value={totals.rate === null ? "–" : formatRate(totals.rate.perSecond)}
      />
      <Total
        label={`Requests, ${label}`}
        value={formatCount(totals.requests)}
        detail={previous?.compared == null ? undefined : changeText(previous.compared)}
      />
      <Total
        label="Errors"
        value={totals.requests === 0 ? "–" : formatPercent(totals.errors / totals.requests)}
        isBad={totals.requests > 0 && totals.errors / totals.requests >= 0.05}
      />
      <Total label="Transferred" value={formatBytes(totals.bytes)} />
    </dl>
  );
}

/** `12% more than before`. */
function changeText({ now, before }: NonNullable<PreviousTraffic["compared"]>): string {
  if (before === 0) return now === 0 ? "as before" : "none before";
  const change = now / before - 1;
  return change === 0
    ? "as before"
    : `${formatPercent(Math.abs(change))} ${change > 0 ? "more" : "fewer"} than before`;
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

function Total({
  label,
  value,
  detail,
  isBad = false,
}: {
  readonly label: string;
  readonly value: string;
  readonly detail?: string | undefined;
  readonly isBad?: boolean;
}) {
  return (
    <div className={classes.total} data-bad={isBad || undefined}>
      <dt>{label}</dt>
      <dd>
        {value}
        {detail !== undefined && <span className={classes.totalDetail}>{detail}</span>}
      </dd>
    </div>
  );
}
