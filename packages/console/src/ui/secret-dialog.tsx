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
  /** What it is called in sentences: `key` unless said otherwise. */
  readonly noun?: string;
  /** The secret can be shown again later. */
  readonly isRecoverable?: boolean;
  readonly children?: ReactNode;
}

export function SecretDialog(props: SecretDialogProps) {
  const { title, secret, onClose, noun = "key", isRecoverable = false, children } = props;
  const [isKept, setKept] = useState(false);
  useEffect(() => {
    if (secret !== null) setKept(false);
  }, [secret]);
  return (
    <Dialog title={title} opened={secret !== null} onClose={onClose} size="lg" isFirm>
      <p className={classes.text}>
        {isRecoverable
          ? `Copy the ${noun} now, or later with “API key”: this API keeps its keys recoverable.`
          : `Copy the ${noun} now and keep it in a safe place. It is not stored and cannot be shown again.`}
      </p>
      <div className={classes.secret}>
        <output className={classes.value} aria-label={title} data-testid="secret">
          {secret}
        </output>
        <CopyButton text={secret ?? ""} label="Copy" variant="filled" size="sm" />
      </div>
      {children}
      <DialogActions>
        {!isRecoverable && (
          <Checkbox
            className={classes.kept ?? ""}
            label={`I have kept the ${noun}`}
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
