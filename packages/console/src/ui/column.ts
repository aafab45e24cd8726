/** What a table knows of a column, of its order and of the rows that are selected. */
import type { ReactNode } from "react";

export interface Column<Row> {
  readonly key: string;
  readonly label: string;
  readonly cell: (row: Row) => ReactNode;
  /** `title` stands alone on a card; `actions` sits in its corner. */
  readonly kind?: "title" | "text" | "number" | "actions";
  /** What the list is ordered by when the head is pressed. */
  readonly orderBy?: string;
  /** `wide`: left out where the table is narrow. `chosen`: shown only to those who choose it. */
  readonly shown?: "always" | "wide" | "chosen";
}

export interface TableOrder {
  readonly field: string;
  readonly direction: "ASC" | "DESC";
}

export interface RowSelection {
  readonly ids: ReadonlySet<string>;
  readonly toggle: (id: string) => void;
  readonly toggleAll: () => void;
}
