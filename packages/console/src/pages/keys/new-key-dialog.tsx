/** Creates a key and shows its secret once. */
import { Button } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useMutation } from "urql";
import { withFormField } from "../../forms/form-errors.js";
import { changedFields } from "../../forms/form-fields.js";
import { useFormState } from "../../forms/use-form-state.js";
import { CreateApiKeyDocument } from "../../gen/key-actions.js";
import { touching } from "../../graphql/touched.js";
import { ReceiptStatus } from "../../receipts/receipt-status.js";
import { useTrackReceipt } from "../../receipts/receipt-store.js";
import { Dialog, DialogActions } from "../../ui/dialog.js";
import { failureText } from "../../ui/failure.js";
import { SecretDialog } from "../../ui/secret-dialog.js";
import { UnsavedGuard } from "../../ui/unsaved-guard.js";
import { KeyFields } from "./key-fields.js";
import classes from "./key-form.module.css";
import { emptyKey, keyErrorField, keyFormFields, toKeyInput } from "./key-form-state.js";

export interface NewKeyDialogProps {
  readonly apiId: string;
  readonly isRecoverable: boolean;
  readonly opened: boolean;
  readonly onClose: () => void;
}

interface Created {
  readonly id: string;
  readonly secret: string;
}

export function NewKeyDialog({ apiId, isRecoverable, opened, onClose }: NewKeyDialogProps) {
  const [created, setCreated] = useState<Created | null>(null);
  return (
    <>
      <Dialog title="New key" opened={opened && created === null} onClose={onClose} size="lg">
        <NewKeyForm apiId={apiId} onCreated={setCreated} onClose={onClose} />
      </Dialog>
      <SecretDialog
        title="The new API key"
        secret={created?.secret ?? null}
        isRecoverable={isRecoverable}
        onClose={() => {
          setCreated(null);
          onClose();
        }}
      >
        {created !== null && <ReceiptStatus subject={created.id} />}
      </SecretDialog>
    </>
  );
}

interface NewKeyFormProps {
  readonly apiId: string;
  readonly onCreated: (created: Created) => void;
  readonly onClose: () => void;
}

function NewKeyForm({ apiId, onCreated, onClose }: NewKeyFormProps) {
  const form = useFormState(() => emptyKey);
  const track = useTrackReceipt();
  const [problem, setProblem] = useState<string | null>(null);
  const [{ fetching }, create] = useMutation(CreateApiKeyDocument);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setProblem(null);
    const { data, error } = await create(
      { input: { apiId, ...toKeyInput(form.values) } },
      touching("ApiKey"),
    );
    const payload = data?.createApiKey;
    if (payload === undefined)
      setProblem(error === undefined ? "The key was not created." : failureText(error));
    else if (payload.secret === null || payload.key === null)
      form.refuse(payload.userErrors.map((each) => withFormField(each, keyErrorField)));
    else {
      track(payload.key.id, payload.revision);
      onCreated({ id: payload.key.id, secret: payload.secret });
    }
  }

  return (
    <form className={classes.form} onSubmit={(event) => void submit(event)} noValidate>
      <KeyFields {...form} />
      {problem !== null && (
        <p className="lk-problem" role="alert">
          {problem}
        </p>
      )}
      <DialogActions>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={fetching}>
          Create key
        </Button>
      </DialogActions>
      <UnsavedGuard isDirty={changedFields(keyFormFields, emptyKey, form.values).size > 0} />
    </form>
  );
}
