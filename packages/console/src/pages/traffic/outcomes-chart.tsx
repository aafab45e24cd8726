/** What the requests of a scope came to, minute by minute: responses by class, and refusals of the gateway where they are counted. */
import { BarChart } from "../../ui/bar-chart.js";
import { formatCount } from "../../ui/format.js";
import { countedSinceMs, uncountedBands } from "./traffic-gaps.js";

const MINUTE_MS = 60_000;

export interface OutcomePoint {
  readonly at: string;
  readonly requests: number;
  readonly clientErrors: number;
  readonly serverErrors: number;
  /** Refusals of the gateway, which are among the client errors. Without it: none can be in this scope. */
  readonly refused?: number;
}

export interface Outcomes {
  /** When counts begin; null: there are none. */
  readonly since: string | null;
  readonly points: readonly OutcomePoint[];
}

export function OutcomesChart({ outcomes }: { readonly outcomes: Outcomes }) {
  // The last point is still being filled.
  const points = outcomes.points.slice(0, -1);
  const sinceMs = countedSinceMs(outcomes.since);
  const starts = points.map(({ at }) => Date.parse(at));
  const domain = [starts[0] ?? 0, (starts.at(-1) ?? 0) + MINUTE_MS] as const;
  const valuesOf = (of: (point: OutcomePoint) => number) =>
    points.map((point, index) => ((starts[index] ?? 0) + MINUTE_MS <= sinceMs ? null : of(point)));
  const hasRefused = points.some(({ refused }) => refused !== undefined);
  return (
    <BarChart
      title="Requests per minute"
      domain={domain}
      timesMs={starts.map((startMs) => startMs + MINUTE_MS / 2)}
      bands={uncountedBands(outcomes.since, domain)}
      format={formatCount}
      series={[
        {
          name: "2xx, 3xx",
          tone: 1,
          values: valuesOf((point) => point.requests - point.clientErrors - point.serverErrors),
        },
        { name: "4xx", tone: 4, values: valuesOf((point) => point.clientErrors - (point.refused ?? 0)) },
        { name: "5xx", tone: 2, values: valuesOf((point) => point.serverErrors) },
        ...(hasRefused
          ? [{ name: "Refused", tone: 5 as const, values: valuesOf((point) => point.refused ?? 0) }]
          : []),
      ]}
    />
  );
}
