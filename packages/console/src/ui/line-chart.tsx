/**
 * A line chart over time in SVG, with the exact numbers on hover and in a table for screen readers. A null is a gap in
 * the line; bands say why there is one. Draws what it is given.
 */
import { scaleLinear, scaleTime } from "d3-scale";
import { type PointerEvent, useState } from "react";
import { ChartAxes, ChartBands, ChartMarks } from "./chart-axes.js";
import { ChartLines, pointOf } from "./chart-lines.js";
import type { LineChartProps, Series } from "./chart-series.js";
import { ChartTable } from "./chart-table.js";
import { exactText } from "./chart-time.js";
import classes from "./line-chart.module.css";
import { useWidth } from "./use-width.js";

const margin = { left: 56, right: 12, top: 10, bottom: 24 } as const;

export function LineChart(props: LineChartProps) {
  const { title, domain, timesMs, series, bands, marks = [], format, height = 190, noteAt } = props;
  const [ownHovered, setOwnHovered] = useState<number | null>(null);
  const { index: hovered, set: setHovered } = props.hover ?? { index: ownHovered, set: setOwnHovered };
  const { width, box } = useWidth();
  const last = timesMs.length - 1;
  const shown = hovered === null || hovered > last ? last : hovered;
  const highest = Math.max(0, ...series.flatMap((each) => each.values.filter((value) => value !== null)));
  const x = scaleTime([...domain], [margin.left, width - margin.right]);
  const y = scaleLinear([0, highest === 0 ? 1 : highest], [height - margin.bottom, margin.top]).nice(4);

  function onPointerMove(event: PointerEvent<SVGSVGElement>): void {
    const atMs = x.invert(event.clientX - event.currentTarget.getBoundingClientRect().left).getTime();
    setHovered(nearest(timesMs, atMs));
  }

  return (
    <figure className={classes.figure}>
      <figcaption className={classes.head}>
        <span className={classes.title}>{title}</span>
        <span className={classes.legend}>
          {hovered !== null && timesMs[shown] !== undefined && (
            <span>{exactText(timesMs[shown], domain)}</span>
          )}
          {noteAt !== undefined && shown >= 0 && <span>{noteAt(shown)}</span>}
          {series.map((each) => {
            const value = each.values[shown] ?? null;
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
          <ChartBands x={x} top={margin.top} bottom={height - margin.bottom} bands={bands} />
          <ChartAxes x={x} y={y} domain={domain} width={width} height={height} format={format} />
          <ChartLines x={x} y={y} timesMs={timesMs} series={series} />
          <ChartMarks x={x} top={margin.top} bottom={height - margin.bottom} marks={marks} />
          {hovered !== null && timesMs[hovered] !== undefined && (
            <g>
              <line
                className={classes.cross}
                x1={x(timesMs[hovered])}
                x2={x(timesMs[hovered])}
                y1={margin.top}
                y2={height - margin.bottom}
              />
              {series.map((each) => {
                const point = pointOf(each, hovered, timesMs, x, y);
                return (
                  point !== null && (
                    <circle
                      key={each.name}
                      className={classes.dot}
                      data-tone={each.tone}
                      cx={point[0]}
                      cy={point[1]}
                      r={3.2}
                    />
                  )
                );
              })}
            </g>
          )}
        </svg>
      </div>
      <ChartTable
        title={title}
        domain={domain}
        timesMs={timesMs}
        series={series}
        bands={bands}
        marks={marks}
        format={format}
      />
    </figure>
  );
}

/** Index of the time next to `atMs`; null without any. */
export function nearest(timesMs: readonly number[], atMs: number): number | null {
  let best: number | null = null;
  for (const [index, timeMs] of timesMs.entries())
    if (best === null || Math.abs(timeMs - atMs) < Math.abs((timesMs[best] ?? 0) - atMs)) best = index;
  return best;
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
