/** Grey shapes while data is on its way, in the measures of what will stand there. */
import { Skeleton } from "@mantine/core";
import classes from "./skeletons.module.css";

export function PageSkeleton() {
  return (
    <div className={classes.page} role="status" aria-label="Loading">
      <Skeleton height={26} width={220} />
      <Skeleton height={14} width={340} />
      <RowsSkeleton rows={6} />
    </div>
  );
}

export function RowsSkeleton({ rows = 8 }: { readonly rows?: number }) {
  return (
    <div className={classes.rows} role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike
        <div key={index} className={classes.row}>
          <Skeleton height={12} width={`${30 + ((index * 17) % 35)}%`} />
          <Skeleton height={10} width={`${20 + ((index * 29) % 30)}%`} />
        </div>
      ))}
    </div>
  );
}
