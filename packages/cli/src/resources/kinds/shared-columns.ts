/** Columns that the tables of several kinds have. */
import type { Column } from "../../format/table.js";
import type { Item } from "../kind.js";

export const column = (title: string, field: string): Column<Item> => ({
  title,
  value: (item) => item[field] as string | number | boolean | null,
});

const nameOf = (value: unknown): string => (value as { readonly name: string }).name;

export const id = column("ID", "id");

export const subscriptionColumn: Column<Item> = {
  title: "SUBSCRIPTION",
  value: (item) => nameOf(item.subscription),
};
