/** All APIs: search by title, summary or path, one subscription or all, in an order of choice. */
import { Button } from "@mantine/core";
import { Link } from "react-router";
import { ApiListDocument } from "../../gen/api-list.js";
import { Icon } from "../../ui/icon.js";
import { ListPanel } from "../../ui/list-panel.js";
import { Page } from "../../ui/page.js";
import { SearchField } from "../../ui/search-field.js";
import { useList } from "../../ui/use-list.js";
import { SubscriptionSelect } from "../subscriptions/subscription-select.js";
import { apiColumns } from "./api-columns.js";
import { useApiBulk } from "./use-api-bulk.js";

export function ApiListPage() {
  const list = useList({
    query: ApiListDocument,
    variables: ({ get }) => ({
      filter: { search: get("q") || null, subscriptionId: get("subscription") || null },
    }),
    connection: (data) => data.apis,
    order: { field: "TITLE", direction: "ASC" },
  });
  const { params } = list;
  const bulk = useApiBulk();
  const newApi = (
    <Button component={Link} to="/apis/new" leftSection={<Icon name="plus" />}>
      New API
    </Button>
  );
  const importApi = (
    <Button component={Link} to="/apis/import" variant="default">
      Import OpenAPI
    </Button>
  );
  return (
    <Page
      title="APIs"
      description="An API maps methods and paths to integrations. The key of a request selects the API."
      actions={
        <>
          {importApi}
          {newApi}
        </>
      }
    >
      <ListPanel
        name="apis"
        list={list}
        noun={["API", "APIs"]}
        columns={apiColumns}
        rowName={(api) => api.title}
        bulk={bulk}
        filterNames={["q", "subscription"]}
        nothingFound="Every word must appear in the title, the summary or a path."
        filters={
          <>
            <SearchField
              value={params.get("q")}
              onChange={(q) => params.set({ q })}
              label="Search APIs"
              placeholder="Search title, summary or path"
            />
            <SubscriptionSelect
              label="Subscription"
              isLabelHidden
              placeholder="All subscriptions"
              isClearable
              value={params.get("subscription") || null}
              onChange={(subscription) => params.set({ subscription })}
            />
          </>
        }
        empty={{
          icon: "code",
          title: "Create your first API",
          text: "Give it a title, add routes (method, path and the integration that gets the requests) and give its key to the callers. The address stays the same when you swap the integration behind a route.",
          action: (
            <>
              {newApi} {importApi}
            </>
          ),
        }}
      />
    </Page>
  );
}
