/** Somebody else saved the API first: both versions side by side, and the choice between them. */
import { Button } from "@mantine/core";
import { Dialog, DialogActions } from "../../ui/dialog.js";
import { type ApiFormValue, routeContent, routeLine } from "./api-form-state.js";
import classes from "./conflict-dialog.module.css";

export interface ConflictDialogProps {
  readonly mine: ApiFormValue;
  /** What stands on the server now; null when there is no conflict. */
  readonly theirs: ApiFormValue | null;
  readonly isBusy: boolean;
  readonly onKeepMine: () => void;
  readonly onTakeTheirs: () => void;
  readonly onClose: () => void;
}

const sides = ["Your version", "Saved in the meantime"] as const;

export function ConflictDialog({
  mine,
  theirs,
  isBusy,
  onKeepMine,
  onTakeTheirs,
  onClose,
}: ConflictDialogProps) {
  return (
    <Dialog title="This API was changed in the meantime" opened={theirs !== null} onClose={onClose} size="xl">
      {theirs !== null && (
        <>
          <p className="lk-muted">
            Somebody saved another version while you edited yours. Nothing is lost: compare the two and
            choose.
          </p>
          <div className={classes.sides}>
            {[mine, theirs].map((value, index) => (
              <Side
                key={sides[index]}
                name={sides[index] ?? ""}
                value={value}
                other={index === 0 ? theirs : mine}
              />
            ))}
          </div>
          <DialogActions>
            <Button variant="subtle" color="gray" onClick={onClose}>
              Go on editing
            </Button>
            <Button variant="default" onClick={onTakeTheirs}>
              Take the saved version
            </Button>
            <Button color="red" loading={isBusy} onClick={onKeepMine}>
              Save mine over it
            </Button>
          </DialogActions>
        </>
      )}
    </Dialog>
  );
}

function Side({
  name,
  value,
  other,
}: {
  readonly name: string;
  readonly value: ApiFormValue;
  readonly other: ApiFormValue;
}) {
  const otherRoutes = new Set(other.routes.map(routeContent));
  return (
    <section className={classes.side} aria-label={name}>
      <h3 className={classes.name}>{name}</h3>
      <dl className={classes.list}>
        <Field label="Title" text={value.title} isDifferent={value.title !== other.title} />
        <Field
          label="Summary"
          text={value.summary || "(none)"}
          isDifferent={value.summary !== other.summary}
        />
        <dt>Routes</dt>
        <dd>
          {value.routes.length === 0 && <span className="lk-muted">(none)</span>}
          <ol className={classes.routes}>
            {value.routes.map((row) => {
              const isDifferent = !otherRoutes.has(routeContent(row));
              return (
                <li key={row.key} data-different={isDifferent || undefined}>
                  {routeLine(row)}
                  {isDifferent && <span className="lk-visually-hidden"> (differs)</span>}
                </li>
              );
            })}
          </ol>
        </dd>
      </dl>
    </section>
  );
}

function Field(props: { readonly label: string; readonly text: string; readonly isDifferent: boolean }) {
  return (
    <>
      <dt>{props.label}</dt>
      <dd data-different={props.isDifferent || undefined}>
        {props.text}
        {props.isDifferent && <span className="lk-visually-hidden"> (differs)</span>}
      </dd>
    </>
  );
}
