/** The audit log, newest first: who did what to what. A row opens its details. */
import { useLocation } from "react-router";
import { ActivityDocument } from "../../gen/activity.js";
import { ListPanel } from "../../ui/list-panel.js";
import { useList } from "../../ui/use-list.js";
import { activityColumns } from "./activity-columns.js";
import { activityFilter, filterNames } from "./activity-filter.js";
import { ActivityFilters } from "./activity-filters.js";
import { EntryDrawer } from "./entry-drawer.js";
import { ExportMenu } from "./export-menu.js";

export interface ActivityListProps {
  /** Only of this API and its keys; null: of everything. */
  readonly apiId: string | null;
  readonly title?: string;
  readonly description?: string;
}

export function ActivityList({ apiId, title, description }: ActivityListProps) {
  const { search } = useLocation();
  const list = useList({
    query: ActivityDocument,
    variables: ({ get }) => ({ filter: activityFilter(get, apiId) }),
    connection: (data) => data.auditLog,
    order: null,
  });
  const { params, rows } = list;
  const linkTo = (id: string) => {
    const next = new URLSearchParams(search);
    next.set("entry", id);
    return `?${next}`;
  };
  return (
    <>
      <ListPanel
        name="activity"
        list={list}
        noun={["entry", "entries"]}
        columns={activityColumns(linkTo)}
        rowName={(entry) => entry.id}
        {...(title !== undefined && { title })}
        description={description}
        actions={<ExportMenu filter={activityFilter(params.get, apiId)} total={list.extent.total} />}
        filters={<ActivityFilters params={params} />}
        filterNames={filterNames}
        nothingFound="Operators, addresses and ids must match exactly."
        empty={{
          icon: "history",
          title: "Nothing happened here yet",
          text: "Every change is recorded here, with the values before and after.",
        }}
      />
      <EntryDrawer
        id={params.get("entry") || null}
        listed={rows?.find(({ id }) => id === params.get("entry")) ?? null}
        onClose={() => params.keep({ entry: null })}
      />
    </>
  );
}
