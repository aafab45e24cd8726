/** What a chart over time draws. */
import type { ChartBand } from "./chart-axes.js";
import type { Domain } from "./chart-time.js";

export interface Series {
  readonly name: string;
  /** 1 to 6: the color. */
  readonly tone: 1 | 2 | 3 | 4 | 5 | 6;
  readonly values: readonly (number | null)[];
  readonly isFilled?: boolean;
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
}
