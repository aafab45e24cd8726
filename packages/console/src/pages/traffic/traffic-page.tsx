/** Live traffic of everything, of one API or of one node. The choice stands in the address. */
import { useMemo } from "react";
import { LiveTag } from "../../ui/live-tag.js";
import { Page } from "../../ui/page.js";
import { useListParams } from "../../ui/use-list-params.js";
import { ApiSelect } from "../apis/api-select.js";
import { NodeSelect } from "./node-select.js";
import { RequestTail } from "./request-tail.js";
import classes from "./traffic.module.css";
import { TrafficCharts } from "./traffic-charts.js";
import { windowOf } from "./traffic-window.js";
import { WindowControl } from "./window-control.js";

export function TrafficPage() {
  const params = useListParams();
  const apiId = params.get("api");
  const nodeId = params.get("node");
  const window = windowOf(params.get("window"));
  const scope = useMemo(
    () => ({ apiId: apiId === "" ? null : apiId, routeId: null, nodeId: nodeId === "" ? null : nodeId }),
    [apiId, nodeId],
  );
  return (
    <Page title="Traffic" badges={<LiveTag />} description="From counters that nodes report on their stream.">
      <search className={classes.filters}>
        <ApiSelect
          label="API"
          isLabelHidden
          placeholder="All APIs"
          isClearable
          value={scope.apiId}
          onChange={(api) => params.set({ api: api?.id ?? null })}
        />
        <NodeSelect value={nodeId} onChange={(node) => params.set({ node })} />
        <WindowControl value={window.value} onChange={(value) => params.set({ window: value })} />
      </search>
      <TrafficCharts scope={scope} window={window} />
      <RequestTail scope={scope} />
    </Page>
  );
}
