/** Shows and changes an API's information. A lost update is never overwritten silently: both versions are shown. */
import { Button } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useClient, useMutation, useQuery } from "urql";
import { ApiFormDocument, type ApiFormFieldsFragment, UpdateApiDocument } from "../../gen/api-form.js";
import { announceReceipt } from "../../graphql/receipt.js";
import { FieldErrors, type UserErrorLike } from "../../graphql/user-errors.js";
import { Failure, failureText } from "../../ui/failure.js";
import { RowsSkeleton } from "../../ui/skeletons.js";
import { TimeAgo } from "../../ui/time-ago.js";
import { toast } from "../../ui/toasts.js";
import { UnsavedGuard } from "../../ui/unsaved-guard.js";
import { ApiFields } from "./api-fields.js";
import classes from "./api-form.module.css";
import { checkRoutes, toFormValue, toRouteInputs } from "./api-form-mapping.js";
import { isSameForm } from "./api-form-state.js";
import { useApiHead } from "./api-layout.js";
import { ConflictDialog } from "./conflict-dialog.js";
import { useApiForm } from "./use-api-form.js";

export function ApiInformationPage() {
  const { id } = useApiHead();
  const [{ data, error }, refetch] = useQuery({
    query: ApiFormDocument,
    variables: { id },
    requestPolicy: "network-only",
  });
  if (data?.api == null) {
    if (error !== undefined)
      return <Failure error={error} retry={() => refetch({ requestPolicy: "network-only" })} />;
    return <RowsSkeleton rows={5} />;
  }
  return <ApiInformationForm loaded={data.api} />;
}

function ApiInformationForm({ loaded }: { readonly loaded: ApiFormFieldsFragment }) {
  const client = useClient();
  // What the form started from. A newer version that arrives by itself does not touch what is being edited.
  const [base, setBase] = useState(() => ({ api: loaded, value: toFormValue(loaded) }));
  const [theirs, setTheirs] = useState<ApiFormFieldsFragment | null>(null);
  const { value, errors, change, refuse } = useApiForm(() => base.value);
  const [{ fetching }, updateApi] = useMutation(UpdateApiDocument);
  const isDirty = !isSameForm(base.value, value);

  if (!isDirty && loaded.version > base.api.version) adopt(loaded);

  function adopt(api: ApiFormFieldsFragment): void {
    const next = { api, value: toFormValue(api, value.routes) };
    setBase(next);
    change({ kind: "replace", value: next.value });
  }

  /** `stored`: what the server has, at the version that is expected there. */
  async function save(stored: ApiFormFieldsFragment): Promise<void> {
    const storedRoutes = toFormValue(stored).routes;
    const problems = checkRoutes(value, storedRoutes);
    if (problems.length > 0) {
      setTheirs(null);
      refuseAll(problems);
      return;
    }
    const { data, error } = await updateApi({
      input: {
        id: base.api.id,
        expectedVersion: stored.version,
        title: value.title,
        summary: value.summary,
        ...(value.subscriptionId === null ? {} : { subscriptionId: value.subscriptionId }),
        recoverable: value.recoverable,
        bearerRequired: value.bearerRequired,
        openapiServed: value.openapiServed,
        routes: toRouteInputs(value, storedRoutes),
      },
    });
    if (error !== undefined || data === undefined) {
      toast(error === undefined ? "Nothing was saved." : failureText(error), "bad");
      return;
    }
    const { api, userErrors, revision } = data.updateApi;
    if (userErrors.some((each) => each.code === "CONFLICT")) {
      await showConflict();
      return;
    }
    setTheirs(null);
    if (userErrors.length > 0 || api === null) {
      refuseAll(userErrors);
      return;
    }
    adopt(api);
    void announceReceipt(client, revision, "Saved", "In force");
  }

  function refuseAll(problems: readonly UserErrorLike[]): void {
    refuse(new FieldErrors(problems));
    toast("Nothing was saved: see the fields marked in red.", "bad");
  }

  async function showConflict(): Promise<void> {
    const { data } = await client
      .query(ApiFormDocument, { id: base.api.id }, { requestPolicy: "network-only" })
      .toPromise();
    if (data?.api == null) toast("This API was deleted in the meantime.", "bad");
    else setTheirs(data.api);
  }

  function submit(event: FormEvent): void {
    event.preventDefault();
    void save(base.api);
  }

  return (
    <form className={classes.form} onSubmit={submit} noValidate>
      <ApiFields value={value} errors={errors} onChange={change} />
      <div className={classes.saveBar} data-save-bar>
        <span className={classes.saveState} role="status">
          {isDirty ? (
            "Unsaved changes"
          ) : (
            <>
              Version {base.api.version}, changed <TimeAgo at={base.api.updatedAt} />
            </>
          )}
        </span>
        <Button variant="default" disabled={!isDirty} onClick={() => adopt(base.api)}>
          Discard
        </Button>
        <Button type="submit" disabled={!isDirty} loading={fetching}>
          Save
        </Button>
      </div>
      <ConflictDialog
        mine={value}
        theirs={theirs === null ? null : toFormValue(theirs)}
        isBusy={fetching}
        onKeepMine={() => theirs !== null && void save(theirs)}
        onTakeTheirs={() => {
          if (theirs !== null) adopt(theirs);
          setTheirs(null);
        }}
        onClose={() => setTheirs(null)}
      />
      <UnsavedGuard isDirty={isDirty} />
    </form>
  );
}
