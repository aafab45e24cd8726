/** Creates an API together with its first key, whose secret is shown once. */
import { type FormEvent, useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { useMutation } from "urql";
import { CreateBar } from "../../forms/create-bar.js";
import { withFormField } from "../../forms/form-errors.js";
import { changedFields } from "../../forms/form-fields.js";
import { useFormState } from "../../forms/use-form-state.js";
import { CreateApiDocument } from "../../gen/api-form.js";
import { touching } from "../../graphql/touched.js";
import type { UserErrorLike } from "../../graphql/user-errors.js";
import { ReceiptStatus } from "../../receipts/receipt-status.js";
import { useTrackReceipt } from "../../receipts/receipt-store.js";
import { failureText } from "../../ui/failure.js";
import { Page } from "../../ui/page.js";
import { SecretDialog } from "../../ui/secret-dialog.js";
import { LEAVING, UnsavedGuard } from "../../ui/unsaved-guard.js";
import { ApiFields } from "./api-fields.js";
import classes from "./api-form.module.css";
import { apiFormFields } from "./api-form-fields.js";
import { apiErrorField, checkRoutes, toApiFields, toRouteInputs } from "./api-form-mapping.js";
import { type ApiFormValue, emptyApiForm, newRouteRow } from "./api-form-state.js";
import { useApiFormChange } from "./use-api-form.js";

interface Created {
  readonly id: string;
  readonly secret: string;
  readonly isRecoverable: boolean;
}

export function NewApiPage() {
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const [blank] = useState<ApiFormValue>(() => ({
    ...emptyApiForm,
    subscriptionId: params.get("subscription"),
    routes: [newRouteRow()],
  }));
  const form = useFormState(() => blank);
  const { values } = form;
  const change = useApiFormChange(form);
  const track = useTrackReceipt();
  const [problem, setProblem] = useState<string | null>(null);
  const [created, setCreated] = useState<Created | null>(null);
  const [{ fetching }, createApi] = useMutation(CreateApiDocument);

  function refuse(errors: readonly UserErrorLike[]): void {
    form.refuse(errors.map((error) => withFormField(error, apiErrorField)));
    setProblem("The API was not created: see the messages in red.");
  }

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setProblem(null);
    const { subscriptionId, title } = values;
    if (subscriptionId === null)
      return refuse([{ field: ["subscriptionId"], code: "REQUIRED", message: "Choose a subscription." }]);
    const problems = checkRoutes(values, []);
    if (problems.length > 0) return refuse(problems);
    const { data, error } = await createApi(
      {
        input: {
          ...toApiFields(values, new Set(Object.keys(values))),
          title,
          subscriptionId,
          routes: toRouteInputs(values, []),
        },
      },
      touching("Api"),
    );
    if (error !== undefined || data === undefined)
      return setProblem(error === undefined ? "The API was not created." : failureText(error));
    const { api, secret, userErrors, revision } = data.createApi;
    if (userErrors.length > 0 || api === null) return refuse(userErrors);
    track(api.id, revision);
    setCreated({ id: api.id, secret: secret ?? "", isRecoverable: api.recoverable });
  }

  // The subscription may have been chosen by itself.
  const begin = { ...blank, subscriptionId: values.subscriptionId };
  const isDirty = changedFields(apiFormFields, begin, values).size > 0;

  return (
    <Page title="New API" parent={{ to: "/apis", label: "APIs" }}>
      <form className={classes.form} onSubmit={(event) => void submit(event)} noValidate>
        <ApiFields value={values} errors={form.errors} onChange={change} />
        <CreateBar
          label="Create API"
          isBusy={fetching}
          problem={problem}
          listPath="/apis"
          note="The API's first key is created with it."
        />
      </form>
      <SecretDialog
        title="The API key"
        secret={created?.secret ?? null}
        isRecoverable={created?.isRecoverable ?? false}
        onClose={() => {
          if (created !== null) void navigate(`/apis/${created.id}`, LEAVING);
        }}
      >
        {created !== null && <ReceiptStatus subject={created.id} />}
      </SecretDialog>
      <UnsavedGuard isDirty={created === null && isDirty} />
    </Page>
  );
}
