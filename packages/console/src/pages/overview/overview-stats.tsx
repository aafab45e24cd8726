/** The four numbers of the overview: nodes in force, requests, failures and latency. */
import { counted, formatCount, formatDuration, formatPercent } from "../../ui/format.js";
import { Sparkline } from "../../ui/sparkline.js";
import { Stat } from "../../ui/stat.js";
import { useNodes } from "../nodes/use-nodes.js";
import { fleetOf } from "./fleet.js";
import classes from "./overview.module.css";
import type { OverviewData } from "./overview-data.js";
import { completeMinutes, QUANTILE_SAMPLES_MIN } from "./overview-traffic.js";

/** From this share of 5xx responses on the number is red. */
const FAILURES_BAD = 0.01;

export function OverviewStats({ traffic }: { readonly traffic: OverviewData["traffic"] }) {
  const { nodes } = useNodes();
  const fleet = fleetOf(nodes);
  const { requests, serverErrors, clientErrors, p50Ms, p95Ms } = traffic.total;
  const minutes = completeMinutes(traffic);
  const failed = requests === 0 ? 0 : serverErrors / requests;
  const hasQuantiles = requests >= QUANTILE_SAMPLES_MIN && p95Ms !== null && p50Ms !== null;
  return (
    <div className={classes.stats}>
      <Stat label="Nodes in force" value={fleet.value} detail={fleet.detail} tone={fleet.tone} to="/nodes">
        <span className={classes.nodes} aria-hidden="true">
          {fleet.statuses.map(({ id, tone }) => (
            <span key={id} data-tone={tone} />
          ))}
        </span>
      </Stat>
      <Stat
        label="Requests"
        value={formatCount(requests)}
        detail={`${formatCount(clientErrors)} with 4xx`}
        to="/traffic?window=1h"
      >
        <Sparkline label="Requests per minute" values={minutes.map((minute) => minute?.requests ?? null)} />
      </Stat>
      <Stat
        label="5xx responses"
        value={requests === 0 ? "–" : formatPercent(failed)}
        detail={`${formatCount(serverErrors)} of ${counted(requests, "request")}`}
        tone={failed >= FAILURES_BAD ? "bad" : "neutral"}
        to="/traffic?window=1h"
      >
        <Sparkline
          label="5xx responses per minute"
          tone={2}
          values={minutes.map((minute) => minute?.serverErrors ?? null)}
        />
      </Stat>
      <Stat
        label="Latency, p95"
        value={hasQuantiles ? formatDuration(p95Ms * 1_000) : "–"}
        detail={
          hasQuantiles
            ? `p50 ${formatDuration(p50Ms * 1_000)}`
            : `Shown from ${QUANTILE_SAMPLES_MIN} requests on`
        }
        to="/traffic?window=1h"
      >
        <Sparkline
          label="p95 in milliseconds"
          tone={5}
          values={minutes.map((minute) =>
            minute === null || minute.requests < QUANTILE_SAMPLES_MIN ? null : minute.p95Ms,
          )}
        />
      </Stat>
    </div>
  );
}
