/** The columns of the list of subscriptions. */
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { SubscriptionListQuery } from "../../gen/subscriptions.js";
import type { Column } from "../../ui/column.js";
import { formatCount } from "../../ui/format.js";
import { RowLink } from "../../ui/row-link.js";
import { TimeAgo } from "../../ui/time-ago.js";

export type SubscriptionRow = SubscriptionListQuery["subscriptions"]["nodes"][number];

export function subscriptionColumns(
  menu: (row: SubscriptionRow) => ReactNode,
): readonly Column<SubscriptionRow>[] {
  return [
    {
      key: "name",
      label: "Subscription",
      kind: "title",
      orderBy: "NAME",
      cell: (row) => <RowLink to={`/apis?subscription=${row.id}`}>{row.name}</RowLink>,
    },
    {
      key: "apis",
      label: "APIs",
      kind: "number",
      cell: (row) => <Link to={`/apis?subscription=${row.id}`}>{formatCount(row.apis.totalCount)}</Link>,
    },
    {
      key: "integrations",
      label: "Integrations",
      kind: "number",
      cell: (row) => (
        <Link to={`/integrations?subscription=${row.id}`}>{formatCount(row.integrations.totalCount)}</Link>
      ),
    },
    {
      key: "created",
      label: "Created",
      orderBy: "CREATED_AT",
      cell: (row) => <TimeAgo at={row.createdAt} />,
    },
    { key: "actions", label: "Actions", kind: "actions", cell: menu },
  ];
}
