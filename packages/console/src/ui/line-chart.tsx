/**
 * A line chart over time in SVG, with the exact numbers under a crosshair and in a table for screen readers. A null is a gap
 * in the line; bands say why there is one. Draws what it is given.
 */
import { type ScaleTime, scaleLinear, scaleTime } from "d3-scale";
import { useState } from "react";
import { ChartAxes, ChartBands, ChartMarks, MARK_PIXELS } from "./chart-axes.js";
import { ChartCursor, useChartCursor } from "./chart-cursor.js";
import { ChartLines, pointOf } from "./chart-lines.js";
import type { LineChartProps, Series } from "./chart-series.js";
import { drawnSeries, highestOf } from "./chart-stack.js";
import { ChartTable } from "./chart-table.js";
import { exactText } from "./chart-time.js";
import classes from "./line-chart.module.css";
import { useWidth } from "./use-width.js";

const margin = { left: 56, right: 12, top: 10, bottom: 24 } as const;

export function LineChart(props: LineChartProps) {
  const { title, domain, timesMs, series, bands, marks = [], format, height = 190, noteAt } = props;
  const drawn = drawnSeries(series, props.isStacked === true);
  const [ownHovered, setOwnHovered] = useState<number | null>(null);
  const { index: hovered, set: setHovered } = props.hover ?? { index: ownHovered, set: setOwnHovered };
  const { width, box } = useWidth();
  const last = timesMs.length - 1;
  const shown = hovered === null || hovered > last ? last : hovered;
  const highest = highestOf(drawn);
  const x = scaleTime([...domain], [margin.left, width - margin.right]);
  const y = scaleLinear([0, highest === 0 ? 1 : highest], [height - margin.bottom, margin.top]).nice(4);

  const cursor = useChartCursor({
    timesMs,
    index: hovered,
    set: setHovered,
    timeAt: (left) => x.invert(left).getTime(),
  });
  const timeText = timesMs[shown] === undefined ? "" : exactText(timesMs[shown], domain);
  const valueTextOf = ({ values }: Series): string => {
    const value = values[shown] ?? null;
    return value === null ? "–" : format(value);
  };

  return (
    <figure className={classes.figure}>
      <figcaption className={classes.head}>
        <span className={classes.title}>{title}</span>
        <span className={classes.legend}>
          {hovered !== null && timeText !== "" && <span>{timeText}</span>}
          {hovered !== null && <MarkNotes marks={marks} near={x(timesMs[shown] ?? 0)} x={x} />}
          {noteAt !== undefined && shown >= 0 && <span>{noteAt(shown)}</span>}
          {series.map((each) => (
            <span
              key={each.name}
              className={classes.key}
              data-tone={each.tone}
              data-loose={each.isLoose || undefined}
            >
              {each.name} <strong>{valueTextOf(each)}</strong>
            </span>
          ))}
        </span>
      </figcaption>
      <div ref={box} className={classes.box}>
        <svg
          width={width}
          height={height}
          role="img"
          aria-label={summary(title, series, format)}
          {...cursor.drawing}
        >
          <ChartBands x={x} top={margin.top} bottom={height - margin.bottom} bands={bands} />
          <ChartAxes x={x} y={y} domain={domain} width={width} height={height} format={format} />
          <ChartLines x={x} y={y} timesMs={timesMs} drawn={drawn} />
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
              {drawn.map((each) => {
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
        <ChartCursor
          title={title}
          index={hovered}
          text={[timeText, ...series.map((each) => `${each.name} ${valueTextOf(each)}`)].join(", ")}
          slider={cursor.slider}
        />
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

/** What was changed about the time of the crosshair. */
function MarkNotes({
  marks,
  near,
  x,
}: Required<Pick<LineChartProps, "marks">> & {
  /** Pixels. */
  readonly near: number;
  readonly x: ScaleTime<number, number>;
}) {
  return marks
    .filter(({ atMs }) => Math.abs(x(atMs) - near) <= MARK_PIXELS / 2)
    .slice(0, 1)
    .map(({ atMs, label }) => (
      <span key={atMs} className={`lk-ellipsis ${classes.markNote}`}>
        {label}
      </span>
    ));
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
