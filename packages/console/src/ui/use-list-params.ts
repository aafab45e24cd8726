/** A list's search, filters, order and cursor, kept in the address: a reload, a bookmark and the back button hold them. */
import { useCallback } from "react";
import { useSearchParams } from "react-router";
import type { TableOrder } from "./column.js";
import { type ParamChanges, useChangeParams } from "./use-change-params.js";

/** `from`: the place of the page's first row in the list, from 1. */
export type PageMove =
  | { readonly after: string; readonly from: number }
  | { readonly before: string; readonly from: number };

export interface ListParams {
  readonly get: (name: string) => string;
  /** Sets filters and goes back to the first page. Replaces the history entry, so that Back leaves the list. */
  readonly set: (changes: ParamChanges) => void;
  /** Sets what does not change the list, as what is opened over it: the page stays. */
  readonly keep: (changes: ParamChanges) => void;
  readonly page: (move: PageMove) => void;
  /** Place of the first row, from 1, as far as the address tells. */
  readonly from: number;
  /** Null: the list's own order. */
  readonly order: TableOrder | null;
  readonly setOrder: (order: TableOrder) => void;
  /** Arguments of the connection. */
  readonly paging: (size: number) => {
    readonly first: number | null;
    readonly after: string | null;
    readonly last: number | null;
    readonly before: string | null;
  };
}

const firstPage = { after: null, before: null, from: null };

export function useListParams(): ListParams {
  const [params] = useSearchParams();
  const change = useChangeParams();
  const set = useCallback<ListParams["set"]>(
    (changes) => change({ ...firstPage, ...changes }, { replace: true }),
    [change],
  );
  const keep = useCallback<ListParams["keep"]>((changes) => change(changes, { replace: true }), [change]);
  const page = useCallback<ListParams["page"]>(
    ({ from, ...move }) => {
      change({ ...firstPage, ...move, from: String(from) }, { preventScrollReset: false });
      window.scrollTo({ top: 0 });
    },
    [change],
  );
  const after = params.get("after");
  const before = params.get("before");
  return {
    get: (name) => params.get(name) ?? "",
    set,
    keep,
    page,
    from: Math.max(1, Number.parseInt(params.get("from") ?? "1", 10) || 1),
    order: orderOf(params.get("sort")),
    setOrder: ({ field, direction }) =>
      set({ sort: `${direction === "DESC" ? "-" : ""}${field.toLowerCase()}` }),
    paging: (size) =>
      before === null
        ? { first: size, after, last: null, before: null }
        : { first: null, after: null, last: size, before },
  };
}

/** `title`, or `-updated_at` for the other end first. */
function orderOf(text: string | null): TableOrder | null {
  const [, minus, field] = /^(-?)([a-z_]+)$/.exec(text ?? "") ?? [];
  if (field === undefined) return null;
  return { field: field.toUpperCase(), direction: minus === "-" ? "DESC" : "ASC" };
}
