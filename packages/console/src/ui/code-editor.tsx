/** A field for JSON or YAML with line numbers, colors, folding and search. Marks what is wrong where it stands. */
import { Input, Textarea } from "@mantine/core";
import { type CSSProperties, type Ref, useEffect, useId, useImperativeHandle, useRef, useState } from "react";
import classes from "./code-editor.module.css";
import type { CodeLanguage, CodeMark, Editor } from "./code-mirror.js";
import { useModule } from "./use-module.js";

export interface CodeEditorHandle {
  /** `offset`: where the cursor goes. Waits for the editor where it is not loaded yet. */
  readonly focus: (offset?: number) => void;
}

export interface CodeEditorProps {
  readonly ref?: Ref<CodeEditorHandle>;
  readonly label: string;
  readonly description?: string;
  readonly error?: string | null;
  readonly language: CodeLanguage;
  readonly value: string;
  readonly onChange: (text: string) => void;
  /** True: the pasted text was taken, and does not go into the field. */
  readonly onPaste?: (text: string) => boolean;
  readonly marks?: readonly CodeMark[];
  readonly placeholder?: string;
  readonly minRows: number;
  readonly maxRows: number;
}

const loadEditor = () => import("./code-mirror.js");
const noMarks: readonly CodeMark[] = [];

export function CodeEditor(props: CodeEditorProps) {
  const { label, description, language, value, marks = noMarks, placeholder = "" } = props;
  const error = props.error ?? null;
  const isInvalid = error !== null;
  const loaded = useModule(loadEditor);
  const id = useId();
  const host = useRef<HTMLDivElement>(null);
  const [editor, setEditor] = useState<Editor | null>(null);
  const latest = useRef(props);
  latest.current = props;
  /** Undefined: nobody asked for the focus. */
  const wanted = useRef<number | null | undefined>(undefined);
  const describedBy = [
    description === undefined ? [] : `${id}-description`,
    error === null ? [] : `${id}-error`,
  ]
    .flat()
    .join(" ");

  useImperativeHandle(props.ref, () => ({
    focus(offset) {
      if (editor === null) wanted.current = offset ?? null;
      else editor.focus(offset ?? null);
    },
  }));

  useEffect(() => {
    if (loaded.kind !== "ready" || host.current === null) return;
    const made = loaded.module.createEditor(host.current, {
      text: latest.current.value,
      onChange: (text) => latest.current.onChange(text),
      onPaste: (text) => latest.current.onPaste?.(text) ?? false,
    });
    setEditor(made);
    return () => {
      setEditor(null);
      made.destroy();
    };
  }, [loaded]);
  useEffect(() => editor?.show(value), [editor, value]);
  useEffect(
    () => editor?.configure({ label, language, placeholder, isInvalid }),
    [editor, label, language, placeholder, isInvalid],
  );
  useEffect(() => editor?.mark(marks), [editor, marks]);
  useEffect(() => {
    const parts = describedBy.split(" ").map((each) => document.getElementById(each));
    editor?.describeBy(parts.filter((part) => part !== null));
  }, [editor, describedBy]);
  useEffect(() => {
    if (editor === null || wanted.current === undefined) return;
    editor.focus(wanted.current);
    wanted.current = undefined;
  }, [editor]);

  if (loaded.kind === "failed") return <PlainField {...props} />;
  const rows = { "--rows-min": props.minRows, "--rows-max": props.maxRows } as CSSProperties;
  return (
    <Input.Wrapper
      label={label}
      labelElement="div"
      labelProps={{ className: classes.label, onClick: () => editor?.focus(null) }}
      description={description}
      descriptionProps={{ id: `${id}-description` }}
      error={error}
      errorProps={{ id: `${id}-error` }}
      inputWrapperOrder={["label", "description", "error", "input"]}
    >
      <div
        ref={host}
        className={classes.frame}
        style={rows}
        data-invalid={isInvalid || undefined}
        data-code-editor={loaded.kind}
      />
    </Input.Wrapper>
  );
}

/** Where the editor cannot be loaded. */
function PlainField({
  label,
  description,
  error,
  value,
  onChange,
  placeholder,
  minRows,
  maxRows,
}: CodeEditorProps) {
  return (
    <Textarea
      label={label}
      description={description}
      error={error}
      placeholder={placeholder}
      classNames={{ input: classes.plain ?? "" }}
      autosize
      minRows={minRows}
      maxRows={maxRows}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      autoCapitalize="off"
      spellCheck={false}
    />
  );
}
