/** The columns of the list of nodes. */
import type { ReactNode } from "react";
import type { NodeFieldsFragment } from "../../gen/nodes.js";
import type { Column } from "../../ui/column.js";
import { formatBytes, formatDuration, formatRate } from "../../ui/format.js";
import { RowLink } from "../../ui/row-link.js";
import tableClasses from "../../ui/table.module.css";
import { Tag } from "../../ui/tag.js";
import { TimeAgo } from "../../ui/time-ago.js";
import { statusWords } from "./node-status.js";

type Row = NodeFieldsFragment;

/** What nodes are ordered by. */
export const nodeValues: Readonly<Record<string, (node: Row) => string | number | null>> = {
  NAME: (node) => node.name,
  STATUS: (node) => node.status,
  REVISION: (node) => node.revision?.number ?? null,
  LAG: (node) => node.lagRevisions,
  RATE: (node) => node.requestsPerSecond,
  MEMORY: (node) => node.rssBytes,
  SEEN_AT: (node) => (node.lastSeenAt === null ? null : Date.parse(node.lastSeenAt)),
};

export function nodeColumns(menu: (node: Row) => ReactNode): readonly Column<Row>[] {
  return [
    {
      key: "name",
      label: "Node",
      kind: "title",
      orderBy: "NAME",
      cell: (node) => (
        <>
          <RowLink to={`?node=${node.id}`}>{node.name}</RowLink>
          <span className={tableClasses.sub}>{node.softwareVersion ?? "unknown version"}</span>
        </>
      ),
    },
    { key: "status", label: "Status", orderBy: "STATUS", cell: (node) => <Status node={node} /> },
    {
      key: "revision",
      label: "Revision",
      kind: "number",
      orderBy: "REVISION",
      cell: (node) => node.revision?.number ?? "–",
    },
    { key: "lag", label: "Lag", kind: "number", orderBy: "LAG", cell: lagOf },
    { key: "drift", label: "Drift", shown: "wide", cell: (node) => <Drift since={node.driftSince} /> },
    { key: "nack", label: "Last NACK", shown: "wide", cell: (node) => <LastNack node={node} /> },
    {
      key: "rate",
      label: "Rate",
      kind: "number",
      orderBy: "RATE",
      cell: (node) => formatRate(node.requestsPerSecond),
    },
    {
      key: "inFlight",
      label: "In progress",
      kind: "number",
      shown: "chosen",
      cell: (node) => node.requestsInFlight ?? "–",
    },
    {
      key: "memory",
      label: "Memory",
      kind: "number",
      orderBy: "MEMORY",
      shown: "wide",
      cell: (node) => (node.rssBytes === null ? "–" : formatBytes(node.rssBytes)),
    },
    {
      key: "seen",
      label: "Last seen",
      orderBy: "SEEN_AT",
      cell: (node) =>
        node.lastSeenAt === null ? <span className="lk-muted">Never</span> : <TimeAgo at={node.lastSeenAt} />,
    },
    { key: "actions", label: "Actions", kind: "actions", cell: menu },
  ];
}

function Status({ node }: { readonly node: Row }) {
  const { label, tone, meaning } = statusWords[node.status];
  return (
    <>
      <Tag tone={tone} dot title={meaning}>
        {label}
      </Tag>
      {node.draining === true && <span className={tableClasses.sub}>draining</span>}
      {node.ready === false && node.draining !== true && <span className={tableClasses.sub}>not ready</span>}
    </>
  );
}

function lagOf({ lagRevisions, lagMs }: Row): string {
  if (lagRevisions === null) return "–";
  return lagRevisions === 0 ? "0" : `${lagRevisions} (${formatDuration((lagMs ?? 0) * 1_000)})`;
}

function Drift({ since }: { readonly since: string | null }) {
  if (since === null) return <span className="lk-muted">None</span>;
  return (
    <Tag tone="bad">
      since <TimeAgo at={since} />
    </Tag>
  );
}

function LastNack({ node: { lastNack } }: { readonly node: Row }) {
  if (lastNack === null) return <span className="lk-muted">Never</span>;
  return (
    <>
      <TimeAgo at={lastNack.at} />
      <span className={tableClasses.sub}>{lastNack.reason}</span>
    </>
  );
}
