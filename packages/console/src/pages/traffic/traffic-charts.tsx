/** Rate, errors and latency quantiles of a scope, with what they come to. */
import { useMemo } from "react";
import { Failure } from "../../ui/failure.js";
import { formatBytes, formatCount, formatDuration, formatPercent, formatRate } from "../../ui/format.js";
import { LineChart } from "../../ui/line-chart.js";
import { Panel } from "../../ui/page.js";
import { exactTime } from "../../ui/time-ago.js";
import { useNodes } from "../nodes/use-nodes.js";
import classes from "./traffic.module.css";
import { bandsOf, isKnownPoint, type Missing } from "./traffic-gaps.js";
import { domainOf, toChart, totalsOf } from "./traffic-points.js";
import { TrafficSkeleton } from "./traffic-skeleton.js";
import type { TrafficWindow } from "./traffic-window.js";
import { type TrafficScope, useTraffic } from "./use-traffic.js";

const GAPS_NOTED_MAX = 3;

export function TrafficCharts({
  scope,
  window,
}: {
  readonly scope: TrafficScope;
  readonly window: TrafficWindow;
}) {
  const { points, missing, error } = useTraffic(scope, window);
  const nodeIds = useReportingNodes(scope);
  const chart = useMemo(
    () =>
      points === null || missing === null
        ? []
        : toChart(points, window.joined, (point) => isKnownPoint(point, missing, nodeIds)),
    [points, missing, nodeIds, window.joined],
  );
  const totals = useMemo(() => totalsOf(points ?? []), [points]);
  if (points === null || missing === null)
    return error === undefined ? (
      <TrafficSkeleton labels={["Rate now", `Requests, ${window.label}`, "Errors", "Transferred"]} />
    ) : (
      <Failure error={error} />
    );
  const domain = domainOf(points);
  const bands = bandsOf(missing, domain);
  const timesMs = chart.map((point) => point.atMs);
  const ms = (value: number): string => formatDuration(value * 1_000);
  return (
    <>
      <dl className={classes.totals}>
        <Total label="Rate now" value={formatRate(totals.requestsPerSecond)} />
        <Total label={`Requests, ${window.label}`} value={formatCount(totals.requests)} />
        <Total
          label="Errors"
          value={totals.requests === 0 ? "–" : formatPercent(totals.errors / totals.requests)}
          isBad={totals.requests > 0 && totals.errors / totals.requests >= 0.05}
        />
        <Total label="Transferred" value={formatBytes(totals.bytes)} />
      </dl>
      <GapNotes missing={missing} />
      <div className={classes.charts}>
        <Panel>
          <LineChart
            title="Requests per second"
            domain={domain}
            bands={bands}
            timesMs={timesMs}
            format={formatRate}
            series={[
              { name: "all", tone: 1, isFilled: true, values: chart.map((point) => point.requestsPerSecond) },
            ]}
          />
        </Panel>
        <Panel>
          <LineChart
            title="Errors per second"
            domain={domain}
            bands={bands}
            timesMs={timesMs}
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
          <LineChart
            title="Latency"
            domain={domain}
            bands={bands}
            timesMs={timesMs}
            format={ms}
            height={220}
            series={[
              { name: "p50", tone: 3, values: chart.map((point) => point.p50Ms) },
              { name: "p95", tone: 5, values: chart.map((point) => point.p95Ms) },
              { name: "p99", tone: 2, values: chart.map((point) => point.p99Ms) },
            ]}
          />
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
      {gaps.map(({ nodeId, node, from, to }) => (
        <li key={`${nodeId} ${from}`}>
          No report from {node} {to === null ? "since" : "from"} {exactTime(from)}
          {to !== null && ` to ${exactTime(to)}`}
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
  isBad = false,
}: {
  readonly label: string;
  readonly value: string;
  readonly isBad?: boolean;
}) {
  return (
    <div className={classes.total} data-bad={isBad || undefined}>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}
