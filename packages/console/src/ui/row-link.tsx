/** The link of a table's row: a click anywhere in the row follows it. Other controls of the row stay above it. */
import type { ReactNode } from "react";
import { Link } from "react-router";
import classes from "./table.module.css";

export function RowLink({ to, children }: { readonly to: string; readonly children: ReactNode }) {
  return (
    <Link to={to} className={classes.rowLink} data-row-link="" preventScrollReset={to.startsWith("?")}>
      <bdi>{children}</bdi>
    </Link>
  );
}

export function rowLinkOf(row: HTMLElement): HTMLAnchorElement | null {
  return row.querySelector<HTMLAnchorElement>("a[data-row-link]");
}
