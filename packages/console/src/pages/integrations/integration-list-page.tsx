/** All integrations: what routes can lead to, and how many routes do. */
import { Button } from "@mantine/core";
import { Link } from "react-router";
import { IntegrationListDocument } from "../../gen/integrations.js";
import { Icon } from "../../ui/icon.js";
import { ListPanel } from "../../ui/list-panel.js";
import { Page } from "../../ui/page.js";
import { SearchField } from "../../ui/search-field.js";
import { useList } from "../../ui/use-list.js";
import { SubscriptionSelect } from "../subscriptions/subscription-select.js";
import { integrationColumns } from "./integration-columns.js";
import { useIntegrationBulk } from "./use-integration-bulk.js";

export function IntegrationListPage() {
  const list = useList({
    query: IntegrationListDocument,
    variables: ({ get }) => ({
      filter: { search: get("q") || null, subscriptionId: get("subscription") || null },
    }),
    connection: (data) => data.integrations,
    order: { field: "NAME", direction: "ASC" },
  });
  const { params } = list;
  const bulk = useIntegrationBulk();
  const newButton = (
    <Button component={Link} to="/integrations/new" leftSection={<Icon name="plus" />}>
      New integration
    </Button>
  );
  return (
    <Page
      title="Integrations"
      description="Targets that routes send requests to. You can swap the integration behind a route, and clients do not notice."
      actions={newButton}
    >
      <ListPanel
        name="integrations"
        list={list}
        noun={["integration", "integrations"]}
        columns={integrationColumns}
        rowName={(integration) => integration.name}
        bulk={bulk}
        filterNames={["q", "subscription"]}
        nothingFound="Every word must appear in the name, the description or a URL."
        filters={
          <>
            <SearchField
              value={params.get("q")}
              onChange={(q) => params.set({ q })}
              label="Search integrations"
              placeholder="Search name, description or URL"
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
          icon: "plug-connected",
          title: "Create your first integration",
          text: "An integration is an HTTP endpoint of yours. Once it exists, routes of your APIs can lead to it.",
          action: newButton,
        }}
      />
    </Page>
  );
}
