/** Asks before unsaved changes are lost: on a move inside the console, and on closing the tab. */
import { Button } from "@mantine/core";
import { useEffect } from "react";
import { type Location, useBlocker } from "react-router";
import { holdUnsavedForm } from "../session/unsaved-forms.js";
import { Dialog, DialogActions } from "./dialog.js";

/** Pass it to `navigate` when the form was saved or its object is gone: then nothing is lost by leaving. */
export const LEAVING = { state: { mayLeave: true } } as const;

function mayLeave(location: Location): boolean {
  return (location.state as { readonly mayLeave?: boolean } | null)?.mayLeave === true;
}

export function UnsavedGuard({ isDirty }: { readonly isDirty: boolean }) {
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) =>
      isDirty && !mayLeave(nextLocation) && currentLocation.pathname !== nextLocation.pathname,
  );
  useEffect(() => {
    if (!isDirty) return;
    const release = holdUnsavedForm();
    function onBeforeUnload(event: BeforeUnloadEvent): void {
      event.preventDefault();
    }
    window.addEventListener("beforeunload", onBeforeUnload);
    return () => {
      release();
      window.removeEventListener("beforeunload", onBeforeUnload);
    };
  }, [isDirty]);

  return (
    <Dialog
      title="Leave without saving?"
      opened={blocker.state === "blocked"}
      onClose={() => blocker.reset?.()}
    >
      <p className="lk-muted">The changes you made to this form are not saved yet.</p>
      <DialogActions>
        <Button variant="default" onClick={() => blocker.reset?.()} data-autofocus>
          Stay
        </Button>
        <Button color="red" onClick={() => blocker.proceed?.()}>
          Leave and lose changes
        </Button>
      </DialogActions>
    </Dialog>
  );
}
