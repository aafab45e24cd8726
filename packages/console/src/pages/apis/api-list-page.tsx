/** All APIs: search by title, summary or path, one subscription or all, pages by cursor. */
import { Button } from "@mantine/core";
import { Link } from "react-router";
import { useQuery } from "urql";
import { ApiListDocument, type ApiListQuery } from "../../gen/api-list.js";
import { EmptyState } from "../../ui/empty-state.js";
import { Failure } from "../../ui/failure.js";
import { Icon } from "../../ui/icon.js";
import { MethodBadge } from "../../ui/method-badge.js";
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
import classes from "./api-list.module.css";

const PAGE_SIZE = 50;

type ApiRow = ApiListQuery["apis"]["nodes"][number];

const columns: readonly Column<ApiRow>[] = [
  {
    key: "title",
    label: "API",
    kind: "title",
    cell: (api) => (
      <div className={classes.title}>
        <Link to={`/apis/${api.id}`} className={tableClasses.linkedTitle}>
          {api.title}
        </Link>{" "}
        <Tag>{api.versionLabel}</Tag>
        {api.summary !== "" && (
          <span className={`${tableClasses.sub} ${classes.summary}`}>{api.summary}</span>
        )}
      </div>
    ),
  },
  { key: "routes", label: "Routes", cell: (api) => <RoutePreview api={api} /> },
  { key: "subscription", label: "Subscription", cell: (api) => api.subscription.name },
  { key: "updated", label: "Changed", cell: (api) => <TimeAgo at={api.updatedAt} /> },
];

function RoutePreview({ api }: { readonly api: ApiRow }) {
  if (api.routeCount === 0) return <span className="lk-muted">No routes yet</span>;
  if (api.routePreview.length === 0)
    return <span className="lk-muted">{api.routeCount === 1 ? "1 route" : `${api.routeCount} routes`}</span>;
  const rest = api.routeCount - api.routePreview.length;
  return (
    <ul className={classes.routes}>
      {api.routePreview.map((route, index) => (
        <li key={route.id}>
          <MethodBadge method={route.method} compact />
          <span className={`lk-mono ${classes.path}`}>{route.path}</span>
          {index === api.routePreview.length - 1 && rest > 0 && (
            <span className={classes.rest}>+{rest} more</span>
          )}
        </li>
      ))}
    </ul>
  );
}

export function ApiListPage() {
  const list = useListParams();
  const search = list.get("q");
  const subscriptionId = list.get("subscription");
  const variables = {
    ...list.paging(PAGE_SIZE),
    filter: { search: search || null, subscriptionId: subscriptionId || null },
  };
  const [{ data, error, fetching, stale }, refetch] = useQuery({
    query: ApiListDocument,
    variables,
    requestPolicy: "cache-and-network",
  });
  const isFiltered = search !== "" || subscriptionId !== "";
  const apis = data?.apis;

  return (
    <Page
      title="APIs"
      description="Each API groups routes to integrations behind personal, stable endpoints. Its key selects it."
      actions={
        <>
          <Button component={Link} to="/apis/import" variant="default">
            Import OpenAPI
          </Button>
          <Button component={Link} to="/apis/new" leftSection={<Icon name="plus" />}>
            New API
          </Button>
        </>
      }
    >
      <Panel padded={false}>
        <search className={toolbar.toolbar}>
          <SearchField
            value={search}
            onChange={(q) => list.set({ q })}
            label="Search APIs"
            placeholder="Search title, summary or path"
          />
          <SubscriptionSelect
            label="Subscription"
            isLabelHidden
            placeholder="All subscriptions"
            isClearable
            value={subscriptionId === "" ? null : subscriptionId}
            onChange={(id) => list.set({ subscription: id })}
          />
        </search>
        {error !== undefined && apis === undefined && (
          <div className={classes.failure}>
            <Failure error={error} retry={() => refetch({ requestPolicy: "network-only" })} />
          </div>
        )}
        {apis === undefined && error === undefined && <RowsSkeleton />}
        {apis !== undefined && apis.nodes.length > 0 && (
          <>
            <Table
              caption="APIs"
              columns={columns}
              rows={apis.nodes}
              rowKey={(api) => api.id}
              isBusy={fetching || stale}
            />
            <Pager
              pageInfo={apis.pageInfo}
              shown={apis.nodes.length}
              total={apis.totalCount}
              noun={["API", "APIs"]}
              onPage={list.page}
            />
          </>
        )}
        {apis !== undefined && apis.nodes.length === 0 && isFiltered && (
          <EmptyState
            icon="search"
            title="No API matches"
            action={
              <Button variant="default" onClick={() => list.set({ q: null, subscription: null })}>
                Show all APIs
              </Button>
            }
          >
            Every word must appear in the title, the summary or a path.
          </EmptyState>
        )}
        {apis !== undefined && apis.nodes.length === 0 && !isFiltered && (
          <EmptyState
            icon="api"
            title="Create your first API"
            action={
              <>
                <Button component={Link} to="/apis/new" leftSection={<Icon name="plus" />}>
                  New API
                </Button>{" "}
                <Button component={Link} to="/apis/import" variant="default">
                  Import OpenAPI
                </Button>
              </>
            }
          >
            Give it a title, add routes (method, path and the integration that gets the requests) and hand its
            key to whoever calls it. The address stays the same when you swap the integration behind a route.
          </EmptyState>
        )}
      </Panel>
    </Page>
  );
}
