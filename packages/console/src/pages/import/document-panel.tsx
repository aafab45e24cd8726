/** Takes the document: a file, a drop, or text. Once it is read, says what it is and what is wrong with it. */
import { Button, FileButton, Loader } from "@mantine/core";
import { type DragEvent, useMemo, useRef, useState } from "react";
import type { CodeEditorHandle } from "../../ui/code-editor.js";
import type { CodeMark } from "../../ui/code-mirror.js";
import { formatBytes } from "../../ui/format.js";
import { Icon } from "../../ui/icon.js";
import { Panel } from "../../ui/page.js";
import { DocumentErrors, documentErrors } from "./document-errors.js";
import classes from "./document-panel.module.css";
import { DocumentText } from "./document-text.js";
import { offsetAt } from "./text-excerpt.js";
import { useDocumentFile } from "./use-document-file.js";
import type { Import } from "./use-import.js";

const ACCEPTED = ".json,.yaml,.yml,.txt,application/json,application/yaml,text/yaml,text/plain";
/** Longer texts are not shown in a field: browsers get slow. */
const EDITED_CHARS_MAX = 200_000;

export function DocumentPanel({ made }: { readonly made: Import }) {
  const { document } = made;
  const [isEditing, setEditing] = useState(false);
  const [isTarget, setTarget] = useState(false);
  const field = useRef<CodeEditorHandle>(null);
  const reset = useRef<() => void>(null);
  const file = useDocumentFile((read) => {
    made.setDraft("");
    setEditing(false);
    made.read(read);
  });
  const isTextShown = document === null || isEditing;
  const marks = useMarks(made);

  function edit(offset: number | null): void {
    if (document === null) return;
    if (!isEditing) made.setDraft(document.text);
    setEditing(true);
    requestAnimationFrame(() => field.current?.focus(offset ?? undefined));
  }

  function onDrop(event: DragEvent): void {
    event.preventDefault();
    setTarget(false);
    void file.takeFile(event.dataTransfer.files[0]);
  }

  return (
    <Panel
      title="Document"
      description={`OpenAPI 3.0, 3.1 or 3.2, or Swagger 2.0, as JSON or YAML${file.bytesMax === null ? "" : `, up to ${formatBytes(file.bytesMax)}`}.`}
      actions={
        <FileButton
          resetRef={reset}
          onChange={(chosen) => {
            void file.takeFile(chosen ?? undefined);
            // The same file can be chosen again once it was mended.
            reset.current?.();
          }}
          accept={ACCEPTED}
        >
          {(props) => (
            <Button
              {...props}
              variant={document === null ? "filled" : "default"}
              size="xs"
              leftSection={<Icon name="upload" size={14} />}
            >
              {document === null ? "Choose a file" : "Choose another file"}
            </Button>
          )}
        </FileButton>
      }
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a drop is one of three ways; the button is for the keyboard */}
      <div
        className={classes.drop}
        data-target={isTarget || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setTarget(true);
        }}
        onDragLeave={() => setTarget(false)}
        onDrop={onDrop}
      >
        {document !== null && (
          <DocumentLine
            made={made}
            onEdit={document.text.length > EDITED_CHARS_MAX || isEditing ? null : () => edit(null)}
          />
        )}
        {file.problem !== null && (
          <p role="alert" className="lk-problem">
            {file.problem}
          </p>
        )}
        {document !== null && (
          <DocumentErrors made={made} onShow={document.text.length > EDITED_CHARS_MAX ? null : edit} />
        )}
        {isTextShown && (
          <DocumentText
            ref={field}
            text={made.draft}
            marks={marks}
            onType={made.setDraft}
            onRead={file.takeText}
            onCancel={
              document === null
                ? null
                : () => {
                    setEditing(false);
                    made.setDraft("");
                  }
            }
            isReadAtPaste={(text) => made.draft.trim() === "" || text.length > EDITED_CHARS_MAX}
          />
        )}
      </div>
    </Panel>
  );
}

/** Of the text as it was read: once it is changed, places are not known. */
function useMarks({ document, draft, preview: { payload } }: Import): readonly CodeMark[] {
  const text = document?.text ?? null;
  return useMemo(() => {
    if (text === null || draft !== text || payload === null) return [];
    return documentErrors(payload).flatMap(({ line, column, message }) =>
      line === null || column === null ? [] : [{ offset: offsetAt(text, line, column), message }],
    );
  }, [text, draft, payload]);
}

/** Which document was read. */
function DocumentLine({ made, onEdit }: { readonly made: Import; readonly onEdit: (() => void) | null }) {
  const { document, preview } = made;
  if (document === null) return null;
  const title = preview.payload?.documentTitle ?? null;
  return (
    <div className={classes.document}>
      <Icon name="file-code" size={20} />
      <span className={classes.documentName}>
        <strong className="lk-break">{document.name ?? "Pasted text"}</strong>
        <span className="lk-muted lk-break">
          {formatBytes(new Blob([document.text]).size)}
          {title !== null && ` · ${title}`}
        </span>
      </span>
      {preview.isBusy && preview.payload === null && <Loader size="xs" aria-label="Reading the document" />}
      {onEdit !== null && (
        <Button variant="subtle" size="xs" onClick={onEdit}>
          Edit text
        </Button>
      )}
    </div>
  );
}
