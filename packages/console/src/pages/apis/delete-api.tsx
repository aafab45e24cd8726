/** Deletes an API after its title was typed. */
import { useState } from "react";
import { useNavigate } from "react-router";
import { useMutation } from "urql";
import { DeleteApiDocument } from "../../gen/api-head.js";
import { problemOf } from "../../graphql/problem-of.js";
import { touching } from "../../graphql/touched.js";
import { GoneMessage } from "../../receipts/gone-message.js";
import { useTrackReceipt } from "../../receipts/receipt-store.js";
import { ConfirmDialog } from "../../ui/confirm-dialog.js";
import { toast } from "../../ui/toasts.js";
import { LEAVING } from "../../ui/unsaved-guard.js";
import type { ApiHead } from "./api-head.js";

export interface DeleteApiProps {
  readonly api: ApiHead;
  readonly opened: boolean;
  readonly onClose: () => void;
}

export function DeleteApi({ api, opened, onClose }: DeleteApiProps) {
  const track = useTrackReceipt();
  const navigate = useNavigate();
  const [problem, setProblem] = useState<string | null>(null);
  const [{ fetching }, deleteApi] = useMutation(DeleteApiDocument);

  async function confirm(): Promise<void> {
    const { data, error } = await deleteApi({ input: { id: api.id } }, touching("Api"));
    const payload = data?.deleteApi;
    const refusal = problemOf(payload?.userErrors, error, "Nothing was deleted.");
    if (payload === undefined || refusal !== null) return setProblem(refusal);
    track(api.id, payload.revision);
    toast(<GoneMessage subject={api.id} name={api.title} />, "ok", api.id);
    await navigate("/apis", LEAVING);
  }

  return (
    <ConfirmDialog
      opened={opened}
      title="Delete this API?"
      confirmLabel="Delete API"
      typed={{ text: api.title, label: "Title of the API" }}
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
        Its routes and keys are deleted too, and requests with these keys are refused. This cannot be undone.
      </p>
    </ConfirmDialog>
  );
}
