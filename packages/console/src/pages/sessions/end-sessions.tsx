/** Asks before browsers are signed out, and does it. */
import { useState } from "react";
import { useMutation } from "urql";
import { EndOtherSessionsDocument, EndSessionDocument } from "../../gen/sessions.js";
import { problemOf } from "../../graphql/problem-of.js";
import { touching } from "../../graphql/touched.js";
import { ConfirmDialog } from "../../ui/confirm-dialog.js";
import { toast } from "../../ui/toasts.js";
import type { SessionRow } from "./session-columns.js";

export type AskedSessions =
  | { readonly kind: "none" }
  | { readonly kind: "one"; readonly row: SessionRow }
  | { readonly kind: "others" };

export function EndSessions({
  asked,
  onClose,
}: {
  readonly asked: AskedSessions;
  readonly onClose: () => void;
}) {
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
    const problem = problemOf(data?.userErrors, error, "No session was ended.");
    if (problem !== null) return setProblem(problem);
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
