/**
 * Latency: quantiles as lines where a point has enough requests; median and slowest as rings where it has fewer. Says how
 * many a point has.
 */
import type { LineChartProps, Series } from "../../ui/chart-series.js";
import { counted, formatDuration } from "../../ui/format.js";
import { LineChart } from "../../ui/line-chart.js";
import classes from "./traffic.module.css";
import { type ChartPoint, hasQuantiles, QUANTILE_REQUESTS_MIN } from "./traffic-points.js";

export interface LatencyChartProps
  extends Pick<LineChartProps, "domain" | "bands" | "timesMs" | "marks" | "hover"> {
  readonly points: readonly ChartPoint[];
}

const toMs = (value: number): string => formatDuration(value * 1_000);

export function LatencyChart({ points, ...axis }: LatencyChartProps) {
  const few = points.some((point) => point.requests > 0 && !hasQuantiles(point));
  return (
    <>
      <LineChart
        {...axis}
        title="Latency"
        format={toMs}
        height={220}
        noteAt={(index) => counted(points[index]?.requests ?? 0, "request")}
        series={latencySeries(points)}
      />
      {few && (
        <p className={classes.note}>
          Quantiles are drawn for points of {QUANTILE_REQUESTS_MIN} requests or more. A longer window has
          longer points.
        </p>
      )}
    </>
  );
}

/** Of those without a value none is shown, unless no series has any. */
export function latencySeries(points: readonly ChartPoint[]): readonly Series[] {
  const of = (
    name: string,
    tone: Series["tone"],
    key: "p50Ms" | "p95Ms" | "p99Ms",
    isLoose = false,
  ): Series => ({
    name,
    tone,
    isLoose,
    values: points.map((point) => (hasQuantiles(point) === isLoose ? null : point[key])),
  });
  const quantiles = [of("p50", 3, "p50Ms"), of("p95", 5, "p95Ms"), of("p99", 2, "p99Ms")];
  // Of fewer than 20 requests the 99th percentile is the slowest one.
  const loose = [of("Median", 3, "p50Ms", true), of("Slowest", 2, "p99Ms", true)];
  const known = [...quantiles, ...loose].filter(({ values }) => values.some((value) => value !== null));
  return known.length === 0 ? quantiles : known;
}
