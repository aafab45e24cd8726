/** The bar that a page's form is saved with: whether there are unsaved changes, why a save failed, and the buttons. */
import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { TimeAgo } from "../ui/time-ago.js";
import classes from "./save-bar.module.css";
import type { VersionedForm } from "./use-versioned-form.js";

export interface SaveBarProps {
  readonly form: Pick<
    VersionedForm<{ readonly version: number; readonly updatedAt: string }, unknown>,
    "stored" | "isDirty" | "isSaving" | "problem" | "discard"
  >;
  /** The receipt of the last save. */
  readonly receipt: ReactNode;
}

export function SaveBar({ form, receipt }: SaveBarProps) {
  const { stored, isDirty, isSaving, problem } = form;
  return (
    <div className={classes.bar} data-save-bar>
      <div className={classes.state}>
        <span role="status">
          {isDirty ? (
            "Unsaved changes"
          ) : (
            <>
              Version {stored.version}, changed <TimeAgo at={stored.updatedAt} />
            </>
          )}
        </span>
        {!isDirty && receipt}
        {problem !== null && (
          <span role="alert" className={classes.problem}>
            {problem}
          </span>
        )}
      </div>
      <Button variant="default" disabled={!isDirty || isSaving} onClick={form.discard}>
        Discard
      </Button>
      <Button type="submit" disabled={!isDirty} loading={isSaving}>
        Save
      </Button>
    </div>
  );
}
