/** Whether nodes send requests to an integration's URLs: a row for each node and URL. */
import { useQuery } from "urql";
import { IntegrationHealthDocument, type IntegrationHealthQuery } from "../../gen/integration-health.js";
import { usePolling } from "../../graphql/use-polling.js";
import type { Column } from "../../ui/column.js";
import { Failure } from "../../ui/failure.js";
import { Panel } from "../../ui/page.js";
import { RowsSkeleton } from "../../ui/skeletons.js";
import { Table } from "../../ui/table.js";
import { Tag, type Tone } from "../../ui/tag.js";
import { TimeAgo } from "../../ui/time-ago.js";
import toolbar from "../../ui/toolbar.module.css";

type NodeUrls = NonNullable<IntegrationHealthQuery["integration"]>["health"][number];
type UrlHealth = NodeUrls["urls"][number];

interface Row extends UrlHealth {
  readonly nodeName: string;
  readonly key: string;
}

/** Nodes report every five seconds. */
const POLL_MS = 5_000;

const states: Readonly<Record<UrlHealth["state"], { readonly tone: Tone; readonly label: string }>> = {
  IN_USE: { tone: "ok", label: "In use" },
  UNHEALTHY: { tone: "bad", label: "Unhealthy" },
  CIRCUIT_OPEN: { tone: "bad", label: "Circuit open" },
  CIRCUIT_HALF_OPEN: { tone: "warn", label: "Circuit half open" },
  UNKNOWN: { tone: "neutral", label: "Unknown" },
};

const columns: readonly Column<Row>[] = [
  { key: "node", label: "Node", kind: "title", cell: ({ nodeName }) => <bdi>{nodeName}</bdi> },
  { key: "url", label: "URL", cell: ({ url }) => <span className="lk-mono lk-break">{url}</span> },
  {
    key: "state",
    label: "State",
    cell: ({ state }) => (
      <Tag tone={states[state].tone} dot>
        {states[state].label}
      </Tag>
    ),
  },
  { key: "since", label: "Since", cell: ({ since }) => (since === null ? "–" : <TimeAgo at={since} />) },
  {
    key: "error",
    label: "Last error",
    cell: ({ lastError }) => <span className="lk-break">{lastError ?? "–"}</span>,
  },
];

export function IntegrationHealth({ id }: { readonly id: string }) {
  const [{ data, error }, execute] = useQuery({
    query: IntegrationHealthDocument,
    variables: { id },
    requestPolicy: "cache-and-network",
  });
  const refetch = () => execute({ requestPolicy: "network-only" });
  usePolling(execute, POLL_MS);
  const nodes = data?.integration?.health ?? null;
  const rows = nodes?.flatMap(({ nodeId, nodeName, urls }) =>
    urls.map((url, index): Row => ({ ...url, nodeName, key: `${nodeId} ${index}` })),
  );
  return (
    <Panel
      title="Health by node"
      description="Whether nodes send requests to its URLs. Health checks and the circuit breaker decide."
      padded={false}
    >
      {rows === undefined && error !== undefined && <Failure error={error} retry={refetch} />}
      {rows === undefined && error === undefined && <RowsSkeleton rows={2} />}
      {rows?.length === 0 && <p className={`lk-muted ${toolbar.note}`}>No node has connected yet.</p>}
      {rows !== undefined && rows.length > 0 && (
        <Table caption="URLs by node" columns={columns} rows={rows} rowKey={({ key }: Row) => key} />
      )}
    </Panel>
  );
}
