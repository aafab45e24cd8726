/** Kept requests by time and outcome, and how many of all requests are kept. */
import { useQuery } from "urql";
import { MessageCountsDocument, type MessageCountsQuery } from "../../gen/requests.js";
import { BarChart } from "../../ui/bar-chart.js";
import { sinceText } from "../../ui/chart-time.js";
import { Failure } from "../../ui/failure.js";
import { formatCount } from "../../ui/format.js";
import { Panel } from "../../ui/page.js";
import type { MessageFilter } from "./message-filter.js";
import classes from "./requests.module.css";

const BUCKETS = 60;

type Counts = MessageCountsQuery["messageHistogram"];

export function MessageHistogram({ filter }: { readonly filter: MessageFilter }) {
  const [{ data, error }, execute] = useQuery({
    query: MessageCountsDocument,
    variables: { filter, buckets: BUCKETS },
    requestPolicy: "network-only",
  });
  const counts = data?.messageHistogram;
  return (
    <Panel>
      {counts === undefined && error !== undefined && (
        <Failure error={error} retry={() => execute({ requestPolicy: "network-only" })} />
      )}
      {counts === undefined && error === undefined && (
        <div className={classes.noChart} role="status" aria-label="Loading" />
      )}
      {counts !== undefined && (
        <>
          <BarChart {...toBars(counts)} title="Kept requests" format={formatCount} height={150} />
          <Coverage {...counts.coverage} />
        </>
      )}
    </Panel>
  );
}

function Coverage({ requests, kept }: Counts["coverage"]) {
  if (requests <= kept) return null;
  return (
    <p className={classes.coverage}>
      {kept.toLocaleString("en")} of {requests.toLocaleString("en")} requests of all APIs in this time are
      kept: failed ones first, then a sample.
    </p>
  );
}

function toBars({ buckets, countedBackTo }: Counts) {
  const starts = buckets.map(({ at }) => Date.parse(at));
  const widthMs = ((starts.at(-1) ?? 0) - (starts[0] ?? 0)) / (BUCKETS - 1);
  const domain = [starts[0] ?? 0, (starts.at(-1) ?? 0) + widthMs] as const;
  const countedMs = countedBackTo === null ? null : Date.parse(countedBackTo);
  const valuesOf = (of: (bucket: Counts["buckets"][number]) => number) =>
    buckets.map((bucket, index) =>
      countedMs !== null && (starts[index] ?? 0) < countedMs ? null : of(bucket),
    );
  return {
    domain,
    timesMs: starts.map((startMs) => startMs + widthMs / 2),
    bands:
      countedMs === null
        ? []
        : [
            {
              fromMs: domain[0],
              toMs: countedMs,
              label: `Counted back to ${sinceText(countedMs, domain[1])}`,
            },
          ],
    series: [
      { name: "2xx, 3xx", tone: 1 as const, values: valuesOf(({ succeeded }) => succeeded) },
      { name: "4xx", tone: 4 as const, values: valuesOf(({ clientErrors }) => clientErrors) },
      { name: "5xx", tone: 2 as const, values: valuesOf(({ serverErrors }) => serverErrors) },
    ],
  };
}
