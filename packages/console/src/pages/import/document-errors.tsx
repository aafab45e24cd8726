/** What keeps the document from being imported, with the place in its text where it is known. */
import { Button } from "@mantine/core";
import { Icon } from "../../ui/icon.js";
import { LiteralText } from "../../ui/literal-text.js";
import classes from "./document-errors.module.css";
import { type ImportNote, isMissingIntegration } from "./import-rows.js";
import { excerptAt, offsetAt } from "./text-excerpt.js";
import type { Import } from "./use-import.js";

/** The report has the others. */
export const ERRORS_SHOWN_MAX = 20;

export interface DocumentErrorsProps {
  readonly made: Import;
  /** Shows a place of the text in the field; null: the text is too long for one. */
  readonly onShow: ((offset: number) => void) | null;
}

/** Those of the document itself: that an operation has no integration is no fault of it. */
export function documentErrors({ notes }: { readonly notes: readonly ImportNote[] }): readonly ImportNote[] {
  return notes.filter((note) => note.severity === "ERROR" && !isMissingIntegration(note));
}

export function DocumentErrors({ made, onShow }: DocumentErrorsProps) {
  const { document, preview } = made;
  const { payload } = preview;
  if (document === null || payload === null) return null;
  const errors = documentErrors(payload);
  const others = payload.userErrors.filter(
    ({ field, code }) => code !== "IMPORT_FAILED" && field.join(".") === "input.document",
  );
  if (errors.length === 0 && others.length === 0) return null;
  const count = errors.length + others.length;
  return (
    <div className={classes.errors} role="alert">
      <h3 className={classes.errorsTitle}>
        <Icon name="alert-triangle" />
        {count === 1 ? "The document has an error" : `The document has ${count.toLocaleString("en")} errors`}
      </h3>
      {errors.slice(0, ERRORS_SHOWN_MAX).map((error) => (
        <DocumentError
          key={`${error.pointer} ${error.message}`}
          error={error}
          text={document.text}
          onShow={onShow}
        />
      ))}
      {others.slice(0, ERRORS_SHOWN_MAX).map(({ message }) => (
        <p key={message} className={classes.error}>
          {message}
        </p>
      ))}
      {count > ERRORS_SHOWN_MAX && <p className="lk-muted">The report below has the rest.</p>}
    </div>
  );
}

function DocumentError({
  error,
  text,
  onShow,
}: {
  readonly error: ImportNote;
  readonly text: string;
  readonly onShow: ((offset: number) => void) | null;
}) {
  const { line, column, pointer, message } = error;
  return (
    <div className={classes.error}>
      <p className="lk-break">
        <LiteralText text={message} /> {pointer !== "" && <code className={classes.pointer}>{pointer}</code>}
      </p>
      {line !== null && column !== null && (
        <>
          <TextExcerpt text={text} line={line} column={column} />
          {onShow !== null && (
            <Button
              variant="subtle"
              color="red"
              size="compact-xs"
              onClick={() => onShow(offsetAt(text, line, column))}
            >
              Edit line {line}
            </Button>
          )}
        </>
      )}
    </div>
  );
}

function TextExcerpt({
  text,
  line,
  column,
}: {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}) {
  const excerpt = excerptAt(text, line, column);
  return (
    <figure className={classes.excerpt}>
      <figcaption>
        Line {line}, column {column}
      </figcaption>
      <pre>
        {excerpt.lines.map(({ number, text: shown, isPlace }) => (
          <span key={number} className={classes.excerptLine} data-place={isPlace || undefined}>
            <span className={classes.lineNumber} aria-hidden="true">
              {number}
            </span>
            {isPlace ? (
              <>
                {shown.slice(0, excerpt.column)}
                <mark>{shown.charAt(excerpt.column) || " "}</mark>
                {shown.slice(excerpt.column + 1)}
              </>
            ) : (
              shown
            )}
            {"\n"}
          </span>
        ))}
      </pre>
    </figure>
  );
}
