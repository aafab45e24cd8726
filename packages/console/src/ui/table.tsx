/** A table whose rows become cards on a small screen. Columns say their label once; rows give the cells. */
import type { ReactNode } from "react";
import { BusyLine } from "./busy-line.js";
import classes from "./table.module.css";

export interface Column<Row> {
  readonly key: string;
  readonly label: string;
  readonly cell: (row: Row) => ReactNode;
  /** `title` stands alone on a card; `actions` sits in its corner. */
  readonly kind?: "title" | "text" | "number" | "actions";
}

export interface TableProps<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly isBusy?: boolean;
}

export function Table<Row>({ caption, columns, rows, rowKey, isBusy = false }: TableProps<Row>) {
  return (
    <div className={classes.wrap}>
      <BusyLine isBusy={isBusy} />
      <table className={`${classes.table} ${classes.stacking}`} aria-busy={isBusy}>
        <caption className="lk-visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                className={column.kind === "number" ? classes.number : undefined}
              >
                {column.kind === "actions" ? (
                  <span className="lk-visually-hidden">{column.label}</span>
                ) : (
                  column.label
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column) => (
                <td
                  key={column.key}
                  className={
                    column.kind === "number"
                      ? classes.number
                      : column.kind === "actions"
                        ? classes.actions
                        : undefined
                  }
                  data-label={column.kind === "title" || column.kind === "actions" ? undefined : column.label}
                >
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
