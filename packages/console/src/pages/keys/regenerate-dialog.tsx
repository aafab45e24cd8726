/** Regenerates a key: asks, offers an overlap in which the old secret lives on, shows the new one once. */
import { Button, Radio } from "@mantine/core";
import { type FormEvent, useEffect, useState } from "react";
import { useClient, useMutation } from "urql";
import { RegenerateApiKeyDocument } from "../../gen/key-actions.js";
import { announceReceipt } from "../../graphql/receipt.js";
import { Dialog, DialogActions } from "../../ui/dialog.js";
import { failureText } from "../../ui/failure.js";
import { SecretDialog } from "../../ui/secret-dialog.js";
import type { KeyRef } from "./use-key-actions.js";

const overlaps = [
  { seconds: 0, label: "None: the old key stops at once" },
  { seconds: 3_600, label: "1 hour" },
  { seconds: 86_400, label: "1 day" },
  { seconds: 604_800, label: "7 days" },
] as const;

export interface RegenerateDialogProps {
  /** Null: closed. */
  readonly apiKey: KeyRef | null;
  readonly isRecoverable: boolean;
  readonly onClose: () => void;
}

export function RegenerateDialog({ apiKey, isRecoverable, onClose }: RegenerateDialogProps) {
  const client = useClient();
  const [overlap, setOverlap] = useState("0");
  const [secret, setSecret] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [{ fetching }, regenerate] = useMutation(RegenerateApiKeyDocument);
  useEffect(() => {
    if (apiKey === null) return;
    setOverlap("0");
    setProblem(null);
  }, [apiKey]);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (apiKey === null) return;
    const { data, error } = await regenerate({ input: { id: apiKey.id, overlapSeconds: Number(overlap) } });
    const payload = data?.regenerateApiKey;
    if (payload?.secret == null) {
      const refusal = payload?.userErrors[0]?.message;
      setProblem(refusal ?? (error === undefined ? "The key was not regenerated." : failureText(error)));
      return;
    }
    setSecret(payload.secret);
    void announceReceipt(
      client,
      payload.revision,
      `“${apiKey.name}” is regenerated`,
      overlap === "0" ? "Old key refused, new key accepted" : "New key accepted",
    );
  }

  function close(): void {
    setSecret(null);
    onClose();
  }

  return (
    <>
      <Dialog title="Regenerate API key" opened={apiKey !== null && secret === null} onClose={close}>
        <form onSubmit={(event) => void submit(event)}>
          <p className="lk-muted">
            “{apiKey?.name}” gets a new secret. Callers must change to it; how long may they use the old one?
          </p>
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
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" color="red" loading={fetching}>
              Regenerate
            </Button>
          </DialogActions>
        </form>
      </Dialog>
      <SecretDialog title="The new API key" secret={secret} isRecoverable={isRecoverable} onClose={close} />
    </>
  );
}
