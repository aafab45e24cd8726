/** The columns of the list of integrations. */
import type { IntegrationListQuery } from "../../gen/integrations.js";
import { RejectionMark } from "../../rejections/rejection-mark.js";
import type { Column } from "../../ui/column.js";
import { formatCount } from "../../ui/format.js";
import { RowLink } from "../../ui/row-link.js";
import tableClasses from "../../ui/table.module.css";
import { Tag } from "../../ui/tag.js";
import { TimeAgo } from "../../ui/time-ago.js";
import { RecentErrors, RecentRequests } from "../traffic/recent-usage.js";

export type IntegrationRow = IntegrationListQuery["integrations"]["nodes"][number];

export const integrationColumns: readonly Column<IntegrationRow>[] = [
  {
    key: "name",
    label: "Integration",
    kind: "title",
    orderBy: "NAME",
    cell: (integration) => (
      <>
        <RowLink to={`/integrations/${integration.id}`}>{integration.name}</RowLink>
        <RejectionMark rejections={integration.rejections} />
        {integration.description !== "" && (
          <span className={`${tableClasses.sub} ${tableClasses.clamped}`} dir="auto">
            {integration.description}
          </span>
        )}
      </>
    ),
  },
  {
    key: "kind",
    label: "Inbound",
    shown: "wide",
    cell: (integration) => (
      <Tag
        tone={integration.routable ? "accent" : "neutral"}
        title={integration.routable ? "Routes can name it" : "Routes cannot name it"}
      >
        {integration.inboundKind}
      </Tag>
    ),
  },
  {
    key: "url",
    label: "Upstream",
    cell: (integration) => (
      <span className={`lk-mono lk-break ${tableClasses.url}`}>
        {integration.urls[0] ?? <span className="lk-muted">–</span>}
        {integration.urls.length > 1 && <span className="lk-muted"> +{integration.urls.length - 1}</span>}
      </span>
    ),
  },
  { key: "method", label: "Method", shown: "chosen", cell: (integration) => integration.method },
  {
    key: "subscription",
    label: "Subscription",
    shown: "wide",
    cell: (integration) => <bdi className="lk-break">{integration.subscription.name}</bdi>,
  },
  {
    key: "routes",
    label: "Routes",
    kind: "number",
    cell: (integration) => formatCount(integration.routeCount),
  },
  {
    key: "requests",
    label: "Requests, last hour",
    kind: "number",
    cell: (integration) => <RecentRequests usage={integration.usage} />,
  },
  {
    key: "errors",
    label: "Errors",
    shown: "wide",
    cell: (integration) => <RecentErrors usage={integration.usage} />,
  },
  {
    key: "updated",
    label: "Changed",
    orderBy: "UPDATED_AT",
    cell: (integration) => <TimeAgo at={integration.updatedAt} />,
  },
  {
    key: "created",
    label: "Created",
    orderBy: "CREATED_AT",
    shown: "chosen",
    cell: (integration) => <TimeAgo at={integration.createdAt} />,
  },
];
