/** Everything that people changed, with filters by action and operator. */
import { NativeSelect } from "@mantine/core";
import { Page, Panel } from "../../ui/page.js";
import { SearchField } from "../../ui/search-field.js";
import toolbar from "../../ui/toolbar.module.css";
import { useListParams } from "../../ui/use-list-params.js";
import { ActivityList } from "./activity-list.js";

const actions = [
  "api.create",
  "api.update",
  "api.delete",
  "apiKey.create",
  "apiKey.update",
  "apiKey.regenerate",
  "apiKey.reveal",
  "apiKey.delete",
  "integration.create",
  "integration.update",
  "integration.delete",
  "subscription.create",
  "subscription.update",
  "subscription.delete",
  "node.create",
  "node.regenerateToken",
  "node.delete",
  "node.refuse",
  "session.create",
  "session.end",
  "access.refuse",
  "epoch.begin",
];

export function ActivityPage() {
  const list = useListParams();
  const action = list.get("action");
  const actor = list.get("actor");
  return (
    <Page
      title="Activity"
      description="The audit log: who changed what, saw a secret, signed in or was refused. Secrets never appear in it."
    >
      <Panel padded={false}>
        <search className={toolbar.toolbar}>
          <NativeSelect
            aria-label="Action"
            value={action}
            onChange={(event) => list.set({ action: event.currentTarget.value })}
            data={[{ value: "", label: "All actions" }, ...actions]}
          />
          <SearchField
            value={actor}
            onChange={(name) => list.set({ actor: name })}
            label="Operator"
            placeholder="Operator, by exact name"
          />
        </search>
        <ActivityList
          list={list}
          filter={{ ...(action === "" ? {} : { action }), ...(actor === "" ? {} : { actor }) }}
        />
      </Panel>
    </Page>
  );
}
