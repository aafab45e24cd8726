/** The grid, the two axes and the bands of a chart. */
import type { ScaleLinear, ScaleTime } from "d3-scale";
import type { ChartBand, ChartMark } from "./chart-series.js";
import { type Domain, tickText } from "./chart-time.js";
import classes from "./line-chart.module.css";

const TICK_PIXELS = 76;
/** From the middle of one to that of the next. */
const TICK_PIXELS_MIN = 44;
/** Bands that are narrower carry their label as a tooltip only. */
const LABEL_PIXELS_MIN = 110;
/** Width of a mark. */
export const MARK_PIXELS = 10;

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
  const values = y.ticks(4);
  return (
    <>
      {values.map((value) => (
        <g key={value}>
          <line className={classes.grid} x1={left} x2={right} y1={y(value)} y2={y(value)} />
          <text className={classes.tick} x={left - 8} y={y(value) + 4} textAnchor="end">
            {valueTickText(format(value), values)}
          </text>
        </g>
      ))}
      {timeTicks(x, left, right).map(({ date, middle }) => (
        <text key={date.getTime()} className={classes.tick} x={middle} y={height - 6} textAnchor="middle">
          {tickText(date, domain)}
        </text>
      ))}
    </>
  );
}

interface TimeTick {
  readonly date: Date;
  /** Pixels. */
  readonly middle: number;
}

/** The first and the last are moved into the chart; one that the next would touch is left out. */
function timeTicks(x: ScaleTime<number, number>, left: number, right: number): readonly TimeTick[] {
  const ticks = x
    .ticks(Math.max(3, Math.floor((right - left) / TICK_PIXELS)))
    .map((date) => ({ date, middle: Math.min(right - 14, Math.max(left + 14, x(date))) }));
  return ticks.filter(({ middle }, index) => {
    const next = ticks[index + 1];
    return next === undefined || next.middle - middle >= TICK_PIXELS_MIN;
  });
}

/** All of an axis have decimals, or none has. */
function valueTickText(text: string, values: readonly number[]): string {
  return values.every(Number.isInteger) ? text.replace(/\.0(?=\D|$)/, "") : text;
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
  return apart(marks, x).map(({ atMs, label }) => (
    <g key={`${atMs} ${label}`} className={classes.mark}>
      <title>{label}</title>
      <line x1={x(atMs)} x2={x(atMs)} y1={top} y2={bottom} />
      <path d={`M${x(atMs)} ${bottom - 7} l5 7 h-10 z`} />
    </g>
  ));
}

/** Marks that would cover each other are one, with the labels of all of them. */
function apart(marks: readonly ChartMark[], x: ScaleTime<number, number>): readonly ChartMark[] {
  const joined: ChartMark[] = [];
  for (const mark of marks.toSorted((a, b) => a.atMs - b.atMs)) {
    const before = joined.at(-1);
    if (before === undefined || x(mark.atMs) - x(before.atMs) >= MARK_PIXELS) joined.push(mark);
    else joined[joined.length - 1] = { ...before, label: `${before.label}\n${mark.label}` };
  }
  return joined;
}
