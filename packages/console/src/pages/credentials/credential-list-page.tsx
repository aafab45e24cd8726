/** All credentials: what integrations log in to their targets with, and how many integrations use each. */
import { Button, NativeSelect } from "@mantine/core";
import { Link } from "react-router";
import { CredentialListDocument } from "../../gen/credentials.js";
import { Icon } from "../../ui/icon.js";
import { ListPanel } from "../../ui/list-panel.js";
import { Page } from "../../ui/page.js";
import { SearchField } from "../../ui/search-field.js";
import { useList } from "../../ui/use-list.js";
import { SubscriptionSelect } from "../subscriptions/subscription-select.js";
import { credentialColumns } from "./credential-columns.js";
import { credentialKinds, kindChoices } from "./credential-kinds.js";
import { useCredentialBulk } from "./use-credential-bulk.js";

export function CredentialListPage() {
  const list = useList({
    query: CredentialListDocument,
    variables: ({ get }) => ({
      filter: {
        search: get("q") || null,
        subscriptionId: get("subscription") || null,
        kind: credentialKinds.find((kind) => kind === get("kind")) ?? null,
      },
    }),
    connection: (data) => data.credentials,
    order: { field: "NAME", direction: "ASC" },
  });
  const { params } = list;
  const bulk = useCredentialBulk();
  const newButton = (
    <Button component={Link} to="/credentials/new" leftSection={<Icon name="plus" />}>
      New credential
    </Button>
  );
  return (
    <Page
      title="Credentials"
      description="Integrations log in to their targets with credentials. A secret can be replaced, and is never shown."
      actions={newButton}
    >
      <ListPanel
        name="credentials"
        list={list}
        noun={["credential", "credentials"]}
        columns={credentialColumns}
        rowName={(credential) => credential.name}
        bulk={bulk}
        filterNames={["q", "kind", "subscription"]}
        nothingFound="Every word must appear in the name."
        filters={
          <>
            <SearchField
              value={params.get("q")}
              onChange={(q) => params.set({ q })}
              label="Search credentials"
              placeholder="Search by name"
            />
            <NativeSelect
              aria-label="Kind"
              value={params.get("kind")}
              onChange={(event) => params.set({ kind: event.currentTarget.value || null })}
              data={[{ value: "", label: "All kinds" }, ...kindChoices]}
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
          icon: "lock",
          title: "Create your first credential",
          text: "Most targets ask for a key, a password or a token. A credential keeps it, and integrations use it.",
          action: newButton,
        }}
      />
    </Page>
  );
}
