/** Asks before a DELETE request is sent: it is a real one. */
import { ConfirmDialog } from "../../ui/confirm-dialog.js";

export interface DeleteQuestionProps {
  readonly opened: boolean;
  readonly path: string;
  /** With two keys two requests are sent. */
  readonly isTwice?: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

export function DeleteQuestion({ opened, path, isTwice = false, onConfirm, onClose }: DeleteQuestionProps) {
  return (
    <ConfirmDialog
      opened={opened}
      title="Send a DELETE request?"
      confirmLabel={isTwice ? "Send both" : "Send DELETE"}
      isDangerous
      onConfirm={onConfirm}
      onClose={onClose}
    >
      <p className="lk-muted">
        {isTwice ? "Each integration gets" : "The integration gets"} a real request for{" "}
        <code className="lk-break">{path}</code> and may delete what it names.
      </p>
    </ConfirmDialog>
  );
}
