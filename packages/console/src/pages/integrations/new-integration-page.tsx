/** Makes an integration. */
import { Button } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { useClient, useMutation } from "urql";
import { CreateIntegrationDocument } from "../../gen/integrations.js";
import { announceReceipt } from "../../graphql/receipt.js";
import { touching } from "../../graphql/touched.js";
import { FieldErrors } from "../../graphql/user-errors.js";
import { failureText } from "../../ui/failure.js";
import { Page } from "../../ui/page.js";
import { toast } from "../../ui/toasts.js";
import { LEAVING, UnsavedGuard } from "../../ui/unsaved-guard.js";
import form from "../apis/api-form.module.css";
import { IntegrationFields } from "./integration-fields.js";
import {
  emptyIntegrationForm,
  type IntegrationFormValue,
  toIntegrationInput,
} from "./integration-form-state.js";

export function NewIntegrationPage() {
  const client = useClient();
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const [blank] = useState<IntegrationFormValue>(() => ({
    ...emptyIntegrationForm,
    subscriptionId: params.get("subscription"),
  }));
  const [value, setValue] = useState(blank);
  const [errors, setErrors] = useState(FieldErrors.none);
  const [{ fetching }, create] = useMutation(CreateIntegrationDocument);

  function set(change: Partial<IntegrationFormValue>): void {
    setValue((current) => ({ ...current, ...change }));
    setErrors((current) => Object.keys(change).reduce((left, name) => left.without(name), current));
  }

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (value.subscriptionId === null) {
      setErrors(
        new FieldErrors([{ field: ["subscriptionId"], code: "REQUIRED", message: "Choose a subscription." }]),
      );
      return;
    }
    const { data, error } = await create(
      {
        input: { ...toIntegrationInput(value, null), subscriptionId: value.subscriptionId },
      },
      touching("Integration"),
    );
    const payload = data?.createIntegration;
    if (payload === undefined) {
      toast(error === undefined ? "The integration was not made." : failureText(error), "bad");
      return;
    }
    if (payload.integration === null) {
      setErrors(new FieldErrors(payload.userErrors));
      toast("The integration was not made: see the fields marked in red.", "bad");
      return;
    }
    void announceReceipt(client, payload.revision, `“${value.name}” is made`, "Known");
    await navigate(`/integrations/${payload.integration.id}`, LEAVING);
  }

  return (
    <Page title="New integration" parent={{ to: "/integrations", label: "Integrations" }}>
      <form className={form.form} onSubmit={(event) => void submit(event)} noValidate>
        <IntegrationFields value={value} errors={errors} isNew set={set} />
        <div className={form.saveBar} data-save-bar>
          <Button component={Link} to="/integrations" variant="default">
            Cancel
          </Button>
          <Button type="submit" loading={fetching}>
            Create integration
          </Button>
        </div>
      </form>
      <UnsavedGuard isDirty={JSON.stringify(value) !== JSON.stringify(blank)} />
    </Page>
  );
}
