/** The most frequent 4xx and 5xx responses of the last hour: the gateway's by their code, integrations' by their status. */
import { Link } from "react-router";
import { formatCount } from "../../ui/format.js";
import { Sparkline } from "../../ui/sparkline.js";
import { Tag } from "../../ui/tag.js";
import classes from "./overview.module.css";
import type { OverviewData } from "./overview-data.js";
import { completeCounts } from "./overview-traffic.js";

export interface TopErrorsProps {
  readonly ranked: OverviewData["overview"]["topErrors"];
  readonly traffic: OverviewData["traffic"];
}

export function TopErrors({ ranked, traffic }: TopErrorsProps) {
  if (ranked.length === 0) return <p className={classes.nothing}>No errors in the last hour.</p>;
  return (
    <ol className={classes.ranking} aria-label="Top errors">
      {ranked.map(({ status, errorCode, requests, perMinute }) => (
        <li key={`${status} ${errorCode ?? ""}`} className={classes.ranked} data-kind="error">
          <span className={classes.rankedName}>
            <Link to={requestsWith(status, errorCode)} className={classes.rankedError}>
              <Tag tone={status >= 500 ? "bad" : "warn"}>{status}</Tag>
              {errorCode === null ? (
                <span className="lk-ellipsis">By integrations</span>
              ) : (
                <code>{errorCode}</code>
              )}
            </Link>
          </span>
          <span className={classes.rankedChart}>
            <Sparkline
              label="Responses per minute"
              tone={status >= 500 ? 2 : 4}
              values={completeCounts(perMinute, traffic)}
              height={24}
            />
          </span>
          <span className={classes.rankedCount}>{formatCount(requests)}</span>
        </li>
      ))}
    </ol>
  );
}

/** Those of the last hour that are kept. */
function requestsWith(status: number, errorCode: string | null): string {
  return `/requests?${new URLSearchParams(errorCode === null ? { status: String(status) } : { code: errorCode })}`;
}
