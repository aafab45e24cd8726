/** What a chart over time draws. */
import type { Domain } from "./chart-time.js";

export interface Series {
  readonly name: string;
  /** 1 to 6: the color. */
  readonly tone: 1 | 2 | 3 | 4 | 5 | 6;
  readonly values: readonly (number | null)[];
  readonly isFilled?: boolean;
  /** Each value is a ring of its own: too little stands behind it for a line. */
  readonly isLoose?: boolean;
}

/** A time in which something is missing, and why. */
export interface ChartBand {
  readonly fromMs: number;
  readonly toMs: number;
  readonly label: string;
}

/** Something that happened at a time: a mark on the axis. */
export interface ChartMark {
  readonly atMs: number;
  readonly label: string;
}

/** The point under the crosshair, shared by charts with the same time axis. */
export interface ChartHover {
  /** Index of the point; null: none. */
  readonly index: number | null;
  readonly set: (index: number | null) => void;
}

export interface LineChartProps {
  readonly title: string;
  /** Begin and end of the time axis. */
  readonly domain: Domain;
  /** Where on the axis the values are. */
  readonly timesMs: readonly number[];
  readonly series: readonly Series[];
  readonly bands: readonly ChartBand[];
  readonly format: (value: number) => string;
  readonly height?: number;
  readonly marks?: readonly ChartMark[];
  readonly hover?: ChartHover;
  /** Series on top of each other, the first at the bottom. */
  readonly isStacked?: boolean;
  /** Beside the values of a point: `34 requests`. */
  readonly noteAt?: (index: number) => string;
}
