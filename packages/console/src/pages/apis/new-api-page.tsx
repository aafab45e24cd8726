/** Makes an API together with its first key, whose secret is shown once. */
import { Button } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { useMutation } from "urql";
import { CreateApiDocument } from "../../gen/api-form.js";
import { touching } from "../../graphql/touched.js";
import { FieldErrors } from "../../graphql/user-errors.js";
import { failureText } from "../../ui/failure.js";
import { Page } from "../../ui/page.js";
import { SecretDialog } from "../../ui/secret-dialog.js";
import { toast } from "../../ui/toasts.js";
import { LEAVING, UnsavedGuard } from "../../ui/unsaved-guard.js";
import { ApiFields } from "./api-fields.js";
import classes from "./api-form.module.css";
import { checkRoutes, toRouteInputs } from "./api-form-mapping.js";
import { type ApiFormValue, emptyApiForm, isSameForm, newRouteRow } from "./api-form-state.js";
import { useApiForm } from "./use-api-form.js";

interface Made {
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
  const { value, errors, change, refuse } = useApiForm(() => blank);
  const [made, setMade] = useState<Made | null>(null);
  const [{ fetching }, createApi] = useMutation(CreateApiDocument);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (value.subscriptionId === null) {
      refuse(
        new FieldErrors([{ field: ["subscriptionId"], code: "REQUIRED", message: "Choose a subscription." }]),
      );
      return;
    }
    const problems = checkRoutes(value, []);
    if (problems.length > 0) {
      refuse(new FieldErrors(problems));
      toast("The API was not made: see the fields marked in red.", "bad");
      return;
    }
    const { data, error } = await createApi(
      {
        input: {
          title: value.title,
          summary: value.summary,
          subscriptionId: value.subscriptionId,
          recoverable: value.recoverable,
          bearerRequired: value.bearerRequired,
          openapiServed: value.openapiServed,
          routes: toRouteInputs(value, []),
        },
      },
      touching("Api"),
    );
    if (error !== undefined || data === undefined) {
      toast(error === undefined ? "The API was not made." : failureText(error), "bad");
      return;
    }
    const { api, secret, userErrors } = data.createApi;
    if (userErrors.length > 0 || api === null) {
      refuse(new FieldErrors(userErrors));
      toast("The API was not made: see the fields marked in red.", "bad");
      return;
    }
    setMade({ id: api.id, secret: secret ?? "", isRecoverable: api.recoverable });
  }

  return (
    <Page title="New API" parent={{ to: "/apis", label: "APIs" }}>
      <form className={classes.form} onSubmit={(event) => void submit(event)} noValidate>
        <ApiFields value={value} errors={errors} onChange={change} />
        <div className={classes.saveBar} data-save-bar>
          <span className={classes.saveState}>An API key is made along with the API.</span>
          <Button component={Link} to="/apis" variant="default">
            Cancel
          </Button>
          <Button type="submit" loading={fetching}>
            Create API
          </Button>
        </div>
      </form>
      <SecretDialog
        title="The API key"
        secret={made?.secret ?? null}
        isRecoverable={made?.isRecoverable ?? false}
        onClose={() => {
          if (made !== null) void navigate(`/apis/${made.id}`, LEAVING);
        }}
      />
      <UnsavedGuard isDirty={!isSameForm(blank, value)} />
    </Page>
  );
}
