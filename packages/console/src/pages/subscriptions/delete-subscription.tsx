/** Deletes a subscription that owns nothing. */
import { useState } from "react";
import { useMutation } from "urql";
import { DeleteSubscriptionDocument } from "../../gen/subscriptions.js";
import { problemOf } from "../../graphql/problem-of.js";
import { touching } from "../../graphql/touched.js";
import { ConfirmDialog } from "../../ui/confirm-dialog.js";
import { toast } from "../../ui/toasts.js";
import type { SubscriptionRow } from "./subscription-columns.js";

export function DeleteSubscription({
  row,
  onClose,
}: {
  readonly row: SubscriptionRow | null;
  readonly onClose: () => void;
}) {
  const [problem, setProblem] = useState<string | null>(null);
  const [{ fetching }, remove] = useMutation(DeleteSubscriptionDocument);

  function close(): void {
    setProblem(null);
    onClose();
  }

  async function confirm(): Promise<void> {
    if (row === null) return;
    const { data, error } = await remove({ input: { id: row.id } }, touching("TenantSubscription"));
    const payload = data?.deleteSubscription;
    if (payload?.deletedSubscriptionId == null)
      return setProblem(problemOf(payload?.userErrors, error, "Nothing was deleted."));
    toast(`“${row.name}” is deleted`);
    close();
  }

  return (
    <ConfirmDialog
      opened={row !== null}
      title="Delete this subscription?"
      confirmLabel="Delete subscription"
      isDangerous
      isBusy={fetching}
      problem={problem}
      onConfirm={() => void confirm()}
      onClose={close}
    >
      <p className="lk-muted">Only a subscription that owns nothing any more can be deleted.</p>
    </ConfirmDialog>
  );
}
