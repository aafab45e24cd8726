/** Regenerates a key: asks how long the old secret stays valid, and shows the new one once. */
import { Button, Radio } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useMutation, useQuery } from "urql";
import { RegenerateApiKeyDocument } from "../../gen/key-actions.js";
import { KeyFormDocument } from "../../gen/keys.js";
import { problemOf } from "../../graphql/problem-of.js";
import { ReceiptStatus } from "../../receipts/receipt-status.js";
import { useTrackReceipt } from "../../receipts/receipt-store.js";
import { Dialog, DialogActions } from "../../ui/dialog.js";
import { SecretDialog } from "../../ui/secret-dialog.js";
import { LastUsed } from "./key-columns.js";
import type { KeyRef } from "./key-ref.js";

const overlaps = [
  { seconds: 3_600, label: "1 hour" },
  { seconds: 86_400, label: "24 hours" },
  { seconds: 604_800, label: "7 days" },
  { seconds: 0, label: "None: the old secret is refused at once" },
] as const;

const OVERLAP_DEFAULT = "86400";

export interface RegenerateDialogProps {
  /** Null: closed. */
  readonly apiKey: KeyRef | null;
  readonly isRecoverable: boolean;
  readonly onClose: () => void;
}

export function RegenerateDialog({ apiKey, isRecoverable, onClose }: RegenerateDialogProps) {
  const [secret, setSecret] = useState<string | null>(null);

  function close(): void {
    setSecret(null);
    onClose();
  }

  return (
    <>
      <Dialog
        title={`Regenerate key “${apiKey?.name ?? ""}”`}
        opened={apiKey !== null && secret === null}
        onClose={close}
      >
        {apiKey !== null && <OverlapForm apiKey={apiKey} onDone={setSecret} onClose={close} />}
      </Dialog>
      <SecretDialog title="The new API key" secret={secret} isRecoverable={isRecoverable} onClose={close}>
        {apiKey !== null && <ReceiptStatus subject={apiKey.id} />}
      </SecretDialog>
    </>
  );
}

interface OverlapFormProps {
  readonly apiKey: KeyRef;
  readonly onDone: (secret: string) => void;
  readonly onClose: () => void;
}

function OverlapForm({ apiKey, onDone, onClose }: OverlapFormProps) {
  const track = useTrackReceipt();
  const [overlap, setOverlap] = useState(OVERLAP_DEFAULT);
  const [problem, setProblem] = useState<string | null>(null);
  const [{ fetching }, regenerate] = useMutation(RegenerateApiKeyDocument);
  const [{ data }] = useQuery({
    query: KeyFormDocument,
    variables: { id: apiKey.id },
    requestPolicy: "network-only",
  });
  const known = data?.apiKey;

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    const result = await regenerate({ input: { id: apiKey.id, overlapSeconds: Number(overlap) } });
    const payload = result.data?.regenerateApiKey;
    if (payload?.secret == null)
      return setProblem(problemOf(payload?.userErrors, result.error, "The key was not regenerated."));
    track(apiKey.id, payload.revision);
    onDone(payload.secret);
  }

  return (
    <form onSubmit={(event) => void submit(event)}>
      <p className="lk-muted">
        The key gets a new secret, and clients have to change to it. The old secret stays valid for the
        overlap.
      </p>
      {known != null && (
        <p>
          Old secret <code>{known.display}</code>, last used: <LastUsed at={known.lastUsedAt} />
        </p>
      )}
      <Radio.Group label="Overlap" value={overlap} onChange={setOverlap} mt="sm">
        {overlaps.map((choice) => (
          <Radio key={choice.seconds} mt="xs" value={String(choice.seconds)} label={choice.label} />
        ))}
      </Radio.Group>
      {problem !== null && (
        <p className="lk-problem" role="alert">
          {problem}
        </p>
      )}
      <DialogActions>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" color={overlap === "0" ? "red" : "indigo"} loading={fetching}>
          Regenerate
        </Button>
      </DialogActions>
    </form>
  );
}
