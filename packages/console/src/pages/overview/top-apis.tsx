/** The APIs with the most requests of the last hour. */
import { Link } from "react-router";
import { formatCount } from "../../ui/format.js";
import { Sparkline } from "../../ui/sparkline.js";
import classes from "./overview.module.css";
import type { OverviewData } from "./overview-data.js";
import { completeCounts } from "./overview-traffic.js";

export interface TopApisProps {
  readonly ranked: OverviewData["overview"]["topApis"];
  readonly traffic: OverviewData["traffic"];
}

export function TopApis({ ranked, traffic }: TopApisProps) {
  if (ranked.length === 0) return <p className={classes.nothing}>No requests in the last hour.</p>;
  return (
    <ol className={classes.ranking} aria-label="Top APIs">
      {ranked.map(({ api, requests, serverErrors, perMinute }) => (
        <li key={api.id}>
          <Link to={`/apis/${api.id}/traffic?window=1h`} className={classes.ranked}>
            <span className={classes.rankedName}>
              <bdi className="lk-ellipsis">{api.title}</bdi>
              {serverErrors > 0 && (
                <span className={classes.rankedBad}>{formatCount(serverErrors)} failed with 5xx</span>
              )}
            </span>
            <span className={classes.rankedChart}>
              <Sparkline
                label="Requests per minute"
                values={completeCounts(perMinute, traffic)}
                height={24}
              />
            </span>
            <span className={classes.rankedCount}>{formatCount(requests)}</span>
          </Link>
        </li>
      ))}
    </ol>
  );
}
