/** Requests of the last hour by the minute: successful, 4xx and 5xx, stacked. */
import { useMemo } from "react";
import { BarChart } from "../../ui/bar-chart.js";
import { formatCount } from "../../ui/format.js";
import { Panel } from "../../ui/page.js";
import { uncountedBands } from "../traffic/traffic-gaps.js";
import type { OverviewData } from "./overview-data.js";
import { completeMinutes } from "./overview-traffic.js";

const MINUTE_MS = 60_000;

export function TrafficBars({ traffic }: { readonly traffic: OverviewData["traffic"] }) {
  const { timesMs, series, domain, bands } = useMemo(() => toBars(traffic), [traffic]);
  return (
    <Panel>
      <BarChart
        title="Requests per minute"
        domain={domain}
        timesMs={timesMs}
        series={series}
        bands={bands}
        format={formatCount}
      />
    </Panel>
  );
}

function toBars(traffic: OverviewData["traffic"]) {
  const starts = traffic.points.slice(0, -1).map(({ at }) => Date.parse(at));
  const minutes = completeMinutes(traffic);
  const domain = [starts[0] ?? 0, (starts.at(-1) ?? 0) + MINUTE_MS] as const;
  const valuesOf = (of: (minute: NonNullable<(typeof minutes)[number]>) => number) =>
    minutes.map((minute) => (minute === null ? null : of(minute)));
  return {
    domain,
    timesMs: starts.map((startMs) => startMs + MINUTE_MS / 2),
    bands: uncountedBands(traffic.since, domain),
    series: [
      {
        name: "2xx, 3xx",
        tone: 1 as const,
        values: valuesOf((minute) => minute.requests - minute.clientErrors - minute.serverErrors),
      },
      { name: "4xx", tone: 4 as const, values: valuesOf((minute) => minute.clientErrors) },
      { name: "5xx", tone: 2 as const, values: valuesOf((minute) => minute.serverErrors) },
    ],
  };
}
