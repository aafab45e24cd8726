/** The address to paste into a sender that cannot set headers: key and flag stand in its query. */
import { Button } from "@mantine/core";
import { Dialog, DialogActions } from "../../ui/dialog.js";
import type { KeyRef } from "./key-ref.js";
import { WebhookBuilder } from "./webhook-builder.js";

export interface WebhookDialogProps {
  /** Null: closed. */
  readonly apiId: string | null;
  readonly apiKey: KeyRef | null;
  readonly isRecoverable: boolean;
  readonly onClose: () => void;
}

export function WebhookDialog({ apiId, apiKey, isRecoverable, onClose }: WebhookDialogProps) {
  return (
    <Dialog title="Webhook URL" opened={apiId !== null && apiKey !== null} onClose={onClose} size="lg">
      <p className="lk-muted">
        Paste this address into the sender. The key and the webhook flag are in the query, for senders that
        cannot set headers. The ingress removes both before it forwards a request.
      </p>
      {apiId !== null && apiKey !== null && (
        <WebhookBuilder key={apiKey.id} apiId={apiId} apiKey={apiKey} isRecoverable={isRecoverable} />
      )}
      <DialogActions>
        <Button variant="default" onClick={onClose}>
          Close
        </Button>
      </DialogActions>
    </Dialog>
  );
}
