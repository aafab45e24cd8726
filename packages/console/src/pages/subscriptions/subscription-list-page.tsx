/** All subscriptions: the tenants that own APIs and integrations. */
import { ActionIcon, Button, Menu } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import { useMutation, useQuery } from "urql";
import {
  DeleteSubscriptionDocument,
  SubscriptionListDocument,
  type SubscriptionListQuery,
} from "../../gen/subscriptions.js";
import { touching } from "../../graphql/touched.js";
import { ConfirmDialog } from "../../ui/confirm-dialog.js";
import { DangerItem } from "../../ui/danger-item.js";
import { EmptyState } from "../../ui/empty-state.js";
import { Failure, failureText } from "../../ui/failure.js";
import { Icon } from "../../ui/icon.js";
import { Page, Panel } from "../../ui/page.js";
import { Pager } from "../../ui/pager.js";
import { SearchField } from "../../ui/search-field.js";
import { RowsSkeleton } from "../../ui/skeletons.js";
import { type Column, Table } from "../../ui/table.js";
import tableClasses from "../../ui/table.module.css";
import { TimeAgo } from "../../ui/time-ago.js";
import { toast } from "../../ui/toasts.js";
import toolbar from "../../ui/toolbar.module.css";
import { useListParams } from "../../ui/use-list-params.js";
import { NewSubscriptionDialog, RenameSubscriptionDialog } from "./subscription-dialogs.js";

const PAGE_SIZE = 50;

type Row = SubscriptionListQuery["subscriptions"]["nodes"][number];

type Opened =
  | { readonly kind: "none" }
  | { readonly kind: "new" }
  | { readonly kind: "rename" | "delete"; readonly row: Row };

export function SubscriptionListPage() {
  const list = useListParams();
  const search = list.get("q");
  const [opened, setOpened] = useState<Opened>({ kind: "none" });
  const [{ data, error, fetching, stale }, refetch] = useQuery({
    query: SubscriptionListDocument,
    variables: { ...list.paging(PAGE_SIZE), filter: search === "" ? null : { search } },
    requestPolicy: "cache-and-network",
  });
  const found = data?.subscriptions;
  const columns: readonly Column<Row>[] = [
    {
      key: "name",
      label: "Subscription",
      kind: "title",
      cell: (row) => (
        <Link to={`/apis?subscription=${row.id}`} className={tableClasses.linkedTitle}>
          {row.name}
        </Link>
      ),
    },
    {
      key: "apis",
      label: "APIs",
      kind: "number",
      cell: (row) => <Link to={`/apis?subscription=${row.id}`}>{row.apis.totalCount}</Link>,
    },
    {
      key: "integrations",
      label: "Integrations",
      kind: "number",
      cell: (row) => <Link to={`/integrations?subscription=${row.id}`}>{row.integrations.totalCount}</Link>,
    },
    { key: "created", label: "Created", cell: (row) => <TimeAgo at={row.createdAt} /> },
    {
      key: "actions",
      label: "Actions",
      kind: "actions",
      cell: (row) => (
        <Menu position="bottom-end" width={170}>
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" aria-label={`Actions of subscription ${row.name}`}>
              <Icon name="dots" />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<Icon name="edit" />} onClick={() => setOpened({ kind: "rename", row })}>
              Rename
            </Menu.Item>
            <DangerItem icon="trash" onClick={() => setOpened({ kind: "delete", row })}>
              Delete
            </DangerItem>
          </Menu.Dropdown>
        </Menu>
      ),
    },
  ];
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
      <Panel padded={false}>
        <search className={toolbar.toolbar}>
          <SearchField
            value={search}
            onChange={(q) => list.set({ q })}
            label="Search subscriptions"
            placeholder="Search by name"
          />
        </search>
        {error !== undefined && found === undefined && (
          <Failure error={error} retry={() => refetch({ requestPolicy: "network-only" })} />
        )}
        {found === undefined && error === undefined && <RowsSkeleton rows={4} />}
        {found !== undefined && found.nodes.length === 0 && (
          <EmptyState
            icon={search === "" ? "subscription" : "search"}
            title={search === "" ? "Make your first subscription" : "No subscription matches"}
            action={search === "" ? newButton : undefined}
          >
            {search === ""
              ? "It is the tenant that integrations and APIs belong to: a customer, a team, a department."
              : "Try fewer letters of its name."}
          </EmptyState>
        )}
        {found !== undefined && found.nodes.length > 0 && (
          <>
            <Table
              caption="Subscriptions"
              columns={columns}
              rows={found.nodes}
              rowKey={(row) => row.id}
              isBusy={fetching || stale}
            />
            <Pager
              pageInfo={found.pageInfo}
              shown={found.nodes.length}
              total={found.totalCount}
              noun={["subscription", "subscriptions"]}
              onPage={list.page}
            />
          </>
        )}
      </Panel>
      <NewSubscriptionDialog opened={opened.kind === "new"} onClose={close} />
      <RenameSubscriptionDialog row={opened.kind === "rename" ? opened.row : null} onClose={close} />
      <DeleteDialog row={opened.kind === "delete" ? opened.row : null} onClose={close} />
    </Page>
  );
}

function DeleteDialog({ row, onClose }: { readonly row: Row | null; readonly onClose: () => void }) {
  const [problem, setProblem] = useState<string | null>(null);
  const [{ fetching }, remove] = useMutation(DeleteSubscriptionDocument);

  function close(): void {
    setProblem(null);
    onClose();
  }

  async function confirm(): Promise<void> {
    if (row === null) return;
    const { data, error } = await remove({ input: { id: row.id } }, touching("TenantSubscription"));
    const payload = data?.deleteSubscription;
    if (payload?.deletedSubscriptionId == null) {
      const refusal = payload?.userErrors[0]?.message;
      setProblem(refusal ?? (error === undefined ? "Nothing was deleted." : failureText(error)));
      return;
    }
    toast(`“${row.name}” is deleted`);
    close();
  }

  return (
    <ConfirmDialog
      opened={row !== null}
      title="Delete this subscription?"
      confirmLabel="Delete subscription"
      isDangerous
      isBusy={fetching}
      problem={problem}
      onConfirm={() => void confirm()}
      onClose={close}
    >
      <p className="lk-muted">Only a subscription that owns nothing any more can be deleted.</p>
    </ConfirmDialog>
  );
}
