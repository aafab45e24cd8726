/** What the requests with a key came to in the last hour: responses of integrations by class, and refusals of the gateway. */
import { BarChart } from "../../ui/bar-chart.js";
import { formatCount } from "../../ui/format.js";
import { Panel } from "../../ui/page.js";
import { countedSinceMs, uncountedBands } from "../traffic/traffic-gaps.js";
import type { KeyPageData } from "./use-key-page.js";

const MINUTE_MS = 60_000;

type Point = KeyPageData["traffic"]["points"][number];

export function KeyOutcomes({ traffic }: { readonly traffic: KeyPageData["traffic"] }) {
  // The last point is still being filled.
  const points = traffic.points.slice(0, -1);
  const sinceMs = countedSinceMs(traffic.since);
  const starts = points.map(({ at }) => Date.parse(at));
  const domain = [starts[0] ?? 0, (starts.at(-1) ?? 0) + MINUTE_MS] as const;
  const valuesOf = (of: (point: Point) => number) =>
    points.map((point, index) => ((starts[index] ?? 0) + MINUTE_MS <= sinceMs ? null : of(point)));
  return (
    <Panel>
      <BarChart
        title="Requests per minute"
        domain={domain}
        timesMs={starts.map((startMs) => startMs + MINUTE_MS / 2)}
        bands={uncountedBands(traffic.since, domain)}
        format={formatCount}
        series={[
          {
            name: "2xx, 3xx",
            tone: 1,
            values: valuesOf((point) => point.requests - point.clientErrors - point.serverErrors),
          },
          { name: "4xx", tone: 4, values: valuesOf((point) => point.clientErrors - point.refused) },
          { name: "5xx", tone: 2, values: valuesOf((point) => point.serverErrors) },
          { name: "Refused", tone: 5, values: valuesOf((point) => point.refused) },
        ]}
      />
    </Panel>
  );
}
