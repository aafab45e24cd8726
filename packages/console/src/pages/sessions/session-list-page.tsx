/** Browsers that are signed in to the console, and how to sign them out. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { useMutation, useQuery } from "urql";
import {
  EndOtherSessionsDocument,
  EndSessionDocument,
  SessionListDocument,
  type SessionListQuery,
} from "../../gen/sessions.js";
import { touching } from "../../graphql/touched.js";
import { ConfirmDialog } from "../../ui/confirm-dialog.js";
import { EmptyState } from "../../ui/empty-state.js";
import { Failure, failureText } from "../../ui/failure.js";
import { Page, Panel } from "../../ui/page.js";
import { Pager } from "../../ui/pager.js";
import { RowsSkeleton } from "../../ui/skeletons.js";
import { type Column, Table } from "../../ui/table.js";
import tableClasses from "../../ui/table.module.css";
import { Tag } from "../../ui/tag.js";
import { TimeAgo } from "../../ui/time-ago.js";
import { toast } from "../../ui/toasts.js";
import { useListParams } from "../../ui/use-list-params.js";

const PAGE_SIZE = 50;

type Row = SessionListQuery["sessions"]["nodes"][number];

type Asked =
  | { readonly kind: "none" }
  | { readonly kind: "one"; readonly row: Row }
  | { readonly kind: "others" };

export function SessionListPage() {
  const list = useListParams();
  const [asked, setAsked] = useState<Asked>({ kind: "none" });
  const [{ data, error, fetching, stale }, refetch] = useQuery({
    query: SessionListDocument,
    variables: list.paging(PAGE_SIZE),
    requestPolicy: "cache-and-network",
  });
  const found = data?.sessions;
  const columns: readonly Column<Row>[] = [
    {
      key: "actor",
      label: "Operator",
      kind: "title",
      cell: (row) => (
        <>
          <strong>{row.actor}</strong> {row.isCurrent && <Tag tone="ok">This browser</Tag>}
          <span className={tableClasses.sub}>{row.userAgent ?? "Unknown browser"}</span>
        </>
      ),
    },
    { key: "address", label: "Address", cell: (row) => row.address ?? "–" },
    { key: "created", label: "Signed in", cell: (row) => <TimeAgo at={row.createdAt} /> },
    { key: "used", label: "Last used", cell: (row) => <TimeAgo at={row.lastUsedAt} /> },
    { key: "expires", label: "Ends without use", cell: (row) => <TimeAgo at={row.expiresAt} /> },
    {
      key: "actions",
      label: "Actions",
      kind: "actions",
      cell: (row) =>
        row.isCurrent ? null : (
          <Button
            variant="default"
            size="xs"
            aria-label={`Sign out ${row.actor} at ${row.address ?? "an unknown address"}`}
            onClick={() => setAsked({ kind: "one", row })}
          >
            Sign out
          </Button>
        ),
    },
  ];
  const hasOthers = (found?.totalCount ?? 0) > 1;
  return (
    <Page
      title="Sessions"
      description="Browsers that are signed in to this console. A session ends when it is not used, after its longest life, and with the token it was opened with."
      actions={
        hasOthers ? (
          <Button variant="default" onClick={() => setAsked({ kind: "others" })}>
            Sign out all others
          </Button>
        ) : undefined
      }
    >
      <Panel padded={false}>
        {error !== undefined && found === undefined && (
          <Failure error={error} retry={() => refetch({ requestPolicy: "network-only" })} />
        )}
        {found === undefined && error === undefined && <RowsSkeleton rows={3} />}
        {found !== undefined && found.nodes.length === 0 && (
          <EmptyState icon="key" title="No browser is signed in">
            Only tokens are in use.
          </EmptyState>
        )}
        {found !== undefined && found.nodes.length > 0 && (
          <>
            <Table
              caption="Sessions"
              columns={columns}
              rows={found.nodes}
              rowKey={(row) => row.id}
              isBusy={fetching || stale}
            />
            <Pager
              pageInfo={found.pageInfo}
              shown={found.nodes.length}
              total={found.totalCount}
              noun={["session", "sessions"]}
              onPage={list.page}
            />
          </>
        )}
      </Panel>
      <EndSessions asked={asked} onClose={() => setAsked({ kind: "none" })} />
    </Page>
  );
}

function EndSessions({ asked, onClose }: { readonly asked: Asked; readonly onClose: () => void }) {
  const [one, endOne] = useMutation(EndSessionDocument);
  const [others, endOthers] = useMutation(EndOtherSessionsDocument);
  const [problem, setProblem] = useState<string | null>(null);

  function close(): void {
    setProblem(null);
    onClose();
  }

  async function confirm(): Promise<void> {
    if (asked.kind === "none") return;
    const context = touching("Session");
    const { data, error } =
      asked.kind === "one"
        ? await endOne({ input: { id: asked.row.id } }, context).then((result) => ({
            data: result.data?.endSession,
            error: result.error,
          }))
        : await endOthers({ input: {} }, context).then((result) => ({
            data: result.data?.endOtherSessions,
            error: result.error,
          }));
    const refusal = data?.userErrors[0];
    if (data === undefined || refusal !== undefined) {
      setProblem(refusal?.message ?? (error === undefined ? "No session was ended." : failureText(error)));
      return;
    }
    toast(asked.kind === "one" ? `${asked.row.actor} is signed out` : "All other browsers are signed out");
    close();
  }

  return (
    <ConfirmDialog
      opened={asked.kind !== "none"}
      title={asked.kind === "one" ? "Sign out this browser?" : "Sign out all other browsers?"}
      confirmLabel="Sign out"
      isDangerous
      isBusy={one.fetching || others.fetching}
      problem={problem}
      onConfirm={() => void confirm()}
      onClose={close}
    >
      <p>
        {asked.kind === "one"
          ? `${asked.row.actor} has to sign in again there. Unsaved changes on that page are lost.`
          : "Everybody else has to sign in again. Unsaved changes on their pages are lost."}
      </p>
    </ConfirmDialog>
  );
}
