/** All subscriptions: the tenants that own APIs and integrations. */
import { ActionIcon, Button, Menu } from "@mantine/core";
import { useState } from "react";
import { useMutation } from "urql";
import { DeleteSubscriptionDocument, SubscriptionListDocument } from "../../gen/subscriptions.js";
import { problemOf } from "../../graphql/problem-of.js";
import { touching } from "../../graphql/touched.js";
import type { BulkAction } from "../../ui/bulk-bar.js";
import { DangerItem } from "../../ui/danger-item.js";
import { Icon } from "../../ui/icon.js";
import { ListPanel } from "../../ui/list-panel.js";
import { Page } from "../../ui/page.js";
import { runEach } from "../../ui/run-each.js";
import { SearchField } from "../../ui/search-field.js";
import { useList } from "../../ui/use-list.js";
import { DeleteSubscription } from "./delete-subscription.js";
import { type SubscriptionRow, subscriptionColumns } from "./subscription-columns.js";
import { NewSubscriptionDialog, RenameSubscriptionDialog } from "./subscription-dialogs.js";

type Opened =
  | { readonly kind: "none" }
  | { readonly kind: "new" }
  | { readonly kind: "rename" | "delete"; readonly row: SubscriptionRow };

export function SubscriptionListPage() {
  const list = useList({
    query: SubscriptionListDocument,
    variables: ({ get }) => ({ filter: get("q") === "" ? null : { search: get("q") } }),
    connection: (data) => data.subscriptions,
    order: { field: "NAME", direction: "ASC" },
  });
  const { params } = list;
  const [opened, setOpened] = useState<Opened>({ kind: "none" });
  const bulk = useSubscriptionBulk();
  const columns = subscriptionColumns((row) => (
    <Menu position="bottom-end" width={170} returnFocus>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Actions of subscription ${row.name}`}>
          <Icon name="dots" size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Icon name="pencil" />} onClick={() => setOpened({ kind: "rename", row })}>
          Rename
        </Menu.Item>
        <DangerItem icon="trash" onClick={() => setOpened({ kind: "delete", row })}>
          Delete
        </DangerItem>
      </Menu.Dropdown>
    </Menu>
  ));
  const newButton = (
    <Button leftSection={<Icon name="plus" />} onClick={() => setOpened({ kind: "new" })}>
      New subscription
    </Button>
  );
  const close = () => setOpened({ kind: "none" });
  return (
    <Page
      title="Subscriptions"
      description="A subscription owns integrations and APIs. Routes lead only to integrations of the same subscription."
      actions={newButton}
    >
      <ListPanel
        name="subscriptions"
        list={list}
        noun={["subscription", "subscriptions"]}
        columns={columns}
        rowName={(row) => row.name}
        bulk={bulk}
        filterNames={["q"]}
        nothingFound="Try fewer letters of its name."
        filters={
          <SearchField
            value={params.get("q")}
            onChange={(q) => params.set({ q })}
            label="Search subscriptions"
            placeholder="Search by name"
          />
        }
        empty={{
          icon: "building",
          title: "Create your first subscription",
          text: "It is the tenant that integrations and APIs belong to: a customer, a team, a department.",
          action: newButton,
        }}
      />
      <NewSubscriptionDialog opened={opened.kind === "new"} onClose={close} />
      <RenameSubscriptionDialog row={opened.kind === "rename" ? opened.row : null} onClose={close} />
      <DeleteSubscription row={opened.kind === "delete" ? opened.row : null} onClose={close} />
    </Page>
  );
}

function useSubscriptionBulk(): readonly BulkAction<SubscriptionRow>[] {
  const [, remove] = useMutation(DeleteSubscriptionDocument);
  return [
    {
      label: "Delete",
      icon: <Icon name="trash" size={14} />,
      isDangerous: true,
      question: (rows) => ({
        title: rows.length === 1 ? `Delete “${rows[0]?.name}”?` : `Delete ${rows.length} subscriptions?`,
        text: "Those that own APIs or integrations stay. The others are deleted, which cannot be undone.",
      }),
      run: (rows) =>
        runEach({
          items: rows,
          noun: ["subscription", "subscriptions"],
          done: "deleted",
          run: async ({ id }) => {
            const { data, error } = await remove({ input: { id } }, touching("TenantSubscription"));
            return problemOf(data?.deleteSubscription.userErrors, error);
          },
        }),
    },
  ];
}
