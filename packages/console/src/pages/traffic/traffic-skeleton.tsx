/** Totals and charts before there is data, in the measures of what will stand there. */
import { Skeleton } from "@mantine/core";
import { Panel } from "../../ui/page.js";
import classes from "./traffic.module.css";

/** Title and plot of a chart. */
const CHART_HEIGHTS = [217, 217, 247];

export function TrafficSkeleton({ labels }: { readonly labels: readonly string[] }) {
  return (
    <>
      <dl className={classes.totals} aria-busy="true">
        {labels.map((label) => (
          <div key={label} className={classes.total}>
            <dt>{label}</dt>
            <dd>–</dd>
          </div>
        ))}
      </dl>
      <div className={classes.charts} role="status" aria-label="Loading">
        {CHART_HEIGHTS.map((height, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: they have no other names
          <Panel key={index}>
            <Skeleton height={height} />
          </Panel>
        ))}
      </div>
    </>
  );
}
