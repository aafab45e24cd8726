/** The lines of a chart. A line stops where a value is null; a value that stands alone is a point. */
import type { ScaleLinear, ScaleTime } from "d3-scale";
import { area, line } from "d3-shape";
import type { Series } from "./chart-series.js";
import classes from "./line-chart.module.css";

export interface ChartLinesProps {
  readonly x: ScaleTime<number, number>;
  readonly y: ScaleLinear<number, number>;
  readonly timesMs: readonly number[];
  readonly series: readonly Series[];
}

type Point = readonly [timeMs: number, value: number | null];

export function ChartLines({ x, y, timesMs, series }: ChartLinesProps) {
  const isKnown = ([, value]: Point) => value !== null;
  const toX = ([timeMs]: Point) => x(timeMs);
  const toY = ([, value]: Point) => y(value ?? 0);
  const toLine = line<Point>(toX, toY).defined(isKnown);
  const toArea = area<Point>(toX, y(0), toY).defined(isKnown);
  return series.map((each) => {
    const points = timesMs.map((timeMs, index): Point => [timeMs, each.values[index] ?? null]);
    return (
      <g key={each.name} className={classes.series} data-tone={each.tone}>
        {each.isFilled === true && <path className={classes.area} d={toArea(points) ?? ""} />}
        <path className={classes.line} d={toLine(points) ?? ""} />
        {lonePoints(each.values).map((index) => {
          const point = pointOf(each, index, timesMs, x, y);
          return (
            point !== null && (
              <circle key={index} className={classes.point} cx={point[0]} cy={point[1]} r={2.2} />
            )
          );
        })}
      </g>
    );
  });
}

/** Where a value is drawn; null when there is none. */
export function pointOf(
  { values }: Series,
  index: number,
  timesMs: readonly number[],
  x: ScaleTime<number, number>,
  y: ScaleLinear<number, number>,
): readonly [number, number] | null {
  const value = values[index] ?? null;
  const timeMs = timesMs[index];
  return value === null || timeMs === undefined ? null : [x(timeMs), y(value)];
}

/** Indices of values with a gap on both sides: they make no line. */
export function lonePoints(values: readonly (number | null)[]): readonly number[] {
  const isGap = (index: number): boolean => (values[index] ?? null) === null;
  return values.flatMap((_, index) => (!isGap(index) && isGap(index - 1) && isGap(index + 1) ? [index] : []));
}
