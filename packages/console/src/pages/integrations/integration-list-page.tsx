/** All integrations: what routes can lead to, and how many routes do. */
import { Button } from "@mantine/core";
import { Link } from "react-router";
import { useQuery } from "urql";
import { IntegrationListDocument, type IntegrationListQuery } from "../../gen/integrations.js";
import { EmptyState } from "../../ui/empty-state.js";
import { Failure } from "../../ui/failure.js";
import { Icon } from "../../ui/icon.js";
import { Page, Panel } from "../../ui/page.js";
import { Pager } from "../../ui/pager.js";
import { SearchField } from "../../ui/search-field.js";
import { RowsSkeleton } from "../../ui/skeletons.js";
import { type Column, Table } from "../../ui/table.js";
import tableClasses from "../../ui/table.module.css";
import { Tag } from "../../ui/tag.js";
import { TimeAgo } from "../../ui/time-ago.js";
import toolbar from "../../ui/toolbar.module.css";
import { useListParams } from "../../ui/use-list-params.js";
import { SubscriptionSelect } from "../subscriptions/subscription-select.js";

const PAGE_SIZE = 50;

type Row = IntegrationListQuery["integrations"]["nodes"][number];

const columns: readonly Column<Row>[] = [
  {
    key: "name",
    label: "Integration",
    kind: "title",
    cell: (integration) => (
      <>
        <Link to={`/integrations/${integration.id}`} className={tableClasses.linkedTitle}>
          {integration.name}
        </Link>
        {integration.description !== "" && (
          <span className={tableClasses.sub}>{integration.description}</span>
        )}
      </>
    ),
  },
  {
    key: "kind",
    label: "Inbound",
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
      <span className="lk-mono lk-break">
        {integration.urls[0] ?? <span className="lk-muted">–</span>}
        {integration.urls.length > 1 && <span className="lk-muted"> +{integration.urls.length - 1}</span>}
      </span>
    ),
  },
  { key: "subscription", label: "Subscription", cell: (integration) => integration.subscription.name },
  { key: "routes", label: "Routes", kind: "number", cell: (integration) => integration.routeCount },
  { key: "updated", label: "Changed", cell: (integration) => <TimeAgo at={integration.updatedAt} /> },
];

export function IntegrationListPage() {
  const list = useListParams();
  const search = list.get("q");
  const subscription = list.get("subscription");
  const [{ data, error, fetching, stale }, refetch] = useQuery({
    query: IntegrationListDocument,
    variables: {
      ...list.paging(PAGE_SIZE),
      filter: { search: search || null, subscriptionId: subscription || null },
    },
    requestPolicy: "cache-and-network",
  });
  const found = data?.integrations;
  const isFiltered = search !== "" || subscription !== "";
  const newButton = (
    <Button component={Link} to="/integrations/new" leftSection={<Icon name="plus" />}>
      New integration
    </Button>
  );
  return (
    <Page
      title="Integrations"
      description="Targets that routes lead to. Swap the integration behind a route, and callers notice nothing."
      actions={newButton}
    >
      <Panel padded={false}>
        <search className={toolbar.toolbar}>
          <SearchField
            value={search}
            onChange={(q) => list.set({ q })}
            label="Search integrations"
            placeholder="Search name, description or URL"
          />
          <SubscriptionSelect
            label="Subscription"
            isLabelHidden
            placeholder="All subscriptions"
            isClearable
            value={subscription === "" ? null : subscription}
            onChange={(id) => list.set({ subscription: id })}
          />
        </search>
        {error !== undefined && found === undefined && (
          <Failure error={error} retry={() => refetch({ requestPolicy: "network-only" })} />
        )}
        {found === undefined && error === undefined && <RowsSkeleton />}
        {found !== undefined && found.nodes.length > 0 && (
          <>
            <Table
              caption="Integrations"
              columns={columns}
              rows={found.nodes}
              rowKey={(integration) => integration.id}
              isBusy={fetching || stale}
            />
            <Pager
              pageInfo={found.pageInfo}
              shown={found.nodes.length}
              total={found.totalCount}
              noun={["integration", "integrations"]}
              onPage={list.page}
            />
          </>
        )}
        {found !== undefined && found.nodes.length === 0 && (
          <EmptyState
            icon={isFiltered ? "search" : "integration"}
            title={isFiltered ? "No integration matches" : "Make your first integration"}
            action={
              isFiltered ? (
                <Button variant="default" onClick={() => list.set({ q: null, subscription: null })}>
                  Show all integrations
                </Button>
              ) : (
                newButton
              )
            }
          >
            {isFiltered
              ? "Every word must appear in the name, the description or a URL."
              : "An integration is an HTTP endpoint of yours. Once it exists, routes of your APIs can lead to it."}
          </EmptyState>
        )}
      </Panel>
    </Page>
  );
}
