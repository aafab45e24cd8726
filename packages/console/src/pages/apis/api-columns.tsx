/** The columns of the list of APIs. */
import type { ApiListQuery } from "../../gen/api-list.js";
import { RejectionMark } from "../../rejections/rejection-mark.js";
import type { Column } from "../../ui/column.js";
import { MethodBadge } from "../../ui/method-badge.js";
import { RowLink } from "../../ui/row-link.js";
import tableClasses from "../../ui/table.module.css";
import { Tag } from "../../ui/tag.js";
import { TimeAgo } from "../../ui/time-ago.js";
import classes from "./api-list.module.css";

export type ApiRow = ApiListQuery["apis"]["nodes"][number];

export const apiColumns: readonly Column<ApiRow>[] = [
  {
    key: "title",
    label: "API",
    kind: "title",
    orderBy: "TITLE",
    cell: (api) => (
      <>
        <RowLink to={`/apis/${api.id}`}>{api.title}</RowLink>{" "}
        <span className={tableClasses.badge}>
          <Tag>{api.versionLabel}</Tag>
        </span>
        <RejectionMark rejections={api.rejections} />
        {api.summary !== "" && (
          <span className={`${tableClasses.sub} ${classes.summary}`} dir="auto">
            {api.summary}
          </span>
        )}
      </>
    ),
  },
  { key: "routes", label: "Routes", cell: (api) => <RoutePreview api={api} /> },
  {
    key: "subscription",
    label: "Subscription",
    shown: "wide",
    cell: (api) => <bdi className="lk-break">{api.subscription.name}</bdi>,
  },
  {
    key: "updated",
    label: "Changed",
    orderBy: "UPDATED_AT",
    cell: (api) => <TimeAgo at={api.updatedAt} />,
  },
  {
    key: "created",
    label: "Created",
    orderBy: "CREATED_AT",
    shown: "chosen",
    cell: (api) => <TimeAgo at={api.createdAt} />,
  },
];

function RoutePreview({ api }: { readonly api: ApiRow }) {
  const { routeCount, routePreview } = api;
  if (routeCount === 0) return <span className="lk-muted">No routes yet</span>;
  if (routePreview.length === 0)
    return <span className="lk-muted">{routeCount === 1 ? "1 route" : `${routeCount} routes`}</span>;
  const rest = routeCount - routePreview.length;
  return (
    <ul className={classes.routes}>
      {routePreview.map((route, index) => (
        <li key={route.id}>
          <MethodBadge method={route.method} compact />
          <span className={`lk-mono ${classes.path}`}>{route.path}</span>
          {index === routePreview.length - 1 && rest > 0 && (
            <span className={classes.rest}>+{rest} more</span>
          )}
        </li>
      ))}
    </ul>
  );
}
