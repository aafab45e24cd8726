/** One integration: its settings, who uses it, and its end. */
import { Button } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { useClient, useMutation, useQuery } from "urql";
import { NotFoundPage } from "../../app/not-found-page.js";
import {
  DeleteIntegrationDocument,
  type IntegrationFieldsFragment,
  IntegrationFormDocument,
  UpdateIntegrationDocument,
} from "../../gen/integrations.js";
import { announceReceipt } from "../../graphql/receipt.js";
import { touching } from "../../graphql/touched.js";
import { FieldErrors } from "../../graphql/user-errors.js";
import { ConfirmDialog } from "../../ui/confirm-dialog.js";
import { CopyButton } from "../../ui/copy-button.js";
import { Failure, failureText } from "../../ui/failure.js";
import { Icon } from "../../ui/icon.js";
import { MethodBadge } from "../../ui/method-badge.js";
import { Page, Panel } from "../../ui/page.js";
import { PageSkeleton } from "../../ui/skeletons.js";
import { Tag } from "../../ui/tag.js";
import { TimeAgo } from "../../ui/time-ago.js";
import { toast } from "../../ui/toasts.js";
import { LEAVING, UnsavedGuard } from "../../ui/unsaved-guard.js";
import form from "../apis/api-form.module.css";
import { IntegrationFields } from "./integration-fields.js";
import classes from "./integration-form.module.css";
import {
  type IntegrationFormValue,
  toIntegrationForm,
  toIntegrationInput,
} from "./integration-form-state.js";

export function IntegrationPage() {
  const { integrationId = "" } = useParams();
  const [{ data, error }, refetch] = useQuery({
    query: IntegrationFormDocument,
    variables: { id: integrationId },
    requestPolicy: "network-only",
  });
  if (data === undefined) {
    if (error === undefined) return <PageSkeleton />;
    return (
      <Page title="Integration" parent={{ to: "/integrations", label: "Integrations" }}>
        <Failure error={error} retry={() => refetch({ requestPolicy: "network-only" })} />
      </Page>
    );
  }
  if (data.integration === null) return <NotFoundPage what="integration" />;
  return <IntegrationForm key={data.integration.id} loaded={data.integration} />;
}

function IntegrationForm({ loaded }: { readonly loaded: IntegrationFieldsFragment }) {
  const client = useClient();
  const navigate = useNavigate();
  const [base, setBase] = useState(loaded);
  const [value, setValue] = useState(() => toIntegrationForm(loaded));
  const [errors, setErrors] = useState(FieldErrors.none);
  const [isDeleting, setDeleting] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [updating, update] = useMutation(UpdateIntegrationDocument);
  const [removing, remove] = useMutation(DeleteIntegrationDocument);
  const isDirty = JSON.stringify(value) !== JSON.stringify(toIntegrationForm(base));

  function set(change: Partial<IntegrationFormValue>): void {
    setValue((current) => ({ ...current, ...change }));
    setErrors((current) => Object.keys(change).reduce((left, name) => left.without(name), current));
  }

  function adopt(integration: IntegrationFieldsFragment): void {
    setBase(integration);
    setValue(toIntegrationForm(integration));
    setErrors(FieldErrors.none);
  }

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    const { data, error } = await update({
      input: { ...toIntegrationInput(value, base), id: base.id, expectedVersion: base.version },
    });
    const payload = data?.updateIntegration;
    if (payload === undefined) {
      toast(error === undefined ? "Nothing was saved." : failureText(error), "bad");
      return;
    }
    if (payload.integration === null) {
      setErrors(new FieldErrors(payload.userErrors));
      toast("Nothing was saved: see the messages in red.", "bad");
      return;
    }
    adopt(payload.integration);
    void announceReceipt(client, payload.revision, "Saved", "In force");
  }

  async function confirmDelete(): Promise<void> {
    const { data, error } = await remove({ input: { id: base.id } }, touching("Integration"));
    const payload = data?.deleteIntegration;
    if (payload?.deletedIntegrationId == null) {
      const refusal = payload?.userErrors.map((each) => each.message).join(" ");
      setProblem(refusal ?? (error === undefined ? "Nothing was deleted." : failureText(error)));
      return;
    }
    void announceReceipt(client, payload.revision, `“${base.name}” is deleted`, "Gone");
    await navigate("/integrations", LEAVING);
  }

  return (
    <Page
      title={base.name}
      parent={{ to: "/integrations", label: "Integrations" }}
      badges={
        <>
          <Tag tone={base.inboundKind === "API" ? "accent" : "neutral"}>{base.inboundKind}</Tag>
          <span className="lk-muted">{base.subscription.name}</span>
        </>
      }
      description={
        <span className={classes.id}>
          ConfigCorrelationId <code className="lk-break">{base.id}</code>
        </span>
      }
      actions={
        <>
          <CopyButton text={base.id} label="Copy id" />
          <Button
            size="xs"
            variant="default"
            color="red"
            leftSection={<Icon name="trash" size={14} />}
            onClick={() => setDeleting(true)}
          >
            Delete
          </Button>
        </>
      }
    >
      <form className={form.form} onSubmit={(event) => void submit(event)} noValidate>
        <IntegrationFields value={value} errors={errors} isNew={false} set={set} />
        <Panel title={`Used by ${base.routeCount} ${base.routeCount === 1 ? "route" : "routes"}`}>
          {base.usedBy.length === 0 ? (
            <p className="lk-muted">No route leads here yet.</p>
          ) : (
            <ul className={classes.uses}>
              {base.usedBy.map((use) => (
                <li key={`${use.apiId} ${use.method} ${use.path}`}>
                  <MethodBadge method={use.method} compact />
                  <span className="lk-mono lk-break">{use.path}</span>
                  <span className="lk-muted">
                    of <Link to={`/apis/${use.apiId}`}>{use.apiTitle}</Link>
                  </span>
                </li>
              ))}
              {base.routeCount > base.usedBy.length && (
                <li className="lk-muted">and {base.routeCount - base.usedBy.length} more</li>
              )}
            </ul>
          )}
        </Panel>
        <div className={form.saveBar} data-save-bar>
          <span className={form.saveState} role="status">
            {isDirty ? (
              "Unsaved changes"
            ) : (
              <>
                Version {base.version}, changed <TimeAgo at={base.updatedAt} />
              </>
            )}
          </span>
          <Button variant="default" disabled={!isDirty} onClick={() => adopt(base)}>
            Discard
          </Button>
          <Button type="submit" disabled={!isDirty} loading={updating.fetching}>
            Save
          </Button>
        </div>
      </form>
      <ConfirmDialog
        opened={isDeleting}
        title="Delete this integration?"
        confirmLabel="Delete integration"
        isDangerous
        isBusy={removing.fetching}
        problem={problem}
        onConfirm={() => void confirmDelete()}
        onClose={() => {
          setDeleting(false);
          setProblem(null);
        }}
      >
        <p className="lk-muted">
          Only an integration that no route uses can be deleted. This cannot be undone.
        </p>
      </ConfirmDialog>
      <UnsavedGuard isDirty={isDirty} />
    </Page>
  );
}
