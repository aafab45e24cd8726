/** Live traffic of one API, by route and node. */
import { NativeSelect } from "@mantine/core";
import { useMemo } from "react";
import { useQuery } from "urql";
import { ApiRoutesDocument } from "../../gen/api-routes.js";
import { useListParams } from "../../ui/use-list-params.js";
import { useApiHead } from "../apis/api-head.js";
import { NodeSelect } from "./node-select.js";
import { RequestTail } from "./request-tail.js";
import classes from "./traffic.module.css";
import { TrafficCharts } from "./traffic-charts.js";
import { windowOf } from "./traffic-window.js";
import { UsageGroups } from "./usage-groups.js";
import { WindowControl } from "./window-control.js";

export function ApiTrafficPage() {
  const api = useApiHead();
  const params = useListParams();
  const routeId = params.get("route");
  const nodeId = params.get("node");
  const window = windowOf(params.get("window"));
  const isCompared = params.get("compare") === "1";
  const [{ data }] = useQuery({ query: ApiRoutesDocument, variables: { id: api.id } });
  const scope = useMemo(
    () => ({
      apiId: api.id,
      routeId: routeId === "" ? null : routeId,
      nodeId: nodeId === "" ? null : nodeId,
    }),
    [api.id, routeId, nodeId],
  );
  return (
    <>
      <search className={classes.filters}>
        <NativeSelect
          aria-label="Route"
          value={routeId}
          onChange={(event) => params.set({ route: event.currentTarget.value })}
          data={[
            { value: "", label: "All routes" },
            ...(data?.api?.routes ?? []).map((route) => ({
              value: route.id,
              label: `${route.method} ${route.path}`,
            })),
          ]}
        />
        <NodeSelect value={nodeId} onChange={(node) => params.set({ node })} />
        <WindowControl
          window={window}
          onChange={(value) => params.set({ window: value })}
          isCompared={isCompared}
          onCompare={(isOn) => params.set({ compare: isOn ? "1" : null })}
        />
      </search>
      <TrafficCharts scope={scope} window={window} isCompared={isCompared} />
      {!window.isLive && <UsageGroups scope={scope} window={window} />}
      <RequestTail scope={scope} />
    </>
  );
}
