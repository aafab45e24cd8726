/** The grid, the two axes and the bands of a chart. */
import type { ScaleLinear, ScaleTime } from "d3-scale";
import type { ChartBand, ChartMark } from "./chart-series.js";
import { type Domain, tickText } from "./chart-time.js";
import classes from "./line-chart.module.css";

/** Between two labels of the time axis. */
const TICK_GAP_PIXELS = 10;
/** Of a digit in a tick's label, about. */
const GLYPH_PIXELS = 6.8;
const TIME_TICKS_MAX = 8;
const TIME_TICKS_MIN = 3;
const VALUE_TICKS = [4, 2, 1] as const;
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
  return (
    <>
      {valueTicks(y, format).map(({ value, text }) => (
        <g key={value}>
          <line className={classes.grid} x1={left} x2={right} y1={y(value)} y2={y(value)} />
          <text className={classes.tick} x={left - 8} y={y(value) + 4} textAnchor="end">
            {text}
          </text>
        </g>
      ))}
      {timeTicks(x, domain, width).map(({ date, text }) => (
        <text key={date.getTime()} className={classes.tick} x={x(date)} y={height - 6} textAnchor="middle">
          {text}
        </text>
      ))}
    </>
  );
}

interface TimeTick {
  readonly date: Date;
  readonly text: string;
}

/** As many as have room beside each other, at round times where that can be. One whose label would be cut off is left out. */
export function timeTicks(x: ScaleTime<number, number>, domain: Domain, width: number): readonly TimeTick[] {
  const ticksOf = (dates: readonly Date[]): readonly TimeTick[] =>
    dates
      .map((date) => ({ date, text: tickText(date, domain) }))
      .filter(({ date, text }) => x(date) >= halfOf(text) && x(date) + halfOf(text) <= width);
  for (let count = TIME_TICKS_MAX; count >= TIME_TICKS_MIN; count--) {
    const ticks = ticksOf(x.ticks(count));
    if (ticks.length >= TIME_TICKS_MIN && areApart(ticks, x)) return ticks;
  }
  const all = ticksOf(x.ticks(TIME_TICKS_MAX));
  for (let step = 2; step < all.length; step++) {
    const ticks = all.filter((_, index) => index % step === 0);
    if (areApart(ticks, x)) return ticks;
  }
  return all.slice(-1);
}

function halfOf(text: string): number {
  return (text.length * GLYPH_PIXELS) / 2;
}

function areApart(ticks: readonly TimeTick[], x: ScaleTime<number, number>): boolean {
  return ticks.every(({ date, text }, index) => {
    const next = ticks[index + 1];
    return next === undefined || x(next.date) - x(date) >= halfOf(text) + halfOf(next.text) + TICK_GAP_PIXELS;
  });
}

interface ValueTick {
  readonly value: number;
  readonly text: string;
}

/** Fewer, where rounding would give two the same label. All have decimals, or none has. */
export function valueTicks(
  y: ScaleLinear<number, number>,
  format: (value: number) => string,
): readonly ValueTick[] {
  const choices = VALUE_TICKS.map((count) => {
    const values = y.ticks(count);
    const areWhole = values.every(Number.isInteger);
    return values.map((value) => {
      const text = format(value);
      return { value, text: areWhole ? text.replace(/\.0(?=\D|$)/, "") : text };
    });
  });
  return choices.find((ticks) => new Set(ticks.map(({ text }) => text)).size === ticks.length) ?? [];
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
