/** The last hour of an API's routes, beside the rows of its form. */
import { VisuallyHidden } from "@mantine/core";
import { createContext, type ReactNode, useContext, useMemo } from "react";
import { useQuery } from "urql";
import { RouteUsageDocument } from "../../gen/route-usage.js";
import { usePolling } from "../../graphql/use-polling.js";
import { RecentErrors, RecentRequests, type RecentUsageValue } from "../traffic/recent-usage.js";
import classes from "./route-rows.module.css";

const POLL_MS = 30_000;

/** By the route's id. Null: there is no API yet, so the rows have no such column. */
const UsageOfRoutes = createContext<ReadonlyMap<string, RecentUsageValue> | null>(null);

export function RouteUsageProvider({
  apiId,
  children,
}: {
  readonly apiId: string;
  readonly children: ReactNode;
}) {
  const [{ data }, execute] = useQuery({
    query: RouteUsageDocument,
    variables: { id: apiId },
    requestPolicy: "cache-and-network",
  });
  usePolling(execute, POLL_MS);
  const usages = useMemo(
    () => new Map((data?.api?.routes ?? []).map(({ id, usage }) => [id, usage])),
    [data],
  );
  return <UsageOfRoutes.Provider value={usages}>{children}</UsageOfRoutes.Provider>;
}

export function useHasRouteUsage(): boolean {
  return useContext(UsageOfRoutes) !== null;
}

/** @param routeId null: the route is not saved yet */
export function RouteUsage({ routeId }: { readonly routeId: string | null }) {
  const usages = useContext(UsageOfRoutes);
  if (usages === null) return null;
  const usage = routeId === null ? undefined : usages.get(routeId);
  return (
    <div className={classes.usage}>
      {usage === undefined ? (
        <span className="lk-muted">–</span>
      ) : (
        <>
          <span>
            <RecentRequests usage={usage} />
            <span className={classes.usageUnit}>{usage.requests === 1 ? " request" : " requests"}</span>
            <VisuallyHidden> in the last hour</VisuallyHidden>
          </span>
          {usage.requests > 0 && <RecentErrors usage={usage} />}
        </>
      )}
    </div>
  );
}
