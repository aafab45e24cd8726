/** Shows and changes an API's information. */
import { useCallback } from "react";
import { useClient, useMutation } from "urql";
import { ConflictDialog } from "../../forms/conflict-dialog.js";
import { SaveBar } from "../../forms/save-bar.js";
import { saveOutcome } from "../../forms/save-outcome.js";
import { type FormChange, type SaveOutcome, useVersionedForm } from "../../forms/use-versioned-form.js";
import {
  ApiFormDocument,
  type ApiFormFieldsFragment,
  UpdateApiDocument,
  type UpdateApiMutationVariables,
} from "../../gen/api-form.js";
import { ReceiptStatus } from "../../receipts/receipt-status.js";
import { useTrackReceipt } from "../../receipts/receipt-store.js";
import { Failure } from "../../ui/failure.js";
import { RowsSkeleton } from "../../ui/skeletons.js";
import { clearToast } from "../../ui/toasts.js";
import { UnsavedGuard } from "../../ui/unsaved-guard.js";
import { ApiFields } from "./api-fields.js";
import classes from "./api-form.module.css";
import { apiFormFields } from "./api-form-fields.js";
import { apiErrorField, checkRoutes, toApiFields, toFormValue, toRouteInputs } from "./api-form-mapping.js";
import type { ApiFormValue } from "./api-form-state.js";
import { RouteUsageProvider } from "./route-usage.js";
import { useApiContent } from "./use-api-content.js";
import { useApiFormChange } from "./use-api-form.js";
import { ROUTES_TOPIC } from "./use-route-row-actions.js";

export function ApiInformationPage() {
  const { api, error, refetch } = useApiContent(ApiFormDocument);
  if (api === null) {
    if (error !== undefined) return <Failure error={error} retry={refetch} />;
    return <RowsSkeleton rows={5} />;
  }
  return <ApiInformationForm loaded={api} />;
}

function ApiInformationForm({ loaded }: { readonly loaded: ApiFormFieldsFragment }) {
  const form = useVersionedForm({
    loaded,
    toValues: (api: ApiFormFieldsFragment, shown?: ApiFormValue) => toFormValue(api, shown?.routes),
    fields: apiFormFields,
    errorField: apiErrorField,
    ...useApiStorage(loaded.id),
  });
  const change = useApiFormChange(form);
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void form.submit();
      }}
    >
      <RouteUsageProvider apiId={loaded.id}>
        <ApiFields value={form.values} errors={form.errors} onChange={change} />
      </RouteUsageProvider>
      <SaveBar form={form} receipt={<ReceiptStatus subject={loaded.id} />} />
      <ConflictDialog
        noun="API"
        conflict={form.conflict}
        onResolve={(sides) => void form.resolve(sides)}
        onClose={form.postpone}
      />
      <UnsavedGuard isDirty={form.isDirty} />
    </form>
  );
}

/** Reads and saves the form's API. */
function useApiStorage(id: string) {
  const client = useClient();
  const track = useTrackReceipt();
  const [, updateApi] = useMutation(UpdateApiDocument);

  async function save(
    change: FormChange<ApiFormFieldsFragment, ApiFormValue>,
  ): Promise<SaveOutcome<ApiFormFieldsFragment>> {
    const { stored, values, changed } = change;
    const problems = changesRoutes(changed) ? checkRoutes(values, toFormValue(stored).routes) : [];
    if (problems.length > 0) return { kind: "refused", errors: problems };
    const input = { id, expectedVersion: stored.version, ...toInput(change) };
    // What was removed is gone once it is saved.
    clearToast(ROUTES_TOPIC);
    const { data, error } = await updateApi({ input });
    const payload = data?.updateApi;
    track(id, payload?.revision ?? null);
    return saveOutcome(payload, payload?.api, error);
  }

  const reload = useCallback(async () => {
    const { data } = await client
      .query(ApiFormDocument, { id }, { requestPolicy: "network-only" })
      .toPromise();
    return data?.api ?? null;
  }, [client, id]);

  return { save, reload };
}

function changesRoutes(changed: ReadonlySet<string>): boolean {
  return [...changed].some((field) => field.startsWith("routes."));
}

/** The changed fields only; the routes go together. */
function toInput({
  stored,
  values,
  changed,
}: FormChange<ApiFormFieldsFragment, ApiFormValue>): Partial<UpdateApiMutationVariables["input"]> {
  return {
    ...toApiFields(values, changed),
    ...(changesRoutes(changed) && { routes: toRouteInputs(values, toFormValue(stored).routes) }),
  };
}
