/** Browsers that are signed in to the console, and how to sign them out. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { useMutation } from "urql";
import { EndSessionDocument, SessionListDocument } from "../../gen/sessions.js";
import { problemOf } from "../../graphql/problem-of.js";
import { touching } from "../../graphql/touched.js";
import type { BulkAction } from "../../ui/bulk-bar.js";
import { Icon } from "../../ui/icon.js";
import { ListPanel } from "../../ui/list-panel.js";
import { Page } from "../../ui/page.js";
import { runEach } from "../../ui/run-each.js";
import { useList } from "../../ui/use-list.js";
import { type AskedSessions, EndSessions } from "./end-sessions.js";
import { type SessionRow, sessionColumns } from "./session-columns.js";

export function SessionListPage() {
  const list = useList({
    query: SessionListDocument,
    variables: () => ({}),
    connection: (data) => data.sessions,
    order: null,
  });
  const [asked, setAsked] = useState<AskedSessions>({ kind: "none" });
  const bulk = useSessionBulk();
  return (
    <Page
      title="Sessions"
      description="Browsers that are signed in to this console. A session ends when it is not used, at its maximum age, and with the token that opened it."
      actions={
        list.extent.total > 1 ? (
          <Button variant="default" onClick={() => setAsked({ kind: "others" })}>
            Sign out all others
          </Button>
        ) : undefined
      }
    >
      <ListPanel
        name="sessions"
        list={list}
        noun={["session", "sessions"]}
        columns={sessionColumns((row) => setAsked({ kind: "one", row }))}
        rowName={(row) => `${row.actor} at ${row.address ?? "an unknown address"}`}
        bulk={bulk}
        empty={{ icon: "key", title: "No browser is signed in", text: "Only tokens are in use." }}
      />
      <EndSessions asked={asked} onClose={() => setAsked({ kind: "none" })} />
    </Page>
  );
}

function useSessionBulk(): readonly BulkAction<SessionRow>[] {
  const [, end] = useMutation(EndSessionDocument);
  return [
    {
      label: "Sign out",
      icon: <Icon name="logout" size={14} />,
      isDangerous: true,
      isShown: (rows) => !rows.some((row) => row.isCurrent),
      question: (rows) => ({
        title: rows.length === 1 ? "Sign out this browser?" : `Sign out ${rows.length} browsers?`,
        text: "Their operators have to sign in again. Unsaved changes there are lost.",
      }),
      run: (rows) =>
        runEach({
          items: rows,
          noun: ["browser", "browsers"],
          done: "signed out",
          run: async ({ id }) => {
            const { data, error } = await end({ input: { id } }, touching("Session"));
            return problemOf(data?.endSession.userErrors, error);
          },
        }),
    },
  ];
}
