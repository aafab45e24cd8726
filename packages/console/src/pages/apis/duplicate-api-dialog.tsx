/** Duplicates an API: routes and options under a new title, with a first key of its own that is shown once. */
import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useNavigate } from "react-router";
import { useMutation } from "urql";
import { type ApiHeadFieldsFragment, DuplicateApiDocument } from "../../gen/api-head.js";
import { problemOf } from "../../graphql/problem-of.js";
import { touching } from "../../graphql/touched.js";
import { ReceiptStatus } from "../../receipts/receipt-status.js";
import { useTrackReceipt } from "../../receipts/receipt-store.js";
import { Dialog, DialogActions } from "../../ui/dialog.js";
import { SecretDialog } from "../../ui/secret-dialog.js";
import { LEAVING } from "../../ui/unsaved-guard.js";

interface Copied {
  readonly id: string;
  readonly secret: string;
  readonly isRecoverable: boolean;
}

export interface DuplicateApiDialogProps {
  readonly api: ApiHeadFieldsFragment;
  readonly opened: boolean;
  readonly onClose: () => void;
}

export function DuplicateApiDialog({ api, opened, onClose }: DuplicateApiDialogProps) {
  const navigate = useNavigate();
  const [copied, setCopied] = useState<Copied | null>(null);
  return (
    <>
      <Dialog title="Duplicate this API" opened={opened && copied === null} onClose={onClose}>
        <DuplicateForm api={api} onClose={onClose} onCopied={setCopied} />
      </Dialog>
      <SecretDialog
        title="The API key"
        secret={copied?.secret ?? null}
        isRecoverable={copied?.isRecoverable ?? false}
        onClose={() => {
          if (copied === null) return;
          setCopied(null);
          onClose();
          void navigate(`/apis/${copied.id}`, LEAVING);
        }}
      >
        {copied !== null && <ReceiptStatus subject={copied.id} />}
      </SecretDialog>
    </>
  );
}

interface DuplicateFormProps {
  readonly api: ApiHeadFieldsFragment;
  readonly onClose: () => void;
  readonly onCopied: (copied: Copied) => void;
}

function DuplicateForm({ api, onClose, onCopied }: DuplicateFormProps) {
  const track = useTrackReceipt();
  const [title, setTitle] = useState(`${api.title.slice(0, 190)} (copy)`);
  const [problem, setProblem] = useState<string | null>(null);
  const [{ fetching }, duplicate] = useMutation(DuplicateApiDocument);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    const { data, error } = await duplicate({ input: { id: api.id, title } }, touching("Api"));
    const payload = data?.duplicateApi;
    const copy = payload?.api ?? null;
    if (payload === undefined || copy === null)
      return setProblem(problemOf(payload?.userErrors, error, "The API was not duplicated."));
    track(copy.id, payload.revision);
    onCopied({ id: copy.id, secret: payload.secret ?? "", isRecoverable: copy.recoverable });
  }

  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <TextInput
        label="Title of the new API"
        description="It gets the routes and options of this API, and a key of its own. Keys are not copied."
        maxLength={200}
        value={title}
        error={problem}
        onChange={(event) => setTitle(event.currentTarget.value)}
        autoComplete="off"
        data-autofocus
      />
      <DialogActions>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={fetching}>
          Duplicate API
        </Button>
      </DialogActions>
    </form>
  );
}
