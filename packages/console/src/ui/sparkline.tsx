/** A small line without axes beside a number: its shape only. Says its highest and newest value to screen readers. */
import { area, line } from "d3-shape";
import classes from "./sparkline.module.css";

export interface SparklineProps {
  readonly label: string;
  /** Oldest first; null: nothing is known. */
  readonly values: readonly (number | null)[];
  readonly tone?: 1 | 2 | 3 | 4 | 5 | 6;
  readonly height?: number;
}

const WIDTH = 100;
const PADDING = 1.5;

export function Sparkline({ label, values, tone = 1, height = 28 }: SparklineProps) {
  const known = values.filter((value) => value !== null);
  const highest = Math.max(1, ...known);
  const step = WIDTH / Math.max(1, values.length - 1);
  const toX = (_: number | null, index: number) => index * step;
  const toY = (value: number | null) => height - PADDING - ((value ?? 0) / highest) * (height - 2 * PADDING);
  const isKnown = (value: number | null) => value !== null;
  const toLine = line<number | null>(toX, toY).defined(isKnown);
  const toArea = area<number | null>(toX, height, toY).defined(isKnown);
  return (
    <svg
      className={classes.sparkline}
      viewBox={`0 0 ${WIDTH} ${height}`}
      height={height}
      preserveAspectRatio="none"
      data-tone={tone}
      role="img"
      aria-label={`${label}: ${known.length === 0 ? "no data" : `highest ${Math.max(...known)}, latest ${known.at(-1)}`}`}
    >
      <path className={classes.area} d={toArea(values) ?? ""} />
      <path className={classes.line} d={toLine(values) ?? ""} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
