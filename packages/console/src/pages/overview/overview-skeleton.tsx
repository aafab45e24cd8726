/** The overview's shapes while its query is under way. */
import { Skeleton } from "@mantine/core";
import classes from "./overview.module.css";

export function OverviewSkeleton() {
  return (
    <div className={classes.skeleton} role="status" aria-label="Loading">
      <div className={classes.stats}>
        {["nodes", "requests", "errors", "latency"].map((name) => (
          <Skeleton key={name} height={142} />
        ))}
      </div>
      <div className={classes.columns}>
        <div className={classes.main}>
          <Skeleton height={262} />
          <Skeleton height={280} />
        </div>
        <div className={classes.side}>
          <Skeleton height={200} />
          <Skeleton height={320} />
        </div>
      </div>
    </div>
  );
}
