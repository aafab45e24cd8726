/** Creates and renames subscriptions. */
import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useClient, useMutation } from "urql";
import { ConflictDialog } from "../../forms/conflict-dialog.js";
import { propertyField } from "../../forms/form-fields.js";
import { saveOutcome } from "../../forms/save-outcome.js";
import { useFormState } from "../../forms/use-form-state.js";
import { type FormChange, type SaveOutcome, useVersionedForm } from "../../forms/use-versioned-form.js";
import {
  CreateSubscriptionDocument,
  SubscriptionFormDocument,
  type SubscriptionFormQuery,
  UpdateSubscriptionDocument,
} from "../../gen/subscriptions.js";
import { touching } from "../../graphql/touched.js";
import { Dialog, DialogActions } from "../../ui/dialog.js";
import { failureText } from "../../ui/failure.js";
import { toast } from "../../ui/toasts.js";
import { UnsavedGuard } from "../../ui/unsaved-guard.js";

type Stored = NonNullable<SubscriptionFormQuery["subscription"]>;

interface Values {
  readonly name: string;
}

const fields = [propertyField<Values, "name">("name", "Name", (name) => name)];
const listFields = () => fields;

export function NewSubscriptionDialog({
  opened,
  onClose,
}: {
  readonly opened: boolean;
  readonly onClose: () => void;
}) {
  return (
    <Dialog title="New subscription" opened={opened} onClose={onClose}>
      <NewForm onClose={onClose} />
    </Dialog>
  );
}

export function RenameSubscriptionDialog({
  row,
  onClose,
}: {
  /** Null: closed. */
  readonly row: Stored | null;
  readonly onClose: () => void;
}) {
  return (
    <Dialog title="Rename subscription" opened={row !== null} onClose={onClose}>
      {row !== null && <RenameForm key={row.id} loaded={row} onClose={onClose} />}
    </Dialog>
  );
}

function NewForm({ onClose }: { readonly onClose: () => void }) {
  const form = useFormState<Values>(() => ({ name: "" }));
  const [problem, setProblem] = useState<string | null>(null);
  const [{ fetching }, create] = useMutation(CreateSubscriptionDocument);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setProblem(null);
    const { data, error } = await create({ input: form.values }, touching("TenantSubscription"));
    const payload = data?.createSubscription;
    if (payload === undefined)
      return setProblem(error === undefined ? "Nothing was saved." : failureText(error));
    if (payload.subscription === null) return form.refuse(payload.userErrors);
    toast(`“${payload.subscription.name}” created`);
    onClose();
  }

  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <NameField name={form.values.name} error={form.errors.at("name") ?? problem} onChange={form.set} />
      <Actions label="Create subscription" isBusy={fetching} onClose={onClose} />
      <UnsavedGuard isDirty={form.values.name !== ""} />
    </form>
  );
}

function RenameForm({ loaded, onClose }: { readonly loaded: Stored; readonly onClose: () => void }) {
  const form = useVersionedForm({
    loaded,
    toValues: ({ name }: Stored): Values => ({ name }),
    fields: listFields,
    onSaved: ({ name }) => {
      toast(`“${name}” saved`);
      onClose();
    },
    ...useSubscriptionStorage(loaded.id),
  });
  return (
    <>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void (form.isDirty ? form.submit() : onClose());
        }}
      >
        <NameField
          name={form.values.name}
          error={form.errors.at("name") ?? form.problem}
          onChange={form.set}
        />
        <Actions label="Save" isBusy={form.isSaving} onClose={onClose} />
      </form>
      <ConflictDialog
        noun="subscription"
        conflict={form.conflict}
        onResolve={(sides) => void form.resolve(sides)}
        onClose={form.postpone}
      />
      <UnsavedGuard isDirty={form.isDirty} />
    </>
  );
}

/** Reads and saves the form's subscription. */
function useSubscriptionStorage(id: string) {
  const client = useClient();
  const [, update] = useMutation(UpdateSubscriptionDocument);

  async function save({ stored, values }: FormChange<Stored, Values>): Promise<SaveOutcome<Stored>> {
    const { data, error } = await update({
      input: { id, expectedVersion: stored.version, name: values.name },
    });
    return saveOutcome(data?.updateSubscription, data?.updateSubscription.subscription, error);
  }

  async function reload(): Promise<Stored | null> {
    const { data } = await client
      .query(SubscriptionFormDocument, { id }, { requestPolicy: "network-only" })
      .toPromise();
    return data?.subscription ?? null;
  }

  return { save, reload };
}

function NameField({
  name,
  error,
  onChange,
}: {
  readonly name: string;
  readonly error: string | null;
  readonly onChange: (values: Values) => void;
}) {
  return (
    <TextInput
      label="Name"
      withAsterisk
      value={name}
      error={error}
      onChange={(event) => onChange({ name: event.currentTarget.value })}
      autoComplete="off"
      data-autofocus
    />
  );
}

function Actions(props: { readonly label: string; readonly isBusy: boolean; readonly onClose: () => void }) {
  return (
    <DialogActions>
      <Button variant="default" onClick={props.onClose}>
        Cancel
      </Button>
      <Button type="submit" loading={props.isBusy}>
        {props.label}
      </Button>
    </DialogActions>
  );
}
