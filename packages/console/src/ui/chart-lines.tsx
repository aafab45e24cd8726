/** The lines of a chart. A line stops where a value is null; a value that stands alone is a point, a loose one a ring. */
import type { ScaleLinear, ScaleTime } from "d3-scale";
import { area, line } from "d3-shape";
import type { DrawnSeries } from "./chart-stack.js";
import classes from "./line-chart.module.css";

export interface ChartLinesProps {
  readonly x: ScaleTime<number, number>;
  readonly y: ScaleLinear<number, number>;
  readonly timesMs: readonly number[];
  readonly drawn: readonly DrawnSeries[];
}

type Point = readonly [timeMs: number, from: number, to: number | null];

export function ChartLines({ x, y, timesMs, drawn }: ChartLinesProps) {
  const isKnown = ([, , to]: Point) => to !== null;
  const toX = ([timeMs]: Point) => x(timeMs);
  const toY = ([, , to]: Point) => y(to ?? 0);
  const toLine = line<Point>(toX, toY).defined(isKnown);
  const toArea = area<Point>(toX, ([, from]) => y(from), toY).defined(isKnown);
  // The first series over the others: on a stack, a line of zeros would hide the one that it lies on.
  return drawn.toReversed().map((each) => {
    const points = timesMs.map(
      (timeMs, index): Point => [timeMs, each.from[index] ?? 0, each.to[index] ?? null],
    );
    if (each.isLoose === true)
      return (
        <g key={each.name} data-tone={each.tone}>
          {points.filter(isKnown).map((point) => (
            <circle key={point[0]} className={classes.ring} cx={toX(point)} cy={toY(point)} r={2.4} />
          ))}
        </g>
      );
    return (
      <g key={each.name} className={classes.series} data-tone={each.tone}>
        {each.isFilled === true && <path className={classes.area} d={toArea(points) ?? ""} />}
        <path className={classes.line} d={toLine(points) ?? ""} />
        {lonePoints(each.to).map((index) => {
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
  { to }: DrawnSeries,
  index: number,
  timesMs: readonly number[],
  x: ScaleTime<number, number>,
  y: ScaleLinear<number, number>,
): readonly [number, number] | null {
  const value = to[index] ?? null;
  const timeMs = timesMs[index];
  return value === null || timeMs === undefined ? null : [x(timeMs), y(value)];
}

/** Indices of values with a gap on both sides: they make no line. */
export function lonePoints(values: readonly (number | null)[]): readonly number[] {
  const isGap = (index: number): boolean => (values[index] ?? null) === null;
  return values.flatMap((_, index) => (!isGap(index) && isGap(index - 1) && isGap(index + 1) ? [index] : []));
}
