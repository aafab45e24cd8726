/** Shows the keys of APIs that one document became, once. They are in the caller's state only, and gone when this closes. */
import { Button, Checkbox } from "@mantine/core";
import { useState } from "react";
import { CopyButton } from "../../ui/copy-button.js";
import { Dialog, DialogActions } from "../../ui/dialog.js";
import classes from "./import-form.module.css";
import type { AppliedApi } from "./use-apply-import.js";

export interface SplitKeysDialogProps {
  /** Empty: closed. */
  readonly apis: readonly AppliedApi[];
  readonly onClose: () => void;
}

export function SplitKeysDialog({ apis, onClose }: SplitKeysDialogProps) {
  const [isKept, setKept] = useState(false);
  const count = apis.length.toLocaleString("en");
  return (
    <Dialog
      title={`The API keys of ${count} APIs`}
      opened={apis.length > 0}
      onClose={onClose}
      size="xl"
      isFirm
    >
      <p>Copy the keys now and keep them in a safe place. They are not stored and cannot be shown again.</p>
      <ul className={classes.made} aria-label="API keys">
        {apis.map(({ api, secret }) => (
          <li key={api.id}>
            <span className="lk-break">{api.title}</span>
            <code className="lk-break">{secret}</code>
          </li>
        ))}
      </ul>
      <CopyButton text={keysText(apis)} label="Copy all" variant="filled" size="sm" />
      <DialogActions>
        <Checkbox
          label="I have kept the keys"
          checked={isKept}
          onChange={(event) => setKept(event.currentTarget.checked)}
        />
        <Button onClick={onClose} disabled={!isKept}>
          Done
        </Button>
      </DialogActions>
    </Dialog>
  );
}

/** Tab-separated, so that it can be pasted into a table. */
function keysText(apis: readonly AppliedApi[]): string {
  return apis.map(({ api, secret }) => `${api.title}\t${secret ?? ""}`).join("\n");
}
