/** What an integration or a route had to do in the last hour: requests, and the share of errors. */
import { formatCount, formatPercent } from "../../ui/format.js";
import classes from "./recent-usage.module.css";

export interface RecentUsageValue {
  readonly requests: number;
  readonly clientErrors: number;
  readonly serverErrors: number;
  readonly p95Ms: number | null;
}

export function RecentRequests({ usage }: { readonly usage: RecentUsageValue }) {
  return (
    <span className={usage.requests === 0 ? "lk-muted" : undefined} title={slowness(usage)}>
      {formatCount(usage.requests)}
    </span>
  );
}

/** Of the integration's and the gateway's, by class. */
export function RecentErrors({ usage }: { readonly usage: RecentUsageValue }) {
  const { requests, clientErrors, serverErrors } = usage;
  if (requests === 0) return <span className="lk-muted">–</span>;
  if (clientErrors + serverErrors === 0) return <span className="lk-muted">0% failed</span>;
  return (
    <span className={classes.errors}>
      {serverErrors > 0 && (
        <span className={classes.server}>{formatPercent(serverErrors / requests)} 5xx</span>
      )}
      {clientErrors > 0 && (
        <span className={classes.client}>{formatPercent(clientErrors / requests)} 4xx</span>
      )}
    </span>
  );
}

function slowness({ p95Ms }: RecentUsageValue): string {
  return p95Ms === null ? "Too few requests for a p95" : `p95 about ${p95Ms.toFixed(1)} ms`;
}
