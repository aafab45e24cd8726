/** The keys of one API: state, use and limits of each, and what can be done to them. */
import { ActionIcon, Button, Menu } from "@mantine/core";
import { useState } from "react";
import { useQuery } from "urql";
import { ApiKeysDocument, type ApiKeysQuery } from "../../gen/keys.js";
import { ConfirmDialog } from "../../ui/confirm-dialog.js";
import { copyText } from "../../ui/copy-button.js";
import { DangerItem } from "../../ui/danger-item.js";
import { EmptyState } from "../../ui/empty-state.js";
import { Failure } from "../../ui/failure.js";
import { formatCount, formatLimit } from "../../ui/format.js";
import { Icon } from "../../ui/icon.js";
import { Panel } from "../../ui/page.js";
import { Pager } from "../../ui/pager.js";
import { RowsSkeleton } from "../../ui/skeletons.js";
import { type Column, Table } from "../../ui/table.js";
import tableClasses from "../../ui/table.module.css";
import { Tag } from "../../ui/tag.js";
import { exactTime, TimeAgo, useNow } from "../../ui/time-ago.js";
import { toast } from "../../ui/toasts.js";
import { useListParams } from "../../ui/use-list-params.js";
import { useApiHead } from "../apis/api-layout.js";
import { KeyFormDialog } from "./key-form-dialog.js";
import { keyState } from "./key-state.js";
import { RegenerateDialog } from "./regenerate-dialog.js";
import { useKeyActions } from "./use-key-actions.js";
import { useKeyUsage } from "./use-key-usage.js";
import { WebhookDialog } from "./webhook-dialog.js";

const PAGE_SIZE = 20;

export type KeyRow = NonNullable<ApiKeysQuery["api"]>["keys"]["nodes"][number];

type Opened =
  | { readonly kind: "none" }
  | { readonly kind: "new" }
  | { readonly kind: "edit" | "regenerate" | "webhook" | "delete"; readonly key: KeyRow };

const closed: Opened = { kind: "none" };

function LastUsed({ at }: { readonly at: string | null }) {
  return at === null ? <span className="lk-muted">Never</span> : <TimeAgo at={at} />;
}

export function KeysPage() {
  const api = useApiHead();
  const list = useListParams();
  const actions = useKeyActions();
  const now = useNow();
  const [opened, setOpened] = useState<Opened>(closed);
  const [isBusy, setBusy] = useState(false);
  const [{ data, error, fetching, stale }, refetch] = useQuery({
    query: ApiKeysDocument,
    variables: { id: api.id, ...list.paging(PAGE_SIZE) },
    requestPolicy: "cache-and-network",
  });
  const keys = data?.api?.keys;
  const usage = useKeyUsage(keys?.nodes.map((key) => key.id) ?? []);

  async function copy(key: KeyRow): Promise<void> {
    const secret = await actions.reveal(key);
    if (secret !== null && (await copyText(secret))) toast(`“${key.name}” is copied`);
  }

  const columns: readonly Column<KeyRow>[] = [
    {
      key: "name",
      label: "Key",
      kind: "title",
      cell: (key) => (
        <>
          <strong>{key.name}</strong>
          <code className={tableClasses.sub}>{key.display}</code>
        </>
      ),
    },
    {
      key: "state",
      label: "State",
      cell: (key) => {
        const { label, tone } = keyState(key, now);
        return (
          <Tag tone={tone} dot>
            {label}
          </Tag>
        );
      },
    },
    { key: "mode", label: "Mode", cell: (key) => (key.mode === "WEBHOOK" ? "Webhook" : "Header") },
    {
      key: "used",
      label: "Last used",
      cell: (key) => <LastUsed at={usage.get(key.id)?.lastUsedAt ?? key.lastUsedAt} />,
    },
    {
      key: "expires",
      label: "Expires",
      cell: (key) => (
        <>
          {key.expiresAt === null ? <span className="lk-muted">Never</span> : <TimeAgo at={key.expiresAt} />}
          {key.overlapUntil !== null && Date.parse(key.overlapUntil) > now && (
            <span className={tableClasses.sub} title={exactTime(key.overlapUntil)}>
              old key until <TimeAgo at={key.overlapUntil} />
            </span>
          )}
        </>
      ),
    },
    {
      key: "requests",
      label: "Requests, last hour",
      kind: "number",
      cell: (key) => (usage.has(key.id) ? formatCount(usage.get(key.id)?.requestsLastHour ?? 0) : "–"),
    },
    { key: "limit", label: "Rate limit", cell: (key) => formatLimit(key.rateLimit) },
    {
      key: "actions",
      label: "Actions",
      kind: "actions",
      cell: (key) => (
        <Menu position="bottom-end" width={210}>
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" aria-label={`Actions of key ${key.name}`}>
              <Icon name="dots" />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<Icon name="edit" />} onClick={() => setOpened({ kind: "edit", key })}>
              Edit
            </Menu.Item>
            <Menu.Item
              leftSection={<Icon name={key.active ? "cross" : "check"} />}
              onClick={() => void actions.setActive(key, !key.active)}
            >
              {key.active ? "Disable" : "Enable"}
            </Menu.Item>
            {key.recoverable && (
              <Menu.Item leftSection={<Icon name="copy" />} onClick={() => void copy(key)}>
                Copy key
              </Menu.Item>
            )}
            {key.mode === "WEBHOOK" && (
              <Menu.Item
                leftSection={<Icon name="link" />}
                onClick={() => setOpened({ kind: "webhook", key })}
              >
                Show webhook URL
              </Menu.Item>
            )}
            <Menu.Item
              leftSection={<Icon name="refresh" />}
              onClick={() => setOpened({ kind: "regenerate", key })}
            >
              Regenerate
            </Menu.Item>
            <Menu.Divider />
            <DangerItem icon="trash" onClick={() => setOpened({ kind: "delete", key })}>
              Delete
            </DangerItem>
          </Menu.Dropdown>
        </Menu>
      ),
    },
  ];

  async function remove(key: KeyRow): Promise<void> {
    setBusy(true);
    const isDone = await actions.remove(key);
    setBusy(false);
    if (isDone) setOpened(closed);
  }

  const close = () => setOpened(closed);
  return (
    <Panel
      title="Keys"
      description="Several keys may select this API, so that each caller has its own and can be cut off alone."
      padded={false}
      actions={
        <Button
          size="xs"
          leftSection={<Icon name="plus" size={14} />}
          onClick={() => setOpened({ kind: "new" })}
        >
          New key
        </Button>
      }
    >
      {error !== undefined && keys === undefined && (
        <Failure error={error} retry={() => refetch({ requestPolicy: "network-only" })} />
      )}
      {keys === undefined && error === undefined && <RowsSkeleton rows={3} />}
      {keys !== undefined && keys.nodes.length === 0 && (
        <EmptyState
          icon="key"
          title="This API has no key"
          action={<Button onClick={() => setOpened({ kind: "new" })}>New key</Button>}
        >
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
      <KeyFormDialog
        apiId={api.id}
        isRecoverable={api.recoverable}
        edited={opened.kind === "edit" ? opened.key : null}
        opened={opened.kind === "edit" || opened.kind === "new"}
        onClose={close}
      />
      <RegenerateDialog
        apiKey={opened.kind === "regenerate" ? opened.key : null}
        isRecoverable={api.recoverable}
        onClose={close}
      />
      <WebhookDialog
        apiId={opened.kind === "webhook" ? api.id : null}
        apiKey={opened.kind === "webhook" ? opened.key : null}
        isRecoverable={opened.kind === "webhook" && opened.key.recoverable}
        onClose={close}
      />
      <ConfirmDialog
        opened={opened.kind === "delete"}
        title="Delete this key?"
        confirmLabel="Delete key"
        isDangerous
        isBusy={isBusy}
        onConfirm={() => opened.kind === "delete" && void remove(opened.key)}
        onClose={close}
      >
        <p className="lk-muted">
          Whoever presents {opened.kind === "delete" ? `“${opened.key.name}”` : "it"} is unknown from then on.
          This cannot be undone; to cut a caller off for a while, disable the key instead.
        </p>
      </ConfirmDialog>
    </Panel>
  );
}
