/**
 * A line chart over time in SVG: values up, time along, the exact numbers on hover and in a table for readers.
 * Draws what it is given; a null is a gap.
 */
import { type PointerEvent, useEffect, useRef, useState } from "react";
import classes from "./line-chart.module.css";

export interface Series {
  readonly name: string;
  /** 1 to 6: the colour. */
  readonly tone: 1 | 2 | 3 | 4 | 5 | 6;
  readonly values: readonly (number | null)[];
  readonly isFilled?: boolean;
}

export interface LineChartProps {
  readonly title: string;
  readonly timesMs: readonly number[];
  readonly series: readonly Series[];
  readonly format: (value: number) => string;
  readonly height?: number;
  readonly isHeadHidden?: boolean;
}

const LEFT = 52;
const RIGHT = 10;
const TOP = 10;
const BOTTOM = 22;
/** Rows of the table that readers get. */
const TABLE_ROWS_MAX = 30;

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** The next pleasant number: 1, 2, 2.5 or 5 times a power of ten. */
export function niceCeiling(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 2.5, 5, 10].find((each) => each * power >= value) ?? 10;
  return step * power;
}

/** So many steps that each is a short number: 2 in fours of 0.5, everything else in fifths. */
function tickCount(top: number): number {
  const lead = top / 10 ** Math.floor(Math.log10(top));
  return Math.abs(lead - 2) < 0.01 ? 4 : 5;
}

export function LineChart({
  title,
  timesMs,
  series,
  format,
  height = 190,
  isHeadHidden = false,
}: LineChartProps) {
  const [width, setWidth] = useState(600);
  const [hovered, setHovered] = useState<number | null>(null);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (box.current === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setWidth(Math.max(200, Math.round(entry.contentRect.width)));
    });
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);

  const top = niceCeiling(Math.max(0, ...series.flatMap((each) => each.values.filter((v) => v !== null))));
  const ticks = tickCount(top);
  const plotWidth = width - LEFT - RIGHT;
  const plotHeight = height - TOP - BOTTOM;
  const x = (index: number): number =>
    LEFT + (timesMs.length < 2 ? plotWidth : (index / (timesMs.length - 1)) * plotWidth);
  const y = (value: number): number => TOP + plotHeight * (1 - value / top);
  const last = timesMs.length - 1;
  const shown = hovered === null || hovered > last ? last : hovered;

  function onPointerMove(event: PointerEvent<SVGSVGElement>): void {
    const bounds = event.currentTarget.getBoundingClientRect();
    const ratio = (event.clientX - bounds.left - LEFT) / plotWidth;
    setHovered(Math.min(last, Math.max(0, Math.round(ratio * last))));
  }

  return (
    <figure className={classes.figure}>
      <figcaption className={isHeadHidden ? "lk-visually-hidden" : classes.head}>
        <span className={classes.title}>{title}</span>
        <span className={classes.legend}>
          {series.map((each) => {
            const value = shown < 0 ? null : (each.values[shown] ?? null);
            return (
              <span key={each.name} className={classes.key} data-tone={each.tone}>
                {each.name} <strong>{value === null ? "–" : format(value)}</strong>
              </span>
            );
          })}
        </span>
      </figcaption>
      <div ref={box} className={classes.box}>
        <svg
          width={width}
          height={height}
          role="img"
          aria-label={summary(title, series, format)}
          onPointerMove={onPointerMove}
          onPointerLeave={() => setHovered(null)}
        >
          {Array.from({ length: ticks + 1 }, (_, tick) => {
            const value = (top * tick) / ticks;
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: ticks have no state
              <g key={tick}>
                <line className={classes.grid} x1={LEFT} x2={width - RIGHT} y1={y(value)} y2={y(value)} />
                <text className={classes.tick} x={LEFT - 8} y={y(value) + 4} textAnchor="end">
                  {format(value)}
                </text>
              </g>
            );
          })}
          {last >= 0 && (
            <>
              <text className={classes.tick} x={LEFT} y={height - 6}>
                {clock.format(timesMs[0])}
              </text>
              <text className={classes.tick} x={width - RIGHT} y={height - 6} textAnchor="end">
                {clock.format(timesMs[last])}
              </text>
            </>
          )}
          {series.map((each) => (
            <g key={each.name} className={classes.series} data-tone={each.tone}>
              {each.isFilled === true && (
                <path className={classes.area} d={areaPath(each.values, x, y, y(0))} />
              )}
              <path className={classes.line} d={linePath(each.values, x, y)} />
              {lonePoints(each.values).map((index) => (
                <circle
                  key={index}
                  className={classes.point}
                  cx={x(index)}
                  cy={y(each.values[index] ?? 0)}
                  r={2.2}
                />
              ))}
            </g>
          ))}
          {hovered !== null && hovered <= last && (
            <g>
              <line
                className={classes.cross}
                x1={x(hovered)}
                x2={x(hovered)}
                y1={TOP}
                y2={TOP + plotHeight}
              />
              <text
                className={classes.crossTime}
                x={Math.min(width - RIGHT - 28, Math.max(LEFT + 28, x(hovered)))}
                y={height - 6}
                textAnchor="middle"
              >
                {clock.format(timesMs[hovered])}
              </text>
              {series.map((each) => {
                const value = each.values[hovered];
                if (value === null || value === undefined) return null;
                return (
                  <circle
                    key={each.name}
                    className={classes.dot}
                    data-tone={each.tone}
                    cx={x(hovered)}
                    cy={y(value)}
                    r={3.2}
                  />
                );
              })}
            </g>
          )}
        </svg>
      </div>
      <ChartTable title={title} timesMs={timesMs} series={series} format={format} />
    </figure>
  );
}

function ChartTable({
  title,
  timesMs,
  series,
  format,
}: Pick<LineChartProps, "title" | "timesMs" | "series" | "format">) {
  const from = Math.max(0, timesMs.length - TABLE_ROWS_MAX);
  return (
    // A table does not shrink to the size that hides it; its frame does.
    <div className="lk-visually-hidden">
      <table>
        <caption>{title}</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {series.map((each) => (
              <th scope="col" key={each.name}>
                {each.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {timesMs.slice(from).map((timeMs, index) => (
            <tr key={timeMs}>
              <th scope="row">{clock.format(timeMs)}</th>
              {series.map((each) => {
                const value = each.values[from + index] ?? null;
                return <td key={each.name}>{value === null ? "none" : format(value)}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

type Scale = (value: number) => number;

/** Pieces between gaps. A point alone between gaps is no line: see `lonePoints`. */
export function linePath(values: readonly (number | null)[], x: Scale, y: Scale): string {
  let path = "";
  let isOpen = false;
  for (const [index, value] of values.entries()) {
    if (value === null) {
      isOpen = false;
      continue;
    }
    path += `${isOpen ? "L" : "M"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
    isOpen = true;
  }
  return path;
}

/** Indices of values with a gap on both sides. */
export function lonePoints(values: readonly (number | null)[]): readonly number[] {
  const isGap = (index: number): boolean => (values[index] ?? null) === null;
  return values.flatMap((_, index) => (!isGap(index) && isGap(index - 1) && isGap(index + 1) ? [index] : []));
}

function areaPath(values: readonly (number | null)[], x: Scale, y: Scale, bottom: number): string {
  let path = "";
  let start: number | null = null;
  for (const [index, value] of [...values, null].entries()) {
    if (value !== null) {
      path += `${start === null ? `M${x(index).toFixed(1)} ${bottom.toFixed(1)}L` : "L"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
      start ??= index;
    } else if (start !== null) {
      path += `L${x(index - 1).toFixed(1)} ${bottom.toFixed(1)}Z`;
      start = null;
    }
  }
  return path;
}

function summary(title: string, series: readonly Series[], format: (value: number) => string): string {
  const parts = series.map((each) => {
    const known = each.values.filter((value) => value !== null);
    const latest = known.at(-1);
    if (latest === undefined) return `${each.name}: no data`;
    return `${each.name}: now ${format(latest)}, highest ${format(Math.max(...known))}`;
  });
  return `${title}. ${parts.join("; ")}.`;
}
