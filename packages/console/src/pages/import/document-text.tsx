/** The field for a document's text. Pasting a whole document reads it at once. */
import { Button } from "@mantine/core";
import type { Ref } from "react";
import { CodeEditor, type CodeEditorHandle } from "../../ui/code-editor.js";
import type { CodeMark } from "../../ui/code-mirror.js";
import classes from "./document-panel.module.css";

export interface DocumentTextProps {
  readonly ref: Ref<CodeEditorHandle>;
  readonly text: string;
  /** Where the text is wrong. */
  readonly marks: readonly CodeMark[];
  readonly onType: (text: string) => void;
  readonly onRead: (text: string) => boolean;
  /** Null: there is no document to go back to. */
  readonly onCancel: (() => void) | null;
  readonly isReadAtPaste: (pasted: string) => boolean;
}

export function DocumentText(props: DocumentTextProps) {
  const { text, onType, onRead, onCancel } = props;
  const isEmpty = text.trim() === "";
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a key of the field inside
    <div
      className={classes.text}
      onKeyDown={(event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !isEmpty) onRead(text);
      }}
    >
      <CodeEditor
        ref={props.ref}
        label="Text of the document"
        description="Paste the document, or drop a file anywhere in this panel."
        language={/^\s*[{[]/.test(text) ? "json" : "yaml"}
        minRows={8}
        maxRows={onCancel === null ? 16 : 28}
        value={text}
        marks={props.marks}
        onChange={onType}
        onPaste={(pasted) => {
          if (pasted.trim() === "" || !props.isReadAtPaste(pasted)) return false;
          if (!onRead(pasted)) onType("");
          return true;
        }}
        placeholder={"openapi: 3.1.0\ninfo:\n  title: Orders\npaths:\n  /orders/{id}: …"}
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
