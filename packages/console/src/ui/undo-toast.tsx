/** A message about something that was done, with a button that takes it back. */
import { Button } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { clearToast, toast } from "./toasts.js";
import classes from "./undo-toast.module.css";

let nextId = 1;

/** `undo` restores what was, and says why not where it could not. */
export function toastWithUndo(
  message: ReactNode,
  undo: () => Promise<string | null> | string | null,
  topic = `undo-${nextId++}`,
): void {
  toast(<UndoMessage message={message} undo={undo} topic={topic} />, "ok", topic);
}

interface UndoMessageProps {
  readonly message: ReactNode;
  readonly undo: () => Promise<string | null> | string | null;
  readonly topic: string;
}

function UndoMessage({ message, undo, topic }: UndoMessageProps) {
  const [isBusy, setBusy] = useState(false);

  async function takeBack(): Promise<void> {
    setBusy(true);
    const problem = await undo();
    if (problem === null) clearToast(topic);
    else toast(`Not undone: ${problem}`, "bad", topic);
  }

  return (
    <span className={classes.line}>
      <span>{message}</span>
      <Button size="compact-xs" variant="default" loading={isBusy} onClick={() => void takeBack()}>
        Undo
      </Button>
    </span>
  );
}
