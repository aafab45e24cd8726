/** The listed operations. Of a long list only the rows in sight are mounted. */
import { useCallback, useRef } from "react";
import type { Option } from "../../ui/remote-select.js";
import { useRowsInSight } from "../../ui/use-rows-in-sight.js";
import type { ImportRow } from "./import-rows.js";
import { OperationRow } from "./operation-row.js";
import classes from "./operation-rows.module.css";

const ROW_HEIGHT = 58;

export interface OperationRowsProps {
  readonly rows: readonly ImportRow[];
  readonly selected: ReadonlySet<string>;
  readonly subscriptionId: string | null;
  readonly onSelect: (keys: readonly string[], isSelected: boolean) => void;
  readonly onAssign: (rows: readonly ImportRow[], integration: Option | null) => void;
}

export function OperationRows({ rows, selected, subscriptionId, onSelect, onAssign }: OperationRowsProps) {
  const { list, inSight, height } = useRowsInSight(rows, ROW_HEIGHT);
  const shown = useRef(rows);
  shown.current = rows;
  const last = useRef(-1);

  /** With Shift held: all from the row that was selected before. */
  const select = useCallback(
    (index: number, isSelected: boolean, isRange: boolean) => {
      const from = isRange && last.current >= 0 ? Math.min(last.current, index) : index;
      const to = isRange && last.current >= 0 ? Math.max(last.current, index) : index;
      last.current = index;
      const range = shown.current.slice(from, to + 1).filter((row) => row.match !== null);
      onSelect(
        range.map(({ key }) => key),
        isSelected,
      );
    },
    [onSelect],
  );

  return (
    <ol
      className={classes.rows}
      ref={list}
      aria-label="Operations"
      style={height === null ? undefined : { height }}
    >
      {inSight.map(({ row, index, offset, measure }) => (
        <OperationRow
          key={row.key}
          row={row}
          index={index}
          count={rows.length}
          offset={offset}
          {...(measure !== undefined && { measure })}
          isSelected={selected.has(row.key)}
          subscriptionId={subscriptionId}
          onSelect={select}
          onAssign={onAssign}
        />
      ))}
    </ol>
  );
}
