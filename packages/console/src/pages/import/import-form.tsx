/** The parts of an import from top to bottom: the document, what is chosen, what would come of it, and the button. */
import { useNavigate } from "react-router";
import { ReceiptStatus } from "../../receipts/receipt-status.js";
import { SecretDialog } from "../../ui/secret-dialog.js";
import { toast } from "../../ui/toasts.js";
import { LEAVING, UnsavedGuard } from "../../ui/unsaved-guard.js";
import { ApplyBar } from "./apply-bar.js";
import { DocumentPanel } from "./document-panel.js";
import classes from "./import-form.module.css";
import { ImportOptionsPanel } from "./import-options-panel.js";
import type { ImportTarget } from "./import-settings.js";
import { IntegrationsPanel } from "./integrations-panel.js";
import { NewApiPanel } from "./new-api-panel.js";
import { OperationsPanel } from "./operations-panel.js";
import { ReportPanel } from "./report-panel.js";
import { SplitKeysDialog } from "./split-keys-dialog.js";
import { type Applied, useApplyImport } from "./use-apply-import.js";
import { useImport } from "./use-import.js";

export interface ImportFormProps {
  readonly target: ImportTarget | null;
  readonly subscriptionId: string | null;
  readonly reload: () => void;
}

export function ImportForm(props: ImportFormProps) {
  const navigate = useNavigate();
  const made = useImport(props);
  const leave = ({ api, apis }: Applied) =>
    void navigate(apis.length > 1 ? "/apis" : `/apis/${api.id}`, LEAVING);
  const applying = useApplyImport({
    onConflict: props.reload,
    onApplied: (applied) => {
      if (applied.secret !== null) return;
      // A creation that was sent twice does not show its secret again.
      if (props.target === null)
        toast(
          applied.apis.length > 1
            ? "The APIs were created. Their keys cannot be shown again: regenerate them under “Keys”."
            : "The API was created. Its key cannot be shown again: regenerate it under “Keys”.",
          "info",
        );
      leave(applied);
    },
  });
  const { applied } = applying;
  const isSplit = (applied?.apis.length ?? 0) > 1;
  const isSecretShown = applied !== null && applied.secret !== null;
  const isDirty = applied === null && (made.document !== null || made.draft.trim() !== "");
  // Of a document that cannot be read there is nothing to choose.
  const isShown = (made.preview.listed?.documentTitle ?? null) !== null;

  return (
    <div className={classes.form}>
      {props.target === null && <NewApiPanel made={made} />}
      <DocumentPanel made={made} />
      {isShown && (
        <>
          <div className={classes.choices}>
            <IntegrationsPanel made={made} />
            <ImportOptionsPanel made={made} />
          </div>
          <ReportPanel made={made} />
          <OperationsPanel made={made} />
        </>
      )}
      <ApplyBar made={made} applying={applying} />
      <SecretDialog
        title="The API key"
        secret={isSplit ? null : (applied?.secret ?? null)}
        isRecoverable={applied?.api.recoverable ?? false}
        onClose={() => {
          if (applied !== null) leave(applied);
        }}
      >
        {applied !== null && <ReceiptStatus subject={applied.api.id} />}
      </SecretDialog>
      <SplitKeysDialog
        apis={isSplit && isSecretShown ? applied.apis : []}
        onClose={() => {
          if (applied !== null) leave(applied);
        }}
      />
      <UnsavedGuard isDirty={isDirty} />
    </div>
  );
}
