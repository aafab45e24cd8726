/** Asks how long headers and bodies are recorded, and what is masked in addition to secrets. */
import { Button, NativeSelect, Textarea } from "@mantine/core";
import { type FormEvent, useEffect, useState } from "react";
import { readLines } from "../../policies/read-lines.js";
import { Dialog, DialogActions } from "../../ui/dialog.js";
import type { ApiHead } from "../apis/api-head.js";
import { recordingTimes } from "./recording-state.js";
import { useSetRecording } from "./use-set-recording.js";

export interface RecordingDialogProps {
  readonly api: ApiHead;
  readonly opened: boolean;
  readonly onClose: () => void;
}

export function RecordingDialog({ api, opened, onClose }: RecordingDialogProps) {
  return (
    <Dialog title="Record messages" opened={opened} onClose={onClose} size="lg">
      {opened && <RecordingForm api={api} onClose={onClose} />}
    </Dialog>
  );
}

function RecordingForm({ api, onClose }: Omit<RecordingDialogProps, "opened">) {
  const [minutes, setMinutes] = useState<string>(recordingTimes[1].value);
  const [mask, setMask] = useState((api.recording?.mask ?? []).join("\n"));
  const [problem, setProblem] = useState<string | null>(null);
  const { isBusy, set } = useSetRecording(api.id);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was wrong may be right now
  useEffect(() => setProblem(null), [minutes, mask]);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    const refused = await set({ forSeconds: Number(minutes) * 60, mask: readLines(mask) });
    if (refused === null) onClose();
    else setProblem(refused);
  }

  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <p className="lk-muted">
        Nodes record headers and up to 16 KiB of each body of this API's requests, encrypted. Every operator
        can read them. Values of headers, query parameters, and members of JSON and forms are masked where
        their names are those of secrets: keys, tokens, passwords, cookies.
      </p>
      <NativeSelect
        label="For"
        data={recordingTimes.map((time) => ({ ...time }))}
        value={minutes}
        onChange={(event) => setMinutes(event.currentTarget.value)}
        data-autofocus
      />
      <Textarea
        mt="md"
        label="Also mask"
        description="JSON paths, one per line. If there are any, bodies that are not JSON are left out, and all values of queries are masked."
        placeholder={"$.customer.email\n$..iban"}
        autosize
        minRows={2}
        maxRows={10}
        value={mask}
        error={problem}
        onChange={(event) => setMask(event.currentTarget.value)}
        spellCheck={false}
      />
      <DialogActions>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={isBusy}>
          Start recording
        </Button>
      </DialogActions>
    </form>
  );
}
