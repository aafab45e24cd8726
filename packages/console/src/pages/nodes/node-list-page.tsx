/** All ingress nodes, live: what each enforces, how far behind it is, and whether that can be believed. */
import { ActionIcon, Button, Menu } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import type { NodeFieldsFragment } from "../../gen/nodes.js";
import type { BulkAction } from "../../ui/bulk-bar.js";
import { DangerItem } from "../../ui/danger-item.js";
import { Icon } from "../../ui/icon.js";
import { ListPanel } from "../../ui/list-panel.js";
import { LiveTag } from "../../ui/live-tag.js";
import { Page } from "../../ui/page.js";
import { runEach } from "../../ui/run-each.js";
import { useLocalList } from "../../ui/use-local-list.js";
import { nodeColumns, nodeValues } from "./node-columns.js";
import { NodeDialog } from "./node-dialog.js";
import { NodeTokenDialogs, type TokenRequest } from "./node-token-dialogs.js";
import { REMOVAL, RemoveNode, useRemoveNode } from "./remove-node.js";
import { useNodes } from "./use-nodes.js";

type Row = NodeFieldsFragment;

export function NodeListPage() {
  const { nodes, newestRevision, error, refetch } = useNodes();
  const list = useLocalList({
    rows: nodes,
    error,
    refetch,
    order: { field: "NAME", direction: "ASC" },
    values: nodeValues,
  });
  const { params } = list;
  const [request, setRequest] = useState<TokenRequest | null>(null);
  const [removed, setRemoved] = useState<Row | null>(null);
  const shown = nodes?.find((node) => node.id === params.get("node")) ?? null;
  const bulk = useNodeBulk(refetch);
  const columns = nodeColumns((node) => (
    <NodeMenu
      node={node}
      onToken={() => setRequest({ kind: "regenerate", id: node.id, name: node.name })}
      onRemove={() => setRemoved(node)}
    />
  ));
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
      <ListPanel
        name="nodes"
        list={list}
        noun={["node", "nodes"]}
        columns={columns}
        rowName={(node) => node.name}
        bulk={bulk}
        empty={{
          icon: "server-2",
          title: "No node is registered",
          text: "An ingress node is a process that serves your clients. Create one and start it with its token: it receives the configuration from here.",
          action: newButton,
        }}
      />
      <NodeDialog node={shown} onClose={() => params.keep({ node: null })} />
      <NodeTokenDialogs request={request} onClose={() => setRequest(null)} onDone={refetch} />
      <RemoveNode node={removed} onClose={() => setRemoved(null)} onDone={refetch} />
    </Page>
  );
}

function useNodeBulk(onDone: () => void): readonly BulkAction<Row>[] {
  const remove = useRemoveNode();
  return [
    {
      label: "Remove",
      icon: <Icon name="trash" size={14} />,
      isDangerous: true,
      question: (nodes) => ({
        title: nodes.length === 1 ? `Remove “${nodes[0]?.name}”?` : `Remove ${nodes.length} nodes?`,
        text: REMOVAL,
      }),
      run: async (nodes) => {
        await runEach({ items: nodes, noun: ["node", "nodes"], done: "removed", run: remove });
        onDone();
      },
    },
  ];
}

interface NodeMenuProps {
  readonly node: Row;
  readonly onToken: () => void;
  readonly onRemove: () => void;
}

function NodeMenu({ node, onToken, onRemove }: NodeMenuProps) {
  return (
    <Menu position="bottom-end" width={190} returnFocus>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Actions of node ${node.name}`}>
          <Icon name="dots" size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} to={`?node=${node.id}`} leftSection={<Icon name="info-circle" />}>
          Details
        </Menu.Item>
        <Menu.Item leftSection={<Icon name="refresh" />} onClick={onToken}>
          Regenerate token
        </Menu.Item>
        <DangerItem icon="trash" onClick={onRemove}>
          Remove
        </DangerItem>
      </Menu.Dropdown>
    </Menu>
  );
}
