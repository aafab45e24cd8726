/** Asks before unsaved changes are lost: on a move inside the console, and on closing the tab. */
import { Button } from "@mantine/core";
import { useEffect } from "react";
import { useBlocker } from "react-router";
import { Dialog, DialogActions } from "./dialog.js";

/** `isPassing` is read at the moment of leaving, so that a save may lead away at once. */
export function UnsavedGuard({
  isDirty,
  isPassing,
}: {
  readonly isDirty: boolean;
  readonly isPassing: () => boolean;
}) {
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) =>
      isDirty && !isPassing() && currentLocation.pathname !== nextLocation.pathname,
  );
  useEffect(() => {
    if (!isDirty) return;
    function onBeforeUnload(event: BeforeUnloadEvent): void {
      event.preventDefault();
    }
    window.addEventListener("beforeunload", onBeforeUnload);
    return () => window.removeEventListener("beforeunload", onBeforeUnload);
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
