/** The grid, the two axes and the bands of a chart. */
import type { ScaleLinear, ScaleTime } from "d3-scale";
import type { ChartBand, ChartMark } from "./chart-series.js";
import { type Domain, tickText } from "./chart-time.js";
import classes from "./line-chart.module.css";

const TICK_PIXELS = 76;
/** Bands that are narrower carry their label as a tooltip only. */
const LABEL_PIXELS_MIN = 110;

export interface ChartAxesProps {
  readonly x: ScaleTime<number, number>;
  readonly y: ScaleLinear<number, number>;
  readonly domain: Domain;
  readonly width: number;
  readonly height: number;
  readonly format: (value: number) => string;
}

export function ChartAxes({ x, y, domain, width, height, format }: ChartAxesProps) {
  const [left = 0, right = width] = x.range();
  return (
    <>
      {y.ticks(4).map((value) => (
        <g key={value}>
          <line className={classes.grid} x1={left} x2={right} y1={y(value)} y2={y(value)} />
          <text className={classes.tick} x={left - 8} y={y(value) + 4} textAnchor="end">
            {format(value)}
          </text>
        </g>
      ))}
      {x.ticks(Math.max(3, Math.floor((right - left) / TICK_PIXELS))).map((date) => (
        <text
          key={date.getTime()}
          className={classes.tick}
          x={Math.min(right - 14, Math.max(left + 14, x(date)))}
          y={height - 6}
          textAnchor="middle"
        >
          {tickText(date, domain)}
        </text>
      ))}
    </>
  );
}

export interface ChartBandsProps {
  readonly x: ScaleTime<number, number>;
  readonly top: number;
  readonly bottom: number;
  readonly bands: readonly ChartBand[];
}

export function ChartBands({ x, top, bottom, bands }: ChartBandsProps) {
  return bands.map((band, index) => {
    const [from, to] = [x(band.fromMs), x(band.toMs)];
    return (
      <g key={`${band.label} ${band.fromMs}`}>
        <title>{band.label}</title>
        <rect
          className={classes.band}
          x={from}
          y={top}
          width={Math.max(1, to - from)}
          height={bottom - top}
        />
        {to - from >= LABEL_PIXELS_MIN && (
          <text
            className={classes.bandLabel}
            x={(from + to) / 2}
            y={top + 16 + (index % 3) * 15}
            textAnchor="middle"
          >
            {band.label}
          </text>
        )}
      </g>
    );
  });
}

export interface ChartMarksProps {
  readonly x: ScaleTime<number, number>;
  readonly top: number;
  readonly bottom: number;
  readonly marks: readonly ChartMark[];
}

/** A thin line and a triangle on the axis for each; the label is a tooltip. */
export function ChartMarks({ x, top, bottom, marks }: ChartMarksProps) {
  return marks.map(({ atMs, label }) => (
    <g key={`${atMs} ${label}`} className={classes.mark}>
      <title>{label}</title>
      <line x1={x(atMs)} x2={x(atMs)} y1={top} y2={bottom} />
      <path d={`M${x(atMs)} ${bottom - 7} l5 7 h-10 z`} />
    </g>
  ));
}
