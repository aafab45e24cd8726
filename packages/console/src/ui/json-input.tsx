/** A field for JSON: says at which line it stops being JSON, and leads there. */
import { Button } from "@mantine/core";
import { type Ref, useImperativeHandle, useMemo, useRef } from "react";
import { CodeEditor, type CodeEditorHandle, type CodeEditorProps } from "./code-editor.js";
import classes from "./json-input.module.css";
import { jsonProblem } from "./json-problem.js";

export interface JsonInputProps extends Omit<CodeEditorProps, "ref" | "language" | "marks" | "onPaste"> {
  readonly ref?: Ref<CodeEditorHandle>;
  /** False: the text is of another kind, and is not read. */
  readonly isJson?: boolean;
}

export function JsonInput({ ref, isJson = true, error, ...rest }: JsonInputProps) {
  const { value, onChange } = rest;
  const editor = useRef<CodeEditorHandle>(null);
  useImperativeHandle(ref, () => ({ focus: (offset) => editor.current?.focus(offset) }));
  const problem = useMemo(() => (isJson ? jsonProblem(value) : null), [isJson, value]);
  const marks = useMemo(() => (problem === null ? [] : [problem]), [problem]);
  return (
    <div className={classes.root}>
      <CodeEditor
        {...rest}
        ref={editor}
        language={isJson ? "json" : "text"}
        marks={marks}
        error={problem?.message ?? error ?? null}
      />
      <div className={classes.tools}>
        {problem !== null && (
          <Button variant="subtle" size="compact-sm" onClick={() => editor.current?.focus(problem.offset)}>
            Go to the error
          </Button>
        )}
        {isJson && problem === null && value.trim() !== "" && (
          <Button
            variant="subtle"
            size="compact-sm"
            onClick={() => onChange(JSON.stringify(JSON.parse(value), null, 2))}
          >
            Format JSON
          </Button>
        )}
      </div>
    </div>
  );
}
