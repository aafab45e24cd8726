/** What was done to one API. */
import { Panel } from "../../ui/page.js";
import { useListParams } from "../../ui/use-list-params.js";
import { useApiHead } from "../apis/api-layout.js";
import { ActivityList } from "./activity-list.js";

export function ApiActivityPage() {
  const api = useApiHead();
  const list = useListParams();
  return (
    <Panel
      title="Activity"
      description="Changes of this API's form. Those of its keys stand in the whole log."
      padded={false}
    >
      <ActivityList list={list} filter={{ targetId: api.id }} />
    </Panel>
  );
}
