/** One integration: its settings, the routes that use it, and how it is deleted. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { useClient, useMutation, useQuery } from "urql";
import { NotFoundPage } from "../../app/not-found-page.js";
import { ConflictDialog } from "../../forms/conflict-dialog.js";
import { SaveBar } from "../../forms/save-bar.js";
import { saveOutcome } from "../../forms/save-outcome.js";
import { type FormChange, type SaveOutcome, useVersionedForm } from "../../forms/use-versioned-form.js";
import {
  DeleteIntegrationDocument,
  type IntegrationFieldsFragment,
  IntegrationFormDocument,
  UpdateIntegrationDocument,
} from "../../gen/integrations.js";
import { problemOf } from "../../graphql/problem-of.js";
import { touching } from "../../graphql/touched.js";
import { GoneMessage } from "../../receipts/gone-message.js";
import { ReceiptStatus } from "../../receipts/receipt-status.js";
import { useTrackReceipt } from "../../receipts/receipt-store.js";
import { RejectionNotice } from "../../rejections/rejection-notice.js";
import { ConfirmDialog } from "../../ui/confirm-dialog.js";
import { CopyButton } from "../../ui/copy-button.js";
import { Failure } from "../../ui/failure.js";
import { Icon } from "../../ui/icon.js";
import { Page } from "../../ui/page.js";
import { SectionLinks } from "../../ui/section-links.js";
import { PageSkeleton } from "../../ui/skeletons.js";
import { Tag } from "../../ui/tag.js";
import { toast } from "../../ui/toasts.js";
import { LEAVING, UnsavedGuard } from "../../ui/unsaved-guard.js";
import formClasses from "../apis/api-form.module.css";
import { ConnectionTest } from "./connection-test.js";
import { HEALTH_ID, HealthBadge } from "./health-badge.js";
import { IntegrationFields, integrationSections } from "./integration-fields.js";
import classes from "./integration-form.module.css";
import { integrationErrorField, integrationFormFields } from "./integration-form-fields.js";
import {
  type IntegrationFormValue,
  toIntegrationChange,
  toIntegrationForm,
} from "./integration-form-state.js";
import { IntegrationHealth } from "./integration-health.js";
import { IntegrationTraffic, TRAFFIC_TITLE } from "./integration-traffic.js";
import { usedByTitle, WhereUsed } from "./where-used.js";

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
  const [isDeleting, setDeleting] = useState(false);
  const form = useVersionedForm({
    loaded,
    toValues: (integration: IntegrationFieldsFragment) => toIntegrationForm(integration),
    fields: integrationFormFields,
    errorField: integrationErrorField,
    ...useIntegrationStorage(loaded.id),
  });
  const { stored } = form;

  return (
    <Page
      title={stored.name}
      parent={{ to: "/integrations", label: "Integrations" }}
      badges={
        <>
          <Tag tone={stored.inboundKind === "API" ? "accent" : "neutral"}>{stored.inboundKind}</Tag>
          <span className="lk-muted">{stored.subscription.name}</span>
          <HealthBadge id={stored.id} />
        </>
      }
      description={
        <span className={classes.id}>
          ConfigCorrelationId <code className="lk-break">{stored.id}</code>
        </span>
      }
      actions={
        <>
          <Button
            component={Link}
            to={`/requests?integration=${stored.id}`}
            size="xs"
            variant="default"
            leftSection={<Icon name="list-search" size={14} />}
          >
            Requests
          </Button>
          <CopyButton text={stored.id} label="Copy id" />
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
      tabs={
        <SectionLinks
          titles={[
            ...integrationSections,
            "Connection",
            "Health by node",
            TRAFFIC_TITLE,
            usedByTitle(stored),
          ]}
        />
      }
    >
      <RejectionNotice id={stored.id} noun="integration" />
      <form
        className={formClasses.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void form.submit();
        }}
      >
        <IntegrationFields value={form.values} errors={form.errors} isNew={false} set={form.set} />
        <ConnectionTest integration={stored} />
        <div id={HEALTH_ID} className={classes.anchor}>
          <IntegrationHealth id={stored.id} />
        </div>
        <IntegrationTraffic id={stored.id} />
        <WhereUsed integration={stored} />
        <SaveBar form={form} receipt={<ReceiptStatus subject={stored.id} />} />
      </form>
      <ConflictDialog
        noun="integration"
        conflict={form.conflict}
        onResolve={(sides) => void form.resolve(sides)}
        onClose={form.postpone}
      />
      <DeleteIntegration integration={stored} opened={isDeleting} onClose={() => setDeleting(false)} />
      <UnsavedGuard isDirty={form.isDirty} />
    </Page>
  );
}

/** Reads and saves the form's integration. */
function useIntegrationStorage(id: string) {
  const client = useClient();
  const track = useTrackReceipt();
  const [, update] = useMutation(UpdateIntegrationDocument);

  async function save({
    stored,
    values,
    changed,
  }: FormChange<IntegrationFieldsFragment, IntegrationFormValue>): Promise<
    SaveOutcome<IntegrationFieldsFragment>
  > {
    const input = {
      id,
      expectedVersion: stored.version,
      ...toIntegrationChange(values, changed),
    };
    const { data, error } = await update({ input });
    const payload = data?.updateIntegration;
    track(id, payload?.revision ?? null);
    return saveOutcome(payload, payload?.integration, error);
  }

  async function reload(): Promise<IntegrationFieldsFragment | null> {
    const { data } = await client
      .query(IntegrationFormDocument, { id }, { requestPolicy: "network-only" })
      .toPromise();
    return data?.integration ?? null;
  }

  return { save, reload };
}

function DeleteIntegration({
  integration,
  opened,
  onClose,
}: {
  readonly integration: IntegrationFieldsFragment;
  readonly opened: boolean;
  readonly onClose: () => void;
}) {
  const navigate = useNavigate();
  const track = useTrackReceipt();
  const [problem, setProblem] = useState<string | null>(null);
  const [{ fetching }, remove] = useMutation(DeleteIntegrationDocument);

  async function confirm(): Promise<void> {
    const { data, error } = await remove({ input: { id: integration.id } }, touching("Integration"));
    const payload = data?.deleteIntegration;
    if (payload?.deletedIntegrationId == null)
      return setProblem(problemOf(payload?.userErrors, error, "Nothing was deleted."));
    track(integration.id, payload.revision);
    toast(<GoneMessage subject={integration.id} name={integration.name} />, "ok", integration.id);
    await navigate("/integrations", LEAVING);
  }

  return (
    <ConfirmDialog
      opened={opened}
      title="Delete this integration?"
      confirmLabel="Delete integration"
      isDangerous
      isBusy={fetching}
      problem={problem}
      onConfirm={() => void confirm()}
      onClose={() => {
        setProblem(null);
        onClose();
      }}
    >
      <p className="lk-muted">
        Only an integration that no route uses can be deleted. This cannot be undone.
      </p>
    </ConfirmDialog>
  );
}
