/** A field for JSON: says at which line it stops being JSON, and leads there. */
import { Button, Textarea, type TextareaProps } from "@mantine/core";
import { type Ref, useRef } from "react";
import classes from "./json-input.module.css";
import { jsonProblem } from "./json-problem.js";

export interface JsonInputProps extends Omit<TextareaProps, "value" | "onChange" | "classNames"> {
  readonly ref?: Ref<HTMLTextAreaElement>;
  readonly value: string;
  readonly onChange: (text: string) => void;
  /** False: the text is of another kind, and is not read. */
  readonly isJson?: boolean;
}

export function JsonInput({ ref, value, onChange, isJson = true, error, ...rest }: JsonInputProps) {
  const box = useRef<HTMLDivElement>(null);
  const problem = isJson ? jsonProblem(value) : null;

  function showPlace(offset: number): void {
    const field = box.current?.querySelector("textarea") ?? null;
    if (field === null) return;
    field.focus();
    field.setSelectionRange(offset, Math.min(value.length, offset + 1));
    // A text area does not scroll to its selection by itself.
    const line = value.slice(0, offset).split("\n").length;
    field.scrollTop = (field.scrollHeight * Math.max(0, line - 3)) / value.split("\n").length;
  }

  return (
    <div ref={box} className={classes.root}>
      <Textarea
        {...rest}
        {...(ref !== undefined && { ref })}
        classNames={{ input: classes.input ?? "" }}
        autosize
        value={value}
        error={problem?.message ?? error}
        onChange={(event) => onChange(event.currentTarget.value)}
        spellCheck={false}
        autoCapitalize="off"
      />
      <div className={classes.tools}>
        {problem !== null && (
          <Button variant="subtle" size="compact-sm" onClick={() => showPlace(problem.offset)}>
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
