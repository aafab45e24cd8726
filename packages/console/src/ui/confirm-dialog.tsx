/** Asks before something is done that cannot be undone. With `typed`, only after its text was typed in. */
import { Button, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useEffect, useState } from "react";
import { Dialog, DialogActions } from "./dialog.js";

export interface ConfirmDialogProps {
  readonly opened: boolean;
  readonly title: string;
  readonly children: ReactNode;
  readonly confirmLabel: string;
  /** What must be typed, and what it is called: the API's title. */
  readonly typed?: { readonly text: string; readonly label: string };
  readonly isDangerous?: boolean;
  readonly isBusy?: boolean;
  readonly problem?: string | null;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

export function ConfirmDialog(props: ConfirmDialogProps) {
  const {
    opened,
    title,
    children,
    confirmLabel,
    typed,
    isDangerous = false,
    isBusy = false,
    problem = null,
  } = props;
  const [text, setText] = useState("");
  useEffect(() => {
    if (opened) setText("");
  }, [opened]);
  const isMatching = typed === undefined || text.trim() === typed.text.trim();

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (isMatching) props.onConfirm();
  }

  return (
    <Dialog opened={opened} title={title} onClose={props.onClose}>
      <form onSubmit={submit}>
        {children}
        {typed !== undefined && (
          <TextInput
            mt="md"
            label={typed.label}
            description={
              <>
                Type <strong className="lk-break">{typed.text}</strong> to confirm.
              </>
            }
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
          />
        )}
        {problem !== null && (
          <p role="alert" className="lk-problem">
            {problem}
          </p>
        )}
        <DialogActions>
          <Button
            variant="default"
            onClick={props.onClose}
            {...(typed === undefined ? { "data-autofocus": true } : {})}
          >
            Cancel
          </Button>
          <Button
            type="submit"
            color={isDangerous ? "red" : "indigo"}
            disabled={!isMatching}
            loading={isBusy}
          >
            {confirmLabel}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
