/** Rows of a name and a value: query parameters and headers that the operation does not declare. */
import { ActionIcon, Button, TextInput } from "@mantine/core";
import { Icon } from "../../ui/icon.js";
import type { NameValue } from "./request-form.js";
import classes from "./try-it.module.css";

export interface NameValueRowsProps {
  /** `header` */
  readonly noun: string;
  readonly rows: readonly NameValue[];
  readonly onChange: (rows: readonly NameValue[]) => void;
}

export function NameValueRows({ noun, rows, onChange }: NameValueRowsProps) {
  const set = (id: number, change: Partial<NameValue>): void =>
    onChange(rows.map((row) => (row.id === id ? { ...row, ...change } : row)));
  return (
    <>
      {rows.map((row, index) => (
        <div key={row.id} className={classes.nameValue}>
          <TextInput
            aria-label={`Name of ${noun} ${index + 1}`}
            placeholder="Name"
            value={row.name}
            onChange={(event) => set(row.id, { name: event.currentTarget.value })}
            autoComplete="off"
            spellCheck={false}
          />
          <TextInput
            aria-label={`Value of ${noun} ${index + 1}`}
            placeholder="Value"
            value={row.value}
            onChange={(event) => set(row.id, { value: event.currentTarget.value })}
            autoComplete="off"
            spellCheck={false}
          />
          <ActionIcon
            variant="subtle"
            color="red"
            aria-label={`Remove ${noun} ${index + 1}`}
            onClick={() => onChange(rows.filter((each) => each.id !== row.id))}
          >
            <Icon name="trash" />
          </ActionIcon>
        </div>
      ))}
      <Button
        variant="subtle"
        size="compact-sm"
        className={classes.add ?? ""}
        leftSection={<Icon name="plus" size={14} />}
        onClick={() => onChange([...rows, { id: (rows.at(-1)?.id ?? 0) + 1, name: "", value: "" }])}
      >
        Add {noun}
      </Button>
    </>
  );
}
