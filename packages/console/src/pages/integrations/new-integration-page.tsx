/** Creates an integration. */
import { type FormEvent, useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { useMutation } from "urql";
import { CreateBar } from "../../forms/create-bar.js";
import { withFormField } from "../../forms/form-errors.js";
import { changedFields } from "../../forms/form-fields.js";
import { useFormState } from "../../forms/use-form-state.js";
import { CreateIntegrationDocument } from "../../gen/integrations.js";
import { touching } from "../../graphql/touched.js";
import type { UserErrorLike } from "../../graphql/user-errors.js";
import { useTrackReceipt } from "../../receipts/receipt-store.js";
import { failureText } from "../../ui/failure.js";
import { Page } from "../../ui/page.js";
import { LEAVING, UnsavedGuard } from "../../ui/unsaved-guard.js";
import formClasses from "../apis/api-form.module.css";
import { IntegrationFields } from "./integration-fields.js";
import { integrationErrorField, integrationFormFields } from "./integration-form-fields.js";
import {
  emptyIntegrationForm,
  type IntegrationFormValue,
  toIntegrationInput,
} from "./integration-form-state.js";

export function NewIntegrationPage() {
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const [blank] = useState<IntegrationFormValue>(() => ({
    ...emptyIntegrationForm,
    subscriptionId: params.get("subscription"),
  }));
  const form = useFormState(() => blank);
  const { values } = form;
  const track = useTrackReceipt();
  const [problem, setProblem] = useState<string | null>(null);
  const [{ fetching }, create] = useMutation(CreateIntegrationDocument);

  function refuse(errors: readonly UserErrorLike[]): void {
    form.refuse(errors.map((error) => withFormField(error, integrationErrorField)));
    setProblem("The integration was not created: see the messages in red.");
  }

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setProblem(null);
    const { subscriptionId } = values;
    if (subscriptionId === null)
      return refuse([{ field: ["subscriptionId"], code: "REQUIRED", message: "Choose a subscription." }]);
    const { data, error } = await create(
      { input: { ...toIntegrationInput(values), subscriptionId } },
      touching("Integration"),
    );
    const payload = data?.createIntegration;
    if (payload === undefined)
      return setProblem(error === undefined ? "The integration was not created." : failureText(error));
    if (payload.integration === null) return refuse(payload.userErrors);
    track(payload.integration.id, payload.revision);
    await navigate(`/integrations/${payload.integration.id}`, LEAVING);
  }

  // The subscription may have been chosen by itself.
  const begin = { ...blank, subscriptionId: values.subscriptionId };
  const isDirty = changedFields(integrationFormFields, begin, values).size > 0;

  return (
    <Page title="New integration" parent={{ to: "/integrations", label: "Integrations" }}>
      <form className={formClasses.form} onSubmit={(event) => void submit(event)} noValidate>
        <IntegrationFields value={values} errors={form.errors} isNew set={form.set} />
        <CreateBar label="Create integration" isBusy={fetching} problem={problem} listPath="/integrations" />
      </form>
      <UnsavedGuard isDirty={isDirty} />
    </Page>
  );
}
