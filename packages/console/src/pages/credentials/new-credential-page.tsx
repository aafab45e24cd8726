/** Creates a credential. */
import { type FormEvent, useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { useMutation } from "urql";
import { CreateBar } from "../../forms/create-bar.js";
import { withFormField } from "../../forms/form-errors.js";
import { changedFields } from "../../forms/form-fields.js";
import { useFormState } from "../../forms/use-form-state.js";
import { CreateCredentialDocument } from "../../gen/credentials.js";
import { touching } from "../../graphql/touched.js";
import type { UserErrorLike } from "../../graphql/user-errors.js";
import { useTrackReceipt } from "../../receipts/receipt-store.js";
import { failureText } from "../../ui/failure.js";
import { Page } from "../../ui/page.js";
import { LEAVING, UnsavedGuard } from "../../ui/unsaved-guard.js";
import formClasses from "../apis/api-form.module.css";
import { CredentialFields } from "./credential-fields.js";
import {
  type CredentialValues,
  checkSecret,
  credentialErrorField,
  credentialFormFields,
  emptyCredential,
  toCredentialInput,
} from "./credential-form-state.js";

export function NewCredentialPage() {
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const [blank] = useState<CredentialValues>(() => ({
    ...emptyCredential,
    subscriptionId: params.get("subscription"),
  }));
  const form = useFormState(() => blank);
  const { values } = form;
  const track = useTrackReceipt();
  const [problem, setProblem] = useState<string | null>(null);
  const [{ fetching }, create] = useMutation(CreateCredentialDocument);

  function refuse(errors: readonly UserErrorLike[]): void {
    form.refuse(errors.map((error) => withFormField(error, credentialErrorField)));
    setProblem("The credential was not created: see the messages in red.");
  }

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setProblem(null);
    const { subscriptionId } = values;
    if (subscriptionId === null)
      return refuse([{ field: ["subscriptionId"], code: "REQUIRED", message: "Choose a subscription." }]);
    const problems = checkSecret(values);
    if (problems.length > 0) return refuse(problems);
    const { data, error } = await create(
      { input: { ...toCredentialInput(values), subscriptionId } },
      touching("Credential"),
    );
    const payload = data?.createCredential;
    if (payload === undefined)
      return setProblem(error === undefined ? "The credential was not created." : failureText(error));
    if (payload.credential === null) return refuse(payload.userErrors);
    track(payload.credential.id, payload.revision);
    await navigate(`/credentials/${payload.credential.id}`, LEAVING);
  }

  // The subscription may have been chosen by itself.
  const begin = { ...blank, subscriptionId: values.subscriptionId };
  const isDirty = changedFields(credentialFormFields, begin, values).size > 0;

  return (
    <Page title="New credential" parent={{ to: "/credentials", label: "Credentials" }}>
      <form
        className={formClasses.form}
        onSubmit={(event) => void submit(event)}
        noValidate
        autoComplete="off"
      >
        <CredentialFields value={values} errors={form.errors} isNew set={form.set} />
        <CreateBar label="Create credential" isBusy={fetching} problem={problem} listPath="/credentials" />
      </form>
      <UnsavedGuard isDirty={isDirty} />
    </Page>
  );
}
