/** A list that the page holds whole, ordered here: for what is live and few, as nodes are. */
import { useMemo } from "react";
import type { CombinedError } from "urql";
import type { TableOrder } from "./column.js";
import { type List, useSelection } from "./use-list.js";
import { useListParams } from "./use-list-params.js";

export interface LocalListOptions<Row> {
  /** Null: not known yet. */
  readonly rows: readonly Row[] | null;
  readonly error: CombinedError | undefined;
  readonly refetch: () => void;
  readonly order: TableOrder;
  /** What rows are compared by, per field of the order. */
  readonly values: Readonly<Record<string, (row: Row) => string | number | null>>;
}

export function useLocalList<Row extends { readonly id: string }>(options: LocalListOptions<Row>): List<Row> {
  const params = useListParams();
  const { rows: given, values, error, refetch } = options;
  const asked = params.order;
  const order = asked !== null && asked.field in values ? asked : options.order;
  const { field, direction } = order;
  const rows = useMemo(() => {
    const compared = values[field];
    if (given === null || compared === undefined) return given;
    const sign = direction === "ASC" ? 1 : -1;
    return [...given].sort((a, b) => sign * compare(compared(a), compared(b)));
  }, [given, values, field, direction]);
  const count = rows?.length ?? 0;
  return {
    params,
    rows,
    extent: { from: 1, shown: count, total: count },
    pageSize: count,
    pageInfo: { hasNextPage: false, hasPreviousPage: false },
    order,
    isBusy: false,
    error,
    refetch,
    ...useSelection(rows),
  };
}

/** What is not known comes first. */
function compare(a: string | number | null, b: string | number | null): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  return typeof a === "string" && typeof b === "string" ? a.localeCompare(b, "en") : Number(a) - Number(b);
}
