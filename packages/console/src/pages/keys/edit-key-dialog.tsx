/** Changes a key's name, mode, expiry and limits. */
import { Button } from "@mantine/core";
import { useClient, useMutation } from "urql";
import { ConflictDialog } from "../../forms/conflict-dialog.js";
import { saveOutcome } from "../../forms/save-outcome.js";
import { type FormChange, type SaveOutcome, useVersionedForm } from "../../forms/use-versioned-form.js";
import { KeyFormDocument, UpdateApiKeyDocument } from "../../gen/keys.js";
import { useTrackReceipt } from "../../receipts/receipt-store.js";
import { Dialog, DialogActions } from "../../ui/dialog.js";
import { UnsavedGuard } from "../../ui/unsaved-guard.js";
import { KeyFields } from "./key-fields.js";
import classes from "./key-form.module.css";
import {
  type KeyRow,
  type KeyValues,
  keyErrorField,
  keyFormFields,
  toKeyChange,
  toKeyValues,
} from "./key-form-state.js";

export interface EditKeyDialogProps {
  /** Null: closed. */
  readonly edited: KeyRow | null;
  readonly onClose: () => void;
}

export function EditKeyDialog({ edited, onClose }: EditKeyDialogProps) {
  return (
    <Dialog title="Edit key" opened={edited !== null} onClose={onClose} size="lg">
      {edited !== null && <EditKeyForm key={edited.id} loaded={edited} onClose={onClose} />}
    </Dialog>
  );
}

function EditKeyForm({ loaded, onClose }: { readonly loaded: KeyRow; readonly onClose: () => void }) {
  const form = useVersionedForm({
    loaded,
    toValues: (key: KeyRow) => toKeyValues(key),
    fields: keyFormFields,
    errorField: keyErrorField,
    onSaved: onClose,
    ...useKeyStorage(loaded.id),
  });
  return (
    <>
      <form
        className={classes.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void (form.isDirty ? form.submit() : onClose());
        }}
      >
        <KeyFields {...form} />
        {form.problem !== null && (
          <p className="lk-problem" role="alert">
            {form.problem}
          </p>
        )}
        <DialogActions>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={form.isSaving}>
            Save
          </Button>
        </DialogActions>
      </form>
      <ConflictDialog
        noun="key"
        conflict={form.conflict}
        onResolve={(sides) => void form.resolve(sides)}
        onClose={form.postpone}
      />
      <UnsavedGuard isDirty={form.isDirty} />
    </>
  );
}

/** Reads and saves the form's key. */
function useKeyStorage(id: string) {
  const client = useClient();
  const track = useTrackReceipt();
  const [, update] = useMutation(UpdateApiKeyDocument);

  async function save({
    stored,
    values,
    changed,
  }: FormChange<KeyRow, KeyValues>): Promise<SaveOutcome<KeyRow>> {
    const input = { id, expectedVersion: stored.version, ...toKeyChange(values, changed) };
    const { data, error } = await update({ input });
    const payload = data?.updateApiKey;
    track(id, payload?.revision ?? null, { saved: payload?.key ?? null });
    return saveOutcome(payload, payload?.key, error);
  }

  async function reload(): Promise<KeyRow | null> {
    const { data } = await client
      .query(KeyFormDocument, { id }, { requestPolicy: "network-only" })
      .toPromise();
    return data?.apiKey ?? null;
  }

  return { save, reload };
}
