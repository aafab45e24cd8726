/** The head of a column. One that can order the list is a button; a second press turns the order around. */
import type { Column, TableOrder } from "./column.js";
import { classOf } from "./column-class.js";
import { Icon } from "./icon.js";
import classes from "./table.module.css";

export interface ColumnHeadProps {
  readonly column: Pick<Column<never>, "kind" | "label" | "orderBy" | "shown">;
  readonly order: TableOrder | null;
  readonly onOrder: ((order: TableOrder) => void) | undefined;
}

export function ColumnHead({ column, order, onOrder }: ColumnHeadProps) {
  const { label, orderBy } = column;
  const head = { scope: "col", className: classOf(column), "data-shown": column.shown } as const;
  if (column.kind === "actions")
    return (
      <th {...head}>
        <span className="lk-visually-hidden">{label}</span>
      </th>
    );
  if (orderBy === undefined || onOrder === undefined) return <th {...head}>{label}</th>;
  const direction = order?.field === orderBy ? order.direction : null;
  const arrow = direction === null ? "selector" : direction === "ASC" ? "arrow-up" : "arrow-down";
  return (
    <th {...head} aria-sort={direction === null ? "none" : direction === "ASC" ? "ascending" : "descending"}>
      <button
        type="button"
        className={classes.order}
        data-active={direction !== null || undefined}
        onClick={() => onOrder({ field: orderBy, direction: nextDirection(direction, orderBy) })}
      >
        {label}
        <Icon name={arrow} size={13} />
      </button>
    </th>
  );
}

/** Times begin with the newest, names with A. */
function nextDirection(now: "ASC" | "DESC" | null, field: string): "ASC" | "DESC" {
  if (now !== null) return now === "ASC" ? "DESC" : "ASC";
  return field.endsWith("_AT") ? "DESC" : "ASC";
}
