/** The newest values of a chart as a table, and what is missing, for screen readers. */

import type { LineChartProps } from "./chart-series.js";
import { exactText } from "./chart-time.js";

const ROWS_MAX = 30;

type ChartTableProps = Pick<
  LineChartProps,
  "title" | "domain" | "timesMs" | "series" | "bands" | "marks" | "format"
>;

export function ChartTable({ title, domain, timesMs, series, bands, marks = [], format }: ChartTableProps) {
  const from = Math.max(0, timesMs.length - ROWS_MAX);
  return (
    // A table does not shrink to the size that hides it; its frame does.
    <div className="lk-visually-hidden">
      {bands.map((band) => (
        <p key={`${band.label} ${band.fromMs}`}>
          {band.label}: {exactText(band.fromMs, domain)} to {exactText(band.toMs, domain)}
        </p>
      ))}
      {marks.map(({ atMs, label }) => (
        <p key={`${label} ${atMs}`}>
          {label}: {exactText(atMs, domain)}
        </p>
      ))}
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
              <th scope="row">{exactText(timeMs, domain)}</th>
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
