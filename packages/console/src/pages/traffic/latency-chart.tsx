/** Latency quantiles of the points that have enough requests. Says how many a point has, or that none has enough. */
import type { LineChartProps } from "../../ui/chart-series.js";
import { formatCount, formatDuration } from "../../ui/format.js";
import { LineChart } from "../../ui/line-chart.js";
import classes from "./traffic.module.css";
import { type ChartPoint, QUANTILE_REQUESTS_MIN } from "./traffic-points.js";

export interface LatencyChartProps
  extends Pick<LineChartProps, "domain" | "bands" | "timesMs" | "marks" | "hover"> {
  readonly points: readonly ChartPoint[];
}

const toMs = (value: number): string => formatDuration(value * 1_000);

export function LatencyChart({ points, ...axis }: LatencyChartProps) {
  const most = Math.max(0, ...points.map(({ requests }) => requests));
  if (most > 0 && most < QUANTILE_REQUESTS_MIN)
    return (
      <>
        <h3 className={classes.chartTitle}>Latency</h3>
        <p className={classes.note}>
          Quantiles are shown for points of {QUANTILE_REQUESTS_MIN} requests or more; here a point has at most{" "}
          {requestsText(most)}. A longer window has longer points.
        </p>
      </>
    );
  return (
    <LineChart
      {...axis}
      title="Latency"
      format={toMs}
      height={220}
      noteAt={(index) => requestsText(points[index]?.requests ?? 0)}
      series={[
        { name: "p50", tone: 3, values: points.map((point) => point.p50Ms) },
        { name: "p95", tone: 5, values: points.map((point) => point.p95Ms) },
        { name: "p99", tone: 2, values: points.map((point) => point.p99Ms) },
      ]}
    />
  );
}

function requestsText(count: number): string {
  return count === 1 ? "1 request" : `${formatCount(count)} requests`;
}
