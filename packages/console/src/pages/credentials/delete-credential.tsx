/** Deletes a credential. One that integrations use stays, and the server names them. */
import { useState } from "react";
import { useNavigate } from "react-router";
import { useMutation } from "urql";
import { DeleteCredentialDocument } from "../../gen/credentials.js";
import { problemOf } from "../../graphql/problem-of.js";
import { touching } from "../../graphql/touched.js";
import { GoneMessage } from "../../receipts/gone-message.js";
import { useTrackReceipt } from "../../receipts/receipt-store.js";
import { ConfirmDialog } from "../../ui/confirm-dialog.js";
import { toast } from "../../ui/toasts.js";
import { LEAVING } from "../../ui/unsaved-guard.js";

export interface DeleteCredentialProps {
  readonly credential: { readonly id: string; readonly name: string };
  readonly opened: boolean;
  readonly onClose: () => void;
}

export function DeleteCredential({ credential, opened, onClose }: DeleteCredentialProps) {
  const { id, name } = credential;
  const navigate = useNavigate();
  const track = useTrackReceipt();
  const [problem, setProblem] = useState<string | null>(null);
  const [{ fetching }, remove] = useMutation(DeleteCredentialDocument);

  async function confirm(): Promise<void> {
    const { data, error } = await remove({ input: { id } }, touching("Credential"));
    const payload = data?.deleteCredential;
    if (payload?.deletedCredentialId == null)
      return setProblem(problemOf(payload?.userErrors, error, "Nothing was deleted."));
    track(id, payload.revision);
    toast(<GoneMessage subject={id} name={name} />, "ok", id);
    await navigate("/credentials", LEAVING);
  }

  return (
    <ConfirmDialog
      opened={opened}
      title="Delete this credential?"
      confirmLabel="Delete credential"
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
        Only a credential that no integration uses can be deleted. Its secret cannot be restored.
      </p>
    </ConfirmDialog>
  );
}
