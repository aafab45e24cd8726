/** The field for a document's text. Pasting a whole document reads it at once. */
import { Button, Textarea } from "@mantine/core";
import type { Ref } from "react";
import classes from "./import.module.css";

export interface DocumentTextProps {
  readonly ref: Ref<HTMLTextAreaElement>;
  readonly text: string;
  readonly onType: (text: string) => void;
  readonly onRead: (text: string) => boolean;
  /** Null: there is no document to go back to. */
  readonly onCancel: (() => void) | null;
  readonly isReadAtPaste: (pasted: string) => boolean;
}

export function DocumentText({ ref, text, onType, onRead, onCancel, isReadAtPaste }: DocumentTextProps) {
  const isEmpty = text.trim() === "";
  return (
    <div className={classes.text}>
      <Textarea
        ref={ref}
        classNames={{ input: classes.textInput ?? "" }}
        label="Text of the document"
        description="Paste the document, or drop a file anywhere in this panel."
        rows={onCancel === null ? 8 : 16}
        value={text}
        onChange={(event) => onType(event.currentTarget.value)}
        onPaste={(event) => {
          const pasted = event.clipboardData.getData("text/plain");
          if (pasted.trim() === "" || !isReadAtPaste(pasted)) return;
          event.preventDefault();
          if (!onRead(pasted)) onType("");
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !isEmpty) onRead(text);
        }}
        placeholder={"openapi: 3.1.0\ninfo:\n  title: Orders\npaths:\n  /orders/{id}: …"}
        spellCheck={false}
        autoCapitalize="off"
      />
      <div className={classes.textButtons}>
        {onCancel !== null && (
          <Button variant="default" size="xs" onClick={onCancel}>
            Discard changes
          </Button>
        )}
        <Button size="xs" disabled={isEmpty} onClick={() => onRead(text)}>
          Read document
        </Button>
      </div>
    </div>
  );
}
