/** Where the values of series are drawn: each from zero, or one on top of the other. Pure. */
import type { Series } from "./chart-series.js";

export interface DrawnSeries extends Series {
  /** Where the area below the line begins, for each value. */
  readonly from: readonly number[];
  /** Where the line is; null where there is no value. */
  readonly to: readonly (number | null)[];
}

/** The first series is at the bottom. A null leaves a gap in its own line and adds nothing to those above it. */
export function drawnSeries(series: readonly Series[], isStacked: boolean): readonly DrawnSeries[] {
  let top: readonly number[] = [];
  return series.map((each) => {
    const base = top;
    const from = each.values.map((_, index) => (isStacked ? (base[index] ?? 0) : 0));
    const to = each.values.map((value, index) => (value === null ? null : (from[index] ?? 0) + value));
    top = to.map((value, index) => value ?? from[index] ?? 0);
    return { ...each, from, to };
  });
}

/** The highest value that is drawn; 0 without any. */
export function highestOf(drawn: readonly DrawnSeries[]): number {
  return Math.max(0, ...drawn.flatMap(({ to }) => to.filter((value) => value !== null)));
}
