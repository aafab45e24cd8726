/** Says why a key cannot be copied again, and what can be done instead. */
import { Button } from "@mantine/core";
import { Dialog, DialogActions } from "../../ui/dialog.js";

export interface KeyGoneDialogProps {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly onRegenerate: () => void;
}

export function KeyGoneDialog({ opened, onClose, onRegenerate }: KeyGoneDialogProps) {
  return (
    <Dialog title="This key was shown once" opened={opened} onClose={onClose}>
      <p className="lk-muted">
        Only a digest of the key is stored, so it cannot be shown again. You can regenerate it; the old secret
        stays valid for the overlap that you choose. With the option “Keep keys recoverable”, new keys can be
        copied at any time.
      </p>
      <DialogActions>
        <Button variant="default" onClick={onClose}>
          Close
        </Button>
        <Button onClick={onRegenerate}>Regenerate…</Button>
      </DialogActions>
    </Dialog>
  );
}
