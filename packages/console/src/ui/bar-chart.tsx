/**
 * Stacked bars over time in SVG: what requests came to, minute by minute. The exact numbers are under a crosshair and in a
 * table for screen readers. A null is a time of which nothing is known: no bar, and a band that says why.
 */
import { scaleLinear, scaleTime } from "d3-scale";
import { useState } from "react";
import classes from "./bar-chart.module.css";
import { ChartAxes, ChartBands } from "./chart-axes.js";
import { ChartCursor, useChartCursor } from "./chart-cursor.js";
import type { LineChartProps, Series } from "./chart-series.js";
import { ChartTable } from "./chart-table.js";
import { exactText } from "./chart-time.js";
import lineClasses from "./line-chart.module.css";
import { useWidth } from "./use-width.js";

const margin = { left: 44, right: 4, top: 8, bottom: 24 } as const;
const BAR_SHARE = 0.72;
/** Below, the axis would have fractions of requests. */
const TOP_MIN = 4;

export function BarChart(props: LineChartProps) {
  const { title, domain, timesMs, series, bands, format, height = 200 } = props;
  const [hovered, setHovered] = useState<number | null>(null);
  const { width, box } = useWidth();
  const totals = timesMs.map((_, index) => series.reduce((sum, each) => sum + (each.values[index] ?? 0), 0));
  const x = scaleTime([...domain], [margin.left, width - margin.right]);
  const y = scaleLinear([0, Math.max(TOP_MIN, ...totals)], [height - margin.bottom, margin.top]).nice(4);
  const barWidth = Math.max(
    1,
    ((width - margin.left - margin.right) / Math.max(1, timesMs.length)) * BAR_SHARE,
  );

  const cursor = useChartCursor({
    timesMs,
    index: hovered,
    set: setHovered,
    timeAt: (left) => x.invert(left).getTime(),
  });
  const shownMs = hovered === null ? undefined : timesMs[hovered];
  const timeText = shownMs === undefined ? "All" : exactText(shownMs, domain);
  const valueTextOf = (each: Series): string => format(shownValue(each, hovered));

  return (
    <figure className={lineClasses.figure}>
      <figcaption className={lineClasses.head}>
        <span className={lineClasses.title}>{title}</span>
        <span className={lineClasses.legend}>
          {shownMs !== undefined && <span>{timeText}</span>}
          {series.map((each) => (
            <span key={each.name} className={lineClasses.key} data-tone={each.tone}>
              {each.name} <strong>{valueTextOf(each)}</strong>
            </span>
          ))}
        </span>
      </figcaption>
      <div ref={box} className={lineClasses.box}>
        <svg
          width={width}
          height={height}
          role="img"
          aria-label={summary(title, series, format)}
          {...cursor.drawing}
        >
          <ChartBands x={x} top={margin.top} bottom={height - margin.bottom} bands={bands} />
          <ChartAxes x={x} y={y} domain={domain} width={width} height={height} format={format} />
          {timesMs.map((timeMs, index) => (
            <g key={timeMs} className={classes.bar} data-hovered={index === hovered || undefined}>
              {stack(series, index).map(({ tone, from, to }) => (
                <rect
                  key={tone}
                  data-tone={tone}
                  x={x(timeMs) - barWidth / 2}
                  width={barWidth}
                  y={y(to)}
                  height={y(from) - y(to)}
                />
              ))}
            </g>
          ))}
        </svg>
        <ChartCursor
          title={title}
          index={hovered}
          text={[timeText, ...series.map((each) => `${each.name} ${valueTextOf(each)}`)].join(", ")}
          slider={cursor.slider}
        />
      </div>
      <ChartTable {...{ title, domain, timesMs, series, bands, format }} />
    </figure>
  );
}

/** Of the bar under the pointer; without one, of all bars together. */
function shownValue({ values }: Series, hovered: number | null): number {
  if (hovered !== null) return values[hovered] ?? 0;
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}

interface Piece {
  readonly tone: Series["tone"];
  readonly from: number;
  readonly to: number;
}

function stack(series: readonly Series[], index: number): readonly Piece[] {
  let top = 0;
  return series.flatMap(({ tone, values }) => {
    const from = top;
    top += values[index] ?? 0;
    return top > from ? [{ tone, from, to: top }] : [];
  });
}

function summary(title: string, series: readonly Series[], format: (value: number) => string): string {
  return `${title}. ${series.map((each) => `${each.name}: ${format(shownValue(each, null))}`).join("; ")}.`;
}
