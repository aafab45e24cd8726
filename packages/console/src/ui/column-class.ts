/** The style of a column's head and cells. */
import type { Column } from "./column.js";
import classes from "./table.module.css";

export function classOf({ kind }: Pick<Column<never>, "kind">): string | undefined {
  if (kind === "number") return classes.number;
  if (kind === "actions") return classes.actions;
  return kind === "title" ? classes.title : undefined;
}
