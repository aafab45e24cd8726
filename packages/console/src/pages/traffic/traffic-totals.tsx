/** What the charts come to: rate, requests, share of errors, latency and bytes. */
import { formatBytes, formatCount, formatDuration, formatPercent, formatRate } from "../../ui/format.js";
import classes from "./traffic.module.css";
import { hasQuantiles, type PreviousTraffic, QUANTILE_REQUESTS_MIN, type Totals } from "./traffic-points.js";
import type { LatencyTotal } from "./use-traffic.js";

/** Between a number and its unit. */
const NO_BREAK = "\u00a0";

export interface TrafficTotalsProps {
  readonly totals: Totals;
  readonly latency: LatencyTotal | null;
  /** Of the window. */
  readonly label: string;
  readonly previous: PreviousTraffic | null;
}

export function TrafficTotals({ totals, latency, label, previous }: TrafficTotalsProps) {
  return (
    <dl className={classes.totals}>
      <Total
        label={totals.rate?.label ?? "Rate now"}
        value={totals.rate === null ? "–" : formatRate(totals.rate.perSecond)}
      />
      <Total
        label={`Requests, ${label}`}
        value={formatCount(totals.requests)}
        detail={previous?.compared == null ? undefined : changeText(previous.compared)}
      />
      <Total
        label="Errors"
        value={totals.requests === 0 ? "–" : formatPercent(totals.errors / totals.requests)}
        isBad={totals.requests > 0 && totals.errors / totals.requests >= 0.05}
      />
      <LatencyTotalCard latency={latency} />
      <Total label="Transferred" value={formatBytes(totals.bytes)} />
    </dl>
  );
}

function LatencyTotalCard({ latency }: Pick<TrafficTotalsProps, "latency">) {
  const label = "Latency, p95";
  if (latency === null || !hasQuantiles(latency) || latency.p95Ms === null)
    return <Total label={label} value="–" detail={`From ${QUANTILE_REQUESTS_MIN} requests on`} />;
  const text = (ms: number | null): string =>
    ms === null ? "–" : formatDuration(ms * 1_000).replace(" ", NO_BREAK);
  return (
    <Total
      label={label}
      value={text(latency.p95Ms)}
      detail={`p50 ${text(latency.p50Ms)}, p99 ${text(latency.p99Ms)}`}
    />
  );
}

/** `12% more than before`. */
function changeText({ now, before }: NonNullable<PreviousTraffic["compared"]>): string {
  if (before === 0) return now === 0 ? "as before" : "none before";
  const change = now / before - 1;
  return change === 0
    ? "as before"
    : `${formatPercent(Math.abs(change))} ${change > 0 ? "more" : "fewer"} than before`;
}

function Total({
  label,
  value,
  detail,
  isBad = false,
}: {
  readonly label: string;
  readonly value: string;
  readonly detail?: string | undefined;
  readonly isBad?: boolean;
}) {
  return (
    <div className={classes.total} data-bad={isBad || undefined}>
      <dt>{label}</dt>
      <dd>
        {value}
        {detail !== undefined && <span className={classes.totalDetail}>{detail}</span>}
      </dd>
    </div>
  );
}
