/** All ingress nodes, live: what each enforces, how far behind it is, and whether that can be believed. */
import { ActionIcon, Button, Menu } from "@mantine/core";
import { useState } from "react";
import { useMutation } from "urql";
import { DeleteNodeDocument, type NodeFieldsFragment } from "../../gen/nodes.js";
import { ConfirmDialog } from "../../ui/confirm-dialog.js";
import { DangerItem } from "../../ui/danger-item.js";
import { EmptyState } from "../../ui/empty-state.js";
import { Failure, failureText } from "../../ui/failure.js";
import { formatBytes, formatDuration, formatRate } from "../../ui/format.js";
import { Icon } from "../../ui/icon.js";
import { LiveTag } from "../../ui/live-tag.js";
import { Page, Panel } from "../../ui/page.js";
import { RowsSkeleton } from "../../ui/skeletons.js";
import { type Column, Table } from "../../ui/table.js";
import tableClasses from "../../ui/table.module.css";
import { Tag } from "../../ui/tag.js";
import { TimeAgo } from "../../ui/time-ago.js";
import { toast } from "../../ui/toasts.js";
import { NodeDialog } from "./node-dialog.js";
import { statusWords } from "./node-status.js";
import { NodeTokenDialogs, type TokenRequest } from "./node-token-dialogs.js";
import { useNodes } from "./use-nodes.js";

type Row = NodeFieldsFragment;

export function NodeListPage() {
  const { nodes, newestRevision, error, refetch } = useNodes();
  const [request, setRequest] = useState<TokenRequest | null>(null);
  const [removed, setRemoved] = useState<Row | null>(null);
  const [shownId, setShownId] = useState<string | null>(null);
  const shown = nodes?.find((node) => node.id === shownId) ?? null;

  const columns: readonly Column<Row>[] = [
    {
      key: "name",
      label: "Node",
      kind: "title",
      cell: (node) => (
        <>
          <strong>{node.name}</strong>
          <span className={tableClasses.sub}>{node.softwareVersion ?? "unknown version"}</span>
        </>
      ),
    },
    {
      key: "status",
      label: "Status",
      cell: (node) => {
        const { label, tone, meaning } = statusWords[node.status];
        return (
          <>
            <Tag tone={tone} dot title={meaning}>
              {label}
            </Tag>
            {node.draining === true && <span className={tableClasses.sub}>draining</span>}
            {node.ready === false && node.draining !== true && (
              <span className={tableClasses.sub}>not ready</span>
            )}
          </>
        );
      },
    },
    {
      key: "revision",
      label: "Revision",
      kind: "number",
      cell: (node) => node.revision?.number ?? "–",
    },
    {
      key: "lag",
      label: "Lag",
      kind: "number",
      cell: (node) =>
        node.lagRevisions === null
          ? "–"
          : node.lagRevisions === 0
            ? "0"
            : `${node.lagRevisions} (${formatDuration((node.lagMs ?? 0) * 1000)})`,
    },
    {
      key: "drift",
      label: "Drift",
      cell: (node) =>
        node.driftSince === null ? (
          <span className="lk-muted">None</span>
        ) : (
          <Tag tone="bad">
            since <TimeAgo at={node.driftSince} />
          </Tag>
        ),
    },
    {
      key: "nack",
      label: "Last NACK",
      cell: (node) =>
        node.lastNack === null ? (
          <span className="lk-muted">Never</span>
        ) : (
          <>
            <TimeAgo at={node.lastNack.at} />
            <span className={tableClasses.sub}>{node.lastNack.reason}</span>
          </>
        ),
    },
    { key: "rate", label: "Rate", kind: "number", cell: (node) => formatRate(node.requestsPerSecond) },
    {
      key: "memory",
      label: "Memory",
      kind: "number",
      cell: (node) => (node.rssBytes === null ? "–" : formatBytes(node.rssBytes)),
    },
    {
      key: "seen",
      label: "Last seen",
      cell: (node) =>
        node.lastSeenAt === null ? <span className="lk-muted">Never</span> : <TimeAgo at={node.lastSeenAt} />,
    },
    {
      key: "actions",
      label: "Actions",
      kind: "actions",
      cell: (node) => (
        <Menu position="bottom-end" width={190}>
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" aria-label={`Actions of node ${node.name}`}>
              <Icon name="dots" />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<Icon name="info" />} onClick={() => setShownId(node.id)}>
              Details
            </Menu.Item>
            <Menu.Item
              leftSection={<Icon name="refresh" />}
              onClick={() => setRequest({ kind: "regenerate", id: node.id, name: node.name })}
            >
              New token
            </Menu.Item>
            <DangerItem icon="trash" onClick={() => setRemoved(node)}>
              Remove
            </DangerItem>
          </Menu.Dropdown>
        </Menu>
      ),
    },
  ];
  const newButton = (
    <Button leftSection={<Icon name="plus" />} onClick={() => setRequest({ kind: "create" })}>
      New node
    </Button>
  );

  return (
    <Page
      title="Nodes"
      badges={<LiveTag />}
      description={
        newestRevision === null
          ? "Ingress nodes that subscribe to revisions."
          : `The newest revision is ${newestRevision}.`
      }
      actions={newButton}
    >
      <Panel padded={false}>
        {error !== undefined && nodes === null && <Failure error={error} retry={refetch} />}
        {nodes === null && error === undefined && <RowsSkeleton rows={3} />}
        {nodes !== null && nodes.length === 0 && (
          <EmptyState icon="node" title="No node is registered" action={newButton}>
            An ingress node is a process that serves your clients. Register one, start it with its token, and
            it fills itself.
          </EmptyState>
        )}
        {nodes !== null && nodes.length > 0 && (
          <Table caption="Nodes" columns={columns} rows={nodes} rowKey={(node) => node.id} />
        )}
      </Panel>
      <NodeDialog node={shown} onClose={() => setShownId(null)} />
      <NodeTokenDialogs request={request} onClose={() => setRequest(null)} onDone={refetch} />
      <RemoveNode node={removed} onClose={() => setRemoved(null)} onDone={refetch} />
    </Page>
  );
}

function RemoveNode({
  node,
  onClose,
  onDone,
}: {
  readonly node: Row | null;
  readonly onClose: () => void;
  readonly onDone: () => void;
}) {
  const [{ fetching }, remove] = useMutation(DeleteNodeDocument);
  const [problem, setProblem] = useState<string | null>(null);

  async function confirm(): Promise<void> {
    if (node === null) return;
    const { data, error } = await remove({ input: { id: node.id } });
    const refusal = data?.deleteNode.userErrors[0];
    if (data === undefined || refusal !== undefined) {
      setProblem(refusal?.message ?? (error === undefined ? "Nothing was removed." : failureText(error)));
      return;
    }
    toast(`“${node.name}” is removed`);
    onDone();
    onClose();
  }

  return (
    <ConfirmDialog
      opened={node !== null}
      title="Remove this node?"
      confirmLabel="Remove node"
      isDangerous
      isBusy={fetching}
      problem={problem}
      onConfirm={() => void confirm()}
      onClose={() => {
        setProblem(null);
        onClose();
      }}
    >
      <p className="lk-muted">
        Its token is refused from now on and its stream ends. What it already enforces it goes on to enforce:
        stop the process as well.
      </p>
    </ConfirmDialog>
  );
}
