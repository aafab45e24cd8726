/** The integrations that use a credential. */
import { useQuery } from "urql";
import { CredentialUsesDocument, type CredentialUsesQuery } from "../../gen/credentials.js";
import type { Column } from "../../ui/column.js";
import { Failure } from "../../ui/failure.js";
import { formatCount } from "../../ui/format.js";
import { Panel } from "../../ui/page.js";
import { RowLink } from "../../ui/row-link.js";
import { RowsSkeleton } from "../../ui/skeletons.js";
import { Table } from "../../ui/table.js";
import toolbar from "../../ui/toolbar.module.css";

type Use = NonNullable<CredentialUsesQuery["credential"]>["integrations"]["nodes"][number];

const columns: readonly Column<Use>[] = [
  {
    key: "name",
    label: "Integration",
    kind: "title",
    cell: (use) => <RowLink to={`/integrations/${use.id}`}>{use.name}</RowLink>,
  },
  {
    key: "url",
    label: "Upstream",
    cell: ({ urls }) => (
      <span className="lk-mono lk-break">
        {urls[0] ?? <span className="lk-muted">–</span>}
        {urls.length > 1 && <span className="lk-muted"> +{urls.length - 1}</span>}
      </span>
    ),
  },
  { key: "routes", label: "Routes", kind: "number", cell: (use) => formatCount(use.routeCount) },
];

export function useCredentialUses(id: string) {
  const [{ data, error }, execute] = useQuery({
    query: CredentialUsesDocument,
    variables: { id },
    requestPolicy: "cache-and-network",
  });
  return {
    uses: data?.credential?.integrations ?? null,
    error,
    refetch: () => execute({ requestPolicy: "network-only" }),
  };
}

export function CredentialUses({ uses, error, refetch }: ReturnType<typeof useCredentialUses>) {
  const count = uses?.totalCount ?? 0;
  const left = uses === null ? 0 : count - uses.nodes.length;
  return (
    <Panel
      title={
        uses === null
          ? "Used by"
          : `Used by ${formatCount(count)} ${count === 1 ? "integration" : "integrations"}`
      }
      padded={false}
    >
      {uses === null && error !== undefined && <Failure error={error} retry={refetch} />}
      {uses === null && error === undefined && <RowsSkeleton rows={2} />}
      {uses !== null && count === 0 && (
        <p className={`lk-muted ${toolbar.note}`}>
          No integration uses it yet. Choose it in the “Credentials” of an integration.
        </p>
      )}
      {uses !== null && count > 0 && (
        <Table
          caption="integrations"
          columns={columns}
          rows={uses.nodes}
          rowKey={(use: Use) => use.id}
          rowName={(use: Use) => use.name}
          isBusy={false}
          selection={undefined}
        />
      )}
      {left > 0 && (
        <p className={`lk-muted ${toolbar.note}`}>{formatCount(left)} more integrations use it.</p>
      )}
    </Panel>
  );
}
