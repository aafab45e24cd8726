/** One operation: what is done to it, where it leads, and the notes about it. */
import { Checkbox, UnstyledButton } from "@mantine/core";
import { memo, useState } from "react";
import { Icon } from "../../ui/icon.js";
import { LiteralText } from "../../ui/literal-text.js";
import { MethodBadge } from "../../ui/method-badge.js";
import type { Option } from "../../ui/remote-select.js";
import { Tag, type Tone } from "../../ui/tag.js";
import { fateLabels, type ImportFate, type ImportRow } from "./import-rows.js";
import { OperationIntegration } from "./operation-integration.js";
import classes from "./operation-rows.module.css";

export interface OperationRowProps {
  readonly row: ImportRow;
  readonly index: number;
  readonly count: number;
  /** Place in the list in pixels; null: in the flow of the page. */
  readonly offset: number | null;
  readonly measure?: (element: HTMLLIElement | null) => void;
  readonly isSelected: boolean;
  readonly subscriptionId: string | null;
  readonly onSelect: (index: number, isSelected: boolean, isRange: boolean) => void;
  readonly onAssign: (rows: readonly ImportRow[], integration: Option | null) => void;
}

const tones: Readonly<Record<ImportFate, Tone>> = {
  ADDED: "ok",
  CHANGED: "accent",
  UNCHANGED: "neutral",
  KEPT: "neutral",
  REMOVED: "bad",
  NOT_READ: "warn",
};

/** Memoized: selecting a row does not render the others. */
export const OperationRow = memo(function OperationRow(props: OperationRowProps) {
  const { row, index, count, offset, isSelected, onSelect } = props;
  const [isOpen, setOpen] = useState(false);
  const name = `${row.method} ${row.path}`;
  const notesId = `notes-${index}`;
  return (
    <li
      ref={props.measure}
      className={classes.row}
      data-index={index}
      data-floating={offset !== null || undefined}
      style={offset === null ? undefined : { transform: `translateY(${offset}px)` }}
      aria-setsize={count}
      aria-posinset={index + 1}
    >
      <span className={classes.check}>
        {row.match !== null && (
          <Checkbox
            aria-label={`Select ${name}`}
            checked={isSelected}
            onChange={(event) =>
              onSelect(index, event.currentTarget.checked, (event.nativeEvent as MouseEvent).shiftKey)
            }
          />
        )}
      </span>
      <span className={classes.fateTag}>
        <Tag tone={tones[row.fate]}>{fateLabels[row.fate]}</Tag>
      </span>
      <span className={classes.operation}>
        <span className={classes.line}>
          <MethodBadge method={row.method} compact />
          <code className="lk-break">{row.path}</code>
        </span>
        {row.summary !== "" && <span className={classes.summary}>{row.summary}</span>}
      </span>
      <span className={classes.integration}>
        <OperationIntegration
          row={row}
          subscriptionId={props.subscriptionId}
          onAssign={(integration) => props.onAssign([row], integration)}
        />
      </span>
      <span className={classes.noteButton}>
        {row.notes.length > 0 && (
          <UnstyledButton
            className={classes.notesToggle ?? ""}
            aria-expanded={isOpen}
            aria-controls={isOpen ? notesId : undefined}
            onClick={() => setOpen(!isOpen)}
          >
            {row.notes.length === 1 ? "1 note" : `${row.notes.length} notes`}
            <span className="lk-visually-hidden"> about {name}</span>
            <Icon name="chevron-right" size={13} />
          </UnstyledButton>
        )}
      </span>
      {isOpen && (
        <ul className={classes.rowNotes} id={notesId}>
          {row.notes.map((note) => (
            <li key={`${note.pointer} ${note.message}`} className="lk-break">
              <LiteralText text={note.message} />
            </li>
          ))}
        </ul>
      )}
    </li>
  );
});
