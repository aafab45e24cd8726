/** Shown when two people changed the same fields: every field with who changed it, and a choice for those that both did. */
import { Button, Radio } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { Dialog, DialogActions } from "../ui/dialog.js";
import classes from "./conflict-dialog.module.css";
import type { Comparison, Side, Versions } from "./form-fields.js";
import type { Conflict } from "./use-versioned-form.js";

export interface ConflictDialogProps<Values> {
  /** What was changed: `API`. */
  readonly noun: string;
  readonly conflict: Conflict<unknown, Values> | null;
  readonly onResolve: (sides: ReadonlyMap<string, Side>) => void;
  readonly onClose: () => void;
}

export function ConflictDialog<Values>({ noun, conflict, onResolve, onClose }: ConflictDialogProps<Values>) {
  return (
    <Dialog
      title={`Someone else changed this ${noun}`}
      opened={conflict !== null}
      onClose={onClose}
      size="xl"
    >
      {conflict !== null && <Choices conflict={conflict} onResolve={onResolve} onClose={onClose} />}
    </Dialog>
  );
}

function Choices<Values>({
  conflict,
  onResolve,
  onClose,
}: {
  readonly conflict: Conflict<unknown, Values>;
  readonly onResolve: (sides: ReadonlyMap<string, Side>) => void;
  readonly onClose: () => void;
}) {
  const [sides, setSides] = useState<ReadonlyMap<string, Side>>(new Map());
  const { comparisons, versions } = conflict;
  const asked = comparisons.filter(({ changedBy }) => changedBy === "both");
  const merged = comparisons.filter(({ changedBy }) => changedBy !== "both" && changedBy !== "nobody");
  const unchanged = comparisons.filter(({ changedBy }) => changedBy === "nobody");
  const isDone = asked.every(({ field }) => sides.has(field.id));

  function submit(event: FormEvent): void {
    event.preventDefault();
    // The dialog is a part of the page's form for React, and this submit is not that form's.
    event.stopPropagation();
    onResolve(sides);
  }

  return (
    <form onSubmit={submit}>
      <p className="lk-muted">
        You both changed {asked.length === 1 ? "one field" : `${asked.length} fields`}. Choose which version
        to keep. Changes to all other fields are kept.
      </p>
      <div className={classes.fields}>
        {[...asked, ...merged].map((comparison) => (
          <FieldVersions
            key={comparison.field.id}
            comparison={comparison}
            versions={versions}
            side={sides.get(comparison.field.id) ?? null}
            onChoose={(side) => setSides((before) => new Map(before).set(comparison.field.id, side))}
          />
        ))}
      </div>
      {unchanged.length > 0 && (
        <details className={classes.unchanged}>
          <summary>
            {unchanged.length === 1 ? "1 unchanged field" : `${unchanged.length} unchanged fields`}
          </summary>
          <div className={classes.fields}>
            {unchanged.map((comparison) => (
              <FieldVersions
                key={comparison.field.id}
                comparison={comparison}
                versions={versions}
                side={null}
              />
            ))}
          </div>
        </details>
      )}
      <DialogActions>
        <Button variant="default" onClick={onClose}>
          Keep editing
        </Button>
        <Button type="submit" disabled={!isDone}>
          Save
        </Button>
      </DialogActions>
    </form>
  );
}

const changedByText = {
  nobody: "Not changed",
  me: "Changed by you",
  them: "Changed by someone else",
  same: "You both made the same change",
  both: "Changed by both",
} as const;

interface FieldVersionsProps<Values> {
  readonly comparison: Comparison<Values>;
  readonly versions: Versions<Values>;
  readonly side: Side | null;
  readonly onChoose?: (side: Side) => void;
}

function FieldVersions<Values>({ comparison, versions, side, onChoose }: FieldVersionsProps<Values>) {
  const { field, changedBy } = comparison;
  const { base, mine, theirs } = versions;
  return (
    <section
      className={classes.field}
      aria-label={field.label}
      data-asked={changedBy === "both" || undefined}
    >
      <div className={classes.head}>
        {field.label}
        <span className={classes.by}>{changedByText[changedBy]}</span>
      </div>
      <dl className={classes.sides}>
        <Version label={changedBy === "nobody" ? "Value" : "Before"}>{field.show(base)}</Version>
        {(changedBy === "me" || changedBy === "both") && <Version label="Yours">{field.show(mine)}</Version>}
        {(changedBy === "them" || changedBy === "same" || changedBy === "both") && (
          <Version label={changedBy === "same" ? "Now" : "Theirs"}>{field.show(theirs)}</Version>
        )}
      </dl>
      {changedBy === "both" && (
        <Radio.Group
          aria-label={`Version of ${field.label} to keep`}
          value={side}
          onChange={(value) => onChoose?.(value as Side)}
        >
          <div className={classes.choice}>
            <Radio value="mine" label="Keep yours" />
            <Radio value="theirs" label="Keep theirs" />
          </div>
        </Radio.Group>
      )}
    </section>
  );
}

function Version({ label, children }: { readonly label: string; readonly children: React.ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children === "" ? <span className="lk-muted">Empty</span> : children}</dd>
    </div>
  );
}
