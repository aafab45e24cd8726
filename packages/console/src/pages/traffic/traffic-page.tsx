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
import { UsageExportMenu } from "./usage-export-menu.js";
import { UsageGroups } from "./usage-groups.js";
import { WindowControl } from "./window-control.js";

export function TrafficPage() {
  const params = useListParams();
  const apiId = params.get("api");
  const nodeId = params.get("node");
  const window = windowOf(params.get("window"));
  const isCompared = params.get("compare") === "1";
  const scope = useMemo(
    () => ({ apiId: apiId === "" ? null : apiId, routeId: null, nodeId: nodeId === "" ? null : nodeId }),
    [apiId, nodeId],
  );
  return (
    <Page
      title="Traffic"
      badges={<LiveTag />}
      description="Requests, errors and latency, as counted by the nodes."
      actions={<UsageExportMenu window={window} />}
    >
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
    </Page>
  );
}
