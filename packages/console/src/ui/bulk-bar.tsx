/** What can be done with the selected rows of a list; in sight as long as any is selected. */
import { Button, CloseButton } from "@mantine/core";
import { type ReactNode, useState } from "react";
import classes from "./bulk-bar.module.css";
import { ConfirmDialog } from "./confirm-dialog.js";

export interface BulkAction<Row> {
  readonly label: string;
  readonly icon?: ReactNode;
  readonly isDangerous?: boolean;
  /** Left out where it would change nothing. */
  readonly isShown?: (rows: readonly Row[]) => boolean;
  /** Asked first, where the action cannot be undone. */
  readonly question?: (rows: readonly Row[]) => { readonly title: string; readonly text: string };
  readonly run: (rows: readonly Row[]) => Promise<void> | void;
}

export interface BulkBarProps<Row> {
  readonly rows: readonly Row[];
  readonly noun: readonly [string, string];
  readonly actions: readonly BulkAction<Row>[];
  readonly onClear: () => void;
}

export function BulkBar<Row>({ rows, noun, actions, onClear }: BulkBarProps<Row>) {
  const [asked, setAsked] = useState<BulkAction<Row> | null>(null);
  const [running, setRunning] = useState<string | null>(null);
  if (rows.length === 0) return null;
  const question = asked?.question?.(rows) ?? null;

  async function run(action: BulkAction<Row>): Promise<void> {
    setRunning(action.label);
    await action.run(rows);
    setRunning(null);
    setAsked(null);
  }

  return (
    <section className={classes.bar} aria-label="Selected rows">
      <strong role="status">
        {rows.length} {rows.length === 1 ? noun[0] : noun[1]} selected
      </strong>
      <span className={classes.actions}>
        {actions
          .filter(({ isShown }) => isShown?.(rows) ?? true)
          .map((action) => (
            <Button
              key={action.label}
              size="xs"
              variant="default"
              className={action.isDangerous === true ? (classes.danger ?? "") : ""}
              leftSection={action.icon}
              loading={running === action.label}
              onClick={() => (action.question === undefined ? void run(action) : setAsked(action))}
            >
              {action.label}
            </Button>
          ))}
        <CloseButton size="sm" aria-label="Clear the selection" onClick={onClear} />
      </span>
      <ConfirmDialog
        opened={question !== null}
        title={question?.title ?? ""}
        confirmLabel={asked?.label ?? ""}
        isDangerous
        isBusy={running !== null}
        onConfirm={() => asked !== null && void run(asked)}
        onClose={() => setAsked(null)}
      >
        <p className="lk-muted">{question?.text}</p>
      </ConfirmDialog>
    </section>
  );
}
