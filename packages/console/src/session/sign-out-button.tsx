/** Signs out, by its button or on request. Asks first when a form has unsaved changes. */
import { ActionIcon, Tooltip } from "@mantine/core";
import { useCallback, useEffect, useState } from "react";
import { ConfirmDialog } from "../ui/confirm-dialog.js";
import { Icon } from "../ui/icon.js";
import { signOut } from "./session-store.js";
import { hasUnsavedForms } from "./unsaved-forms.js";

const REQUESTED = "latchkey:sign-out";

/** As if the button were pressed. */
export function requestSignOut(): void {
  window.dispatchEvent(new Event(REQUESTED));
}

export function SignOutButton() {
  const [isAsking, setAsking] = useState(false);
  const start = useCallback(() => {
    if (hasUnsavedForms()) setAsking(true);
    else void signOut();
  }, []);
  useEffect(() => {
    window.addEventListener(REQUESTED, start);
    return () => window.removeEventListener(REQUESTED, start);
  }, [start]);

  return (
    <>
      <Tooltip label="Sign out">
        <ActionIcon variant="subtle" color="gray" aria-label="Sign out" onClick={start}>
          <Icon name="logout" size={18} />
        </ActionIcon>
      </Tooltip>
      <ConfirmDialog
        opened={isAsking}
        title="Sign out without saving?"
        confirmLabel="Sign out and lose changes"
        isDangerous
        onConfirm={() => void signOut()}
        onClose={() => setAsking(false)}
      >
        <p className="lk-muted">The changes that you made on this page are not saved yet.</p>
      </ConfirmDialog>
    </>
  );
}
