/** Which columns of a table a person wants to see; kept in this browser. */
import { useState } from "react";
import type { Column } from "./column.js";

export interface ColumnChoice<Row> {
  readonly columns: readonly Column<Row>[];
  /** What can be chosen: all but title and actions. */
  readonly choices: readonly { readonly key: string; readonly label: string; readonly isShown: boolean }[];
  readonly toggle: (key: string) => void;
}

const STORED = "latchkey-columns";

type Stored = Readonly<Record<string, readonly string[]>>;

export function useColumns<Row>(table: string, all: readonly Column<Row>[]): ColumnChoice<Row> {
  const [chosen, setChosen] = useState(() => read()[table] ?? null);
  const isFixed = ({ kind }: Column<Row>) => kind === "title" || kind === "actions";
  const isShown = (column: Column<Row>) =>
    isFixed(column) || (chosen === null ? column.shown !== "chosen" : chosen.includes(column.key));
  const choosable = all.filter((column) => !isFixed(column));
  return {
    columns: all.filter(isShown),
    choices: choosable.map((column) => ({
      key: column.key,
      label: column.label,
      isShown: isShown(column),
    })),
    toggle(key) {
      const next = choosable
        .filter((column) => isShown(column) !== (column.key === key))
        .map((column) => column.key);
      setChosen(next);
      localStorage.setItem(STORED, JSON.stringify({ ...read(), [table]: next }));
    },
  };
}

function read(): Stored {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(STORED) ?? "{}");
    return typeof value === "object" && value !== null ? (value as Stored) : {};
  } catch {
    return {};
  }
}
