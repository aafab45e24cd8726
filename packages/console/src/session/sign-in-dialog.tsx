/** Asks to sign in again over a page with unsaved changes. Nothing of the page is lost. */
import { Button } from "@mantine/core";
import { Dialog } from "../ui/dialog.js";
import { leaveExpired } from "./session-store.js";
import { SignInForm } from "./sign-in-form.js";

export function SignInDialog({ opened }: { readonly opened: boolean }) {
  return (
    <Dialog title="Your session has expired" opened={opened} onClose={() => {}} isFirm>
      <p className="lk-muted">Sign in again to continue. Your unsaved changes are still on this page.</p>
      <SignInForm />
      <Button variant="subtle" color="gray" fullWidth mt="xs" onClick={leaveExpired}>
        Leave and lose changes
      </Button>
    </Dialog>
  );
}
