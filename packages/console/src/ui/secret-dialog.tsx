/** Shows a new secret, once. It lives in the caller's state only and is gone when this closes. */
import { Button, Checkbox } from "@mantine/core";
import { type ReactNode, useEffect, useState } from "react";
import { CopyButton } from "./copy-button.js";
import { Dialog, DialogActions } from "./dialog.js";
import classes from "./secret-dialog.module.css";

export interface SecretDialogProps {
  readonly title: string;
  readonly secret: string | null;
  readonly onClose: () => void;
  /** The secret can be shown again later. */
  readonly isRecoverable?: boolean;
  readonly children?: ReactNode;
}

export function SecretDialog({ title, secret, onClose, isRecoverable = false, children }: SecretDialogProps) {
  const [isKept, setKept] = useState(false);
  useEffect(() => {
    if (secret !== null) setKept(false);
  }, [secret]);
  return (
    <Dialog title={title} opened={secret !== null} onClose={onClose} size="lg" isFirm>
      <p className={classes.text}>
        {isRecoverable
          ? "Copy the key now, or later with “Copy API key”: this API keeps its keys recoverable."
          : "Copy the key now and keep it in a safe place. It is not stored and cannot be shown again."}
      </p>
      <div className={classes.secret}>
        <output className={classes.value} aria-label="The new API key" data-testid="secret">
          {secret}
        </output>
        <CopyButton text={secret ?? ""} label="Copy" variant="filled" size="sm" />
      </div>
      {children}
      <DialogActions>
        {!isRecoverable && (
          <Checkbox
            className={classes.kept ?? ""}
            label="I have kept the key"
            checked={isKept}
            onChange={(event) => setKept(event.currentTarget.checked)}
          />
        )}
        <Button onClick={onClose} disabled={!isRecoverable && !isKept}>
          Done
        </Button>
      </DialogActions>
    </Dialog>
  );
}
