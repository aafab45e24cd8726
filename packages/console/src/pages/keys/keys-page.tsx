/** The keys of one API: state, use and limits of each, and what can be done to them. */
import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useQuery } from "urql";
import { ApiKeysDocument } from "../../gen/keys.js";
import { ConfirmDialog } from "../../ui/confirm-dialog.js";
import { EmptyState } from "../../ui/empty-state.js";
import { Failure } from "../../ui/failure.js";
import { Panel } from "../../ui/page.js";
import { Pager } from "../../ui/pager.js";
import { RowsSkeleton } from "../../ui/skeletons.js";
import { Table } from "../../ui/table.js";
import { useNow } from "../../ui/time-ago.js";
import { useListParams } from "../../ui/use-list-params.js";
import { useApiHead } from "../apis/api-layout.js";
import { EditKeyDialog } from "./edit-key-dialog.js";
import { keyColumns } from "./key-columns.js";
import type { KeyRow } from "./key-form-state.js";
import { KeyMenu, type KeyMenuChoice } from "./key-menu.js";
import { NewKeyDialog } from "./new-key-dialog.js";
import { RegenerateDialog } from "./regenerate-dialog.js";
import { type KeyActions, useKeyActions } from "./use-key-actions.js";
import { useKeyUsage } from "./use-key-usage.js";
import { WebhookDialog } from "./webhook-dialog.js";

const PAGE_SIZE = 20;

type Opened =
  | { readonly kind: "none" }
  | { readonly kind: "new" }
  | { readonly kind: KeyMenuChoice; readonly key: KeyRow };

const closed: Opened = { kind: "none" };

export function KeysPage() {
  const api = useApiHead();
  const list = useListParams();
  const actions = useKeyActions(api.id);
  const now = useNow();
  const [opened, setOpened] = useState<Opened>(closed);
  const variables = { id: api.id, ...list.paging(PAGE_SIZE) };
  const [{ data, error, fetching, stale }, refetch] = useQuery({
    query: ApiKeysDocument,
    variables,
    requestPolicy: "cache-and-network",
  });
  const keys = data?.api?.keys;
  const usage = useKeyUsage(variables);
  const columns = keyColumns(usage, now, (key) => (
    <KeyMenu apiKey={key} actions={actions} onChoose={(kind) => setOpened({ kind, key })} />
  ));
  const newKey = () => setOpened({ kind: "new" });

  return (
    <Panel
      title="Keys"
      description="An API can have several keys, so that each client has its own and can be cut off alone."
      padded={false}
      actions={
        <Button size="xs" leftSection={<IconPlus size={14} />} onClick={newKey}>
          New key
        </Button>
      }
    >
      {error !== undefined && keys === undefined && (
        <Failure error={error} retry={() => refetch({ requestPolicy: "network-only" })} />
      )}
      {keys === undefined && error === undefined && <RowsSkeleton rows={3} />}
      {keys !== undefined && keys.nodes.length === 0 && (
        <EmptyState icon="key" title="This API has no key" action={<Button onClick={newKey}>New key</Button>}>
          Without a key nobody can call it.
        </EmptyState>
      )}
      {keys !== undefined && keys.nodes.length > 0 && (
        <>
          <Table
            caption="Keys"
            columns={columns}
            rows={keys.nodes}
            rowKey={(key) => key.id}
            isBusy={fetching || stale}
          />
          <Pager
            pageInfo={keys.pageInfo}
            shown={keys.nodes.length}
            total={keys.totalCount}
            noun={["key", "keys"]}
            onPage={list.page}
          />
        </>
      )}
      <KeyDialogs opened={opened} actions={actions} onClose={() => setOpened(closed)} />
    </Panel>
  );
}

interface KeyDialogsProps {
  readonly opened: Opened;
  readonly actions: KeyActions;
  readonly onClose: () => void;
}

function KeyDialogs({ opened, actions, onClose }: KeyDialogsProps) {
  const api = useApiHead();
  const [isBusy, setBusy] = useState(false);
  const keyOf = (kind: KeyMenuChoice) => (opened.kind === kind && "key" in opened ? opened.key : null);
  const deleted = keyOf("delete");

  async function remove(key: KeyRow): Promise<void> {
    setBusy(true);
    const isDone = await actions.remove(key);
    setBusy(false);
    if (isDone) onClose();
  }

  return (
    <>
      <NewKeyDialog
        apiId={api.id}
        isRecoverable={api.recoverable}
        opened={opened.kind === "new"}
        onClose={onClose}
      />
      <EditKeyDialog edited={keyOf("edit")} onClose={onClose} />
      <RegenerateDialog apiKey={keyOf("regenerate")} isRecoverable={api.recoverable} onClose={onClose} />
      <WebhookDialog
        apiId={api.id}
        apiKey={keyOf("webhook")}
        isRecoverable={keyOf("webhook")?.recoverable ?? false}
        onClose={onClose}
      />
      <ConfirmDialog
        opened={deleted !== null}
        title="Delete this key?"
        confirmLabel="Delete key"
        isDangerous
        isBusy={isBusy}
        onConfirm={() => deleted !== null && void remove(deleted)}
        onClose={onClose}
      >
        <p className="lk-muted">
          Requests with “{deleted?.name}” ({deleted?.display}) are refused as unknown. This cannot be undone.
          To stop a client for a while, disable the key instead.
        </p>
      </ConfirmDialog>
    </>
  );
}
