/** One credential: its settings, its secret, the integrations that use it, and how it is deleted. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { useParams } from "react-router";
import { useClient, useMutation, useQuery } from "urql";
import { NotFoundPage } from "../../app/not-found-page.js";
import { ConflictDialog } from "../../forms/conflict-dialog.js";
import { SaveBar } from "../../forms/save-bar.js";
import { saveOutcome } from "../../forms/save-outcome.js";
import { type FormChange, type SaveOutcome, useVersionedForm } from "../../forms/use-versioned-form.js";
import {
  type CredentialFieldsFragment,
  CredentialFormDocument,
  UpdateCredentialDocument,
} from "../../gen/credentials.js";
import { ReceiptStatus } from "../../receipts/receipt-status.js";
import { useTrackReceipt } from "../../receipts/receipt-store.js";
import { RejectionNotice } from "../../rejections/rejection-notice.js";
import { Failure } from "../../ui/failure.js";
import { Icon } from "../../ui/icon.js";
import { Page } from "../../ui/page.js";
import { PageSkeleton } from "../../ui/skeletons.js";
import { Tag } from "../../ui/tag.js";
import { UnsavedGuard } from "../../ui/unsaved-guard.js";
import formClasses from "../apis/api-form.module.css";
import { CredentialFields } from "./credential-fields.js";
import {
  type CredentialValues,
  checkSecret,
  credentialErrorField,
  credentialFormFields,
  toCredentialChange,
  toCredentialValues,
} from "./credential-form-state.js";
import { kindLabels } from "./credential-kinds.js";
import { CredentialUses, useCredentialUses } from "./credential-uses.js";
import { DeleteCredential } from "./delete-credential.js";

const parent = { to: "/credentials", label: "Credentials" };

export function CredentialPage() {
  const { credentialId = "" } = useParams();
  const [{ data, error }, refetch] = useQuery({
    query: CredentialFormDocument,
    variables: { id: credentialId },
    requestPolicy: "network-only",
  });
  if (data === undefined) {
    if (error === undefined) return <PageSkeleton />;
    return (
      <Page title="Credential" parent={parent}>
        <Failure error={error} retry={() => refetch({ requestPolicy: "network-only" })} />
      </Page>
    );
  }
  if (data.credential === null) return <NotFoundPage what="credential" />;
  return <CredentialForm key={data.credential.id} loaded={data.credential} />;
}

function CredentialForm({ loaded }: { readonly loaded: CredentialFieldsFragment }) {
  const [isDeleting, setDeleting] = useState(false);
  const form = useVersionedForm({
    loaded,
    toValues: (credential: CredentialFieldsFragment) => toCredentialValues(credential),
    fields: credentialFormFields,
    errorField: credentialErrorField,
    ...useCredentialStorage(loaded.id),
  });
  const uses = useCredentialUses(loaded.id);
  const { stored } = form;
  return (
    <Page
      title={stored.name}
      parent={parent}
      badges={
        <>
          <Tag>{kindLabels[stored.kind]}</Tag>
          <span className="lk-muted">{stored.subscription.name}</span>
        </>
      }
      actions={
        <Button
          size="xs"
          variant="default"
          color="red"
          leftSection={<Icon name="trash" size={14} />}
          onClick={() => setDeleting(true)}
        >
          Delete
        </Button>
      }
    >
      <RejectionNotice id={stored.id} noun="credential" />
      <form
        className={formClasses.form}
        noValidate
        autoComplete="off"
        onSubmit={(event) => {
          event.preventDefault();
          void form.submit();
        }}
      >
        <CredentialFields value={form.values} errors={form.errors} isNew={false} set={form.set} />
        <CredentialUses {...uses} />
        <SaveBar form={form} receipt={<ReceiptStatus subject={stored.id} />} />
      </form>
      <ConflictDialog
        noun="credential"
        conflict={form.conflict}
        onResolve={(sides) => void form.resolve(sides)}
        onClose={form.postpone}
      />
      <DeleteCredential credential={stored} opened={isDeleting} onClose={() => setDeleting(false)} />
      <UnsavedGuard isDirty={form.isDirty} />
    </Page>
  );
}

/** Reads and saves the form's credential. */
function useCredentialStorage(id: string) {
  const client = useClient();
  const track = useTrackReceipt();
  const [, update] = useMutation(UpdateCredentialDocument);

  async function save({
    stored,
    values,
    changed,
  }: FormChange<CredentialFieldsFragment, CredentialValues>): Promise<SaveOutcome<CredentialFieldsFragment>> {
    const problems = changed.has("secret") ? checkSecret(values) : [];
    if (problems.length > 0) return { kind: "refused", errors: problems };
    const input = { id, expectedVersion: stored.version, ...toCredentialChange(values, changed) };
    const { data, error } = await update({ input });
    const payload = data?.updateCredential;
    track(id, payload?.revision ?? null);
    return saveOutcome(payload, payload?.credential, error);
  }

  async function reload(): Promise<CredentialFieldsFragment | null> {
    const { data } = await client
      .query(CredentialFormDocument, { id }, { requestPolicy: "network-only" })
      .toPromise();
    return data?.credential ?? null;
  }

  return { save, reload };
}
