/**
 * The table of every list: sticky head, heads that order the list, a row that is one link, rows to select, cards on a
 * small screen. Columns name their label once; rows give the cells. Asks nothing and keeps no state.
 */
import { Checkbox } from "@mantine/core";
import type { MouseEvent } from "react";
import { BusyLine } from "./busy-line.js";
import type { Column, RowSelection, TableOrder } from "./column.js";
import { classOf } from "./column-class.js";
import { rowLinkOf } from "./row-link.js";
import classes from "./table.module.css";
import { ColumnHead } from "./table-head.js";

export interface TableProps<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly isBusy?: boolean;
  readonly order?: TableOrder | null;
  readonly onOrder?: (order: TableOrder) => void;
  readonly selection?: RowSelection | undefined;
  /** Names a row for its checkbox. */
  readonly rowName?: (row: Row) => string;
}

export function Table<Row>(props: TableProps<Row>) {
  const { caption, columns, rows, rowKey, isBusy = false, selection } = props;
  const selected = selection?.ids.size ?? 0;
  return (
    <div className={classes.wrap}>
      <BusyLine isBusy={isBusy} />
      <table className={`${classes.table} ${classes.stacking}`} aria-busy={isBusy}>
        <caption className="lk-visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {selection !== undefined && (
              <th scope="col" className={classes.check}>
                <Checkbox
                  size="xs"
                  aria-label={`Select all ${caption} of this page`}
                  checked={selected > 0 && selected === rows.length}
                  indeterminate={selected > 0 && selected < rows.length}
                  onChange={selection.toggleAll}
                />
              </th>
            )}
            {columns.map((column) => (
              <ColumnHead
                key={column.key}
                column={column}
                order={props.order ?? null}
                onOrder={props.onOrder}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const id = rowKey(row);
            return (
              <tr key={id} data-selected={selection?.ids.has(id) || undefined} onClick={followRowLink}>
                {selection !== undefined && (
                  <td className={classes.check}>
                    <Checkbox
                      size="xs"
                      aria-label={`Select ${props.rowName?.(row) ?? id}`}
                      checked={selection.ids.has(id)}
                      onChange={() => selection.toggle(id)}
                    />
                  </td>
                )}
                {columns.map((column) => (
                  <td
                    key={column.key}
                    className={classOf(column)}
                    data-shown={column.shown}
                    data-label={
                      column.kind === "title" || column.kind === "actions" ? undefined : column.label
                    }
                  >
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** Texts with a tooltip lie over the row's link; a click on one follows it all the same. */
function followRowLink(event: MouseEvent<HTMLTableRowElement>): void {
  const target = event.target as HTMLElement;
  if (target.closest("a, button, input, label, summary, [role='menu'], [role='dialog']") !== null) return;
  if (!event.currentTarget.contains(target)) return;
  const link = rowLinkOf(event.currentTarget);
  if (link === null) return;
  const { ctrlKey, metaKey, shiftKey } = event;
  link.dispatchEvent(
    new window.MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey, metaKey, shiftKey }),
  );
}
