/** The dialogs of keys; at most one is open. */
import { useState } from "react";
import { ConfirmDialog } from "../../ui/confirm-dialog.js";
import { toast } from "../../ui/toasts.js";
import { useApiHead } from "../apis/api-head.js";
import { EditKeyDialog } from "./edit-key-dialog.js";
import type { KeyRow } from "./key-form-state.js";
import type { KeyMenuChoice } from "./key-menu.js";
import { NewKeyDialog } from "./new-key-dialog.js";
import { RegenerateDialog } from "./regenerate-dialog.js";
import type { KeyActions } from "./use-key-actions.js";
import { WebhookDialog } from "./webhook-dialog.js";

export type OpenedKeyDialog =
  | { readonly kind: "none" }
  | { readonly kind: "new" }
  | { readonly kind: KeyMenuChoice; readonly key: KeyRow };

interface KeyDialogsProps {
  readonly opened: OpenedKeyDialog;
  readonly actions: KeyActions;
  readonly onClose: () => void;
  /** The key is gone. */
  readonly onDeleted?: () => void;
}

export function KeyDialogs({ opened, actions, onClose, onDeleted }: KeyDialogsProps) {
  const api = useApiHead();
  const [isBusy, setBusy] = useState(false);
  const keyOf = (kind: KeyMenuChoice) => (opened.kind === kind && "key" in opened ? opened.key : null);
  const deleted = keyOf("delete");

  async function remove(key: KeyRow): Promise<void> {
    setBusy(true);
    const problem = await actions.remove(key);
    setBusy(false);
    if (problem !== null) {
      toast(problem, "bad", key.id);
      return;
    }
    onClose();
    onDeleted?.();
  }

  return (
    <>
      <NewKeyDialog
        apiId={api.id}
        isRecoverable={api.recoverable}
        opened={opened.kind === "new"}
        onClose={onClose}
      />
      <EditKeyDialog edited={keyOf("edit")} onClose={onClose} />
      <RegenerateDialog apiKey={keyOf("regenerate")} isRecoverable={api.recoverable} onClose={onClose} />
      <WebhookDialog
        apiId={api.id}
        apiKey={keyOf("webhook")}
        isRecoverable={keyOf("webhook")?.recoverable ?? false}
        onClose={onClose}
      />
      <ConfirmDialog
        opened={deleted !== null}
        title="Delete this key?"
        confirmLabel="Delete key"
        isDangerous
        isBusy={isBusy}
        onConfirm={() => deleted !== null && void remove(deleted)}
        onClose={onClose}
      >
        <p className="lk-muted">
          Requests with “{deleted?.name}” ({deleted?.display}) are refused as unknown. This cannot be undone.
          To stop a client for a while, disable the key instead.
        </p>
      </ConfirmDialog>
    </>
  );
}
