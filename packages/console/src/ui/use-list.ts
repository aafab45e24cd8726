/** One page of a list from the server: rows, order, place, selection. The hook of every list page. */
import { useState } from "react";
import { type CombinedError, type TypedDocumentNode, useQuery } from "urql";
import type { RowSelection, TableOrder } from "./column.js";
import type { PageInfo } from "./extent.js";
import { type Extent, extentOf } from "./extent.js";
import { type ListParams, useListParams } from "./use-list-params.js";

export interface Connection<Row> {
  readonly nodes: readonly Row[];
  readonly totalCount: number;
  readonly pageInfo: PageInfo;
}

type Variables = Record<string, unknown>;

export interface ListOptions<Data, Row, Given extends Variables> {
  readonly query: TypedDocumentNode<Data, Given>;
  /** Besides page and order. */
  readonly variables: (params: ListParams) => Partial<Given>;
  readonly connection: (data: Data) => Connection<Row> | null | undefined;
  readonly pageSize?: number;
  /** The order of the list that the server gives without being asked; null where it cannot be asked. */
  readonly order: TableOrder | null;
}

export interface List<Row> {
  readonly params: ListParams;
  /** Null: not known yet. */
  readonly rows: readonly Row[] | null;
  readonly extent: Extent;
  readonly pageSize: number;
  readonly pageInfo: PageInfo;
  readonly order: TableOrder | null;
  readonly isBusy: boolean;
  readonly error: CombinedError | undefined;
  readonly refetch: () => void;
  readonly selection: RowSelection;
  readonly clearSelection: () => void;
}

const PAGE_SIZE = 50;
const noPages: PageInfo = { hasNextPage: false, hasPreviousPage: false };

export function useList<Data, Row extends { readonly id: string }, Given extends Variables>(
  options: ListOptions<Data, Row, Given>,
): List<Row> {
  const params = useListParams();
  const { pageSize = PAGE_SIZE } = options;
  const order = options.order === null ? null : (params.order ?? options.order);
  const variables = {
    ...params.paging(pageSize),
    ...(options.order === null ? {} : { orderBy: order }),
    ...options.variables(params),
  } as unknown as Given;
  const [{ data, error, fetching, stale }, execute] = useQuery<Data, Variables>({
    query: options.query as TypedDocumentNode<Data, Variables>,
    variables,
    requestPolicy: "cache-and-network",
  });
  const connection = data === undefined ? undefined : options.connection(data);
  const rows = connection?.nodes ?? null;
  const pageInfo = connection?.pageInfo ?? noPages;
  return {
    params,
    rows,
    extent: extentOf(params.from, rows?.length ?? 0, connection?.totalCount ?? 0, pageInfo),
    pageSize,
    pageInfo,
    order,
    isBusy: fetching || stale,
    error,
    refetch: () => execute({ requestPolicy: "network-only" }),
    ...useSelection(rows),
  };
}

/** Of the rows in sight only: what is on another page is never changed along. */
export function useSelection(rows: readonly { readonly id: string }[] | null) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const ids = new Set((rows ?? []).filter(({ id }) => chosen.has(id)).map(({ id }) => id));
  const selection: RowSelection = {
    ids,
    toggle(id) {
      const next = new Set(ids);
      if (!next.delete(id)) next.add(id);
      setChosen(next);
    },
    toggleAll: () => setChosen(ids.size > 0 ? new Set() : new Set((rows ?? []).map(({ id }) => id))),
  };
  return { selection, clearSelection: () => setChosen(new Set()) };
}
