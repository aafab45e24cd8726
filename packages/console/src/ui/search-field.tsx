/** The search of a list: `/` jumps to it, Escape empties it, typing settles before the list is asked. */
import { CloseButton, TextInput } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { Icon } from "./icon.js";
import classes from "./search-field.module.css";
import { useShortcut } from "./shortcuts.js";

const SETTLE_MS = 200;

export interface SearchFieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly label: string;
  readonly placeholder: string;
  /** Shortcuts of a page rest while a dialog is open. */
  readonly isInDialog?: boolean;
}

export function SearchField({ value, onChange, label, placeholder, isInDialog = false }: SearchFieldProps) {
  const [text, setText] = useState(value);
  const field = useRef<HTMLInputElement>(null);
  const settled = useRef(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useShortcut("/", () => field.current?.focus());

  // The address changed by itself (back button): follow it.
  useEffect(() => {
    if (value === settled.current) return;
    settled.current = value;
    setText(value);
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);

  function change(next: string): void {
    setText(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      settled.current = next;
      onChange(next);
    }, SETTLE_MS);
  }

  return (
    <TextInput
      ref={field}
      className={classes.root ?? ""}
      type="search"
      aria-label={label}
      placeholder={placeholder}
      value={text}
      onChange={(event) => change(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || text === "") return;
        event.preventDefault();
        change("");
      }}
      leftSection={<Icon name="search" />}
      rightSection={
        text === "" ? (
          !isInDialog && (
            <span className={classes.hint} aria-hidden="true">
              /
            </span>
          )
        ) : (
          <CloseButton
            size="sm"
            aria-label="Clear the search"
            onClick={() => {
              change("");
              field.current?.focus();
            }}
          />
        )
      }
      // Escape empties the field first, then closes the dialog around it.
      data-mantine-stop-propagation={text !== ""}
      autoComplete="off"
      spellCheck={false}
    />
  );
}
