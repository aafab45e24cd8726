/**
 * Keyset paging: a cursor holds the ordering value and the id of a row, so that pages stay right while rows come
 * and go, and page 1,000 costs what page 1 does. No offsets.
 */
import { type SelectQueryBuilder, type SqlBool, sql } from "kysely";

export type Direction = "asc" | "desc";

/** How a list is ordered: by a column, then by id. `name` is part of the cursor. */
export interface Order {
  readonly name: string;
  readonly column: string;
  readonly direction: Direction;
}

export type CursorValue = string | number;

export interface PageRequest {
  readonly limit: number;
  /** From the end: the last `limit` rows before `before`. */
  readonly backward: boolean;
  readonly after: string | null;
  readonly before: string | null;
}

export interface PageItem<T> {
  readonly node: T;
  readonly cursor: string;
}

export interface Page<T> {
  readonly items: readonly PageItem<T>[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
}

/** The text is not a cursor of this list in this order. */
export class CursorError extends Error {
  override readonly name = "CursorError";
}

export function encodeCursor(order: Order, value: CursorValue, id: string): string {
  return Buffer.from(JSON.stringify([`${order.name}.${order.direction}`, value, id])).toString("base64url");
}

function decodeCursor(order: Order, cursor: string): readonly [CursorValue, string] {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch {
    throw new CursorError("This is not a cursor of ours.");
  }
  if (!Array.isArray(parts) || parts.length !== 3) throw new CursorError("This is not a cursor of ours.");
  const [name, value, id] = parts as unknown[];
  if ((typeof value !== "string" && typeof value !== "number") || typeof id !== "string")
    throw new CursorError("This is not a cursor of ours.");
  if (name !== `${order.name}.${order.direction}`)
    throw new CursorError("This cursor belongs to another order: page with the orderBy it came from.");
  return [value, id];
}

/**
 * One page of `query`, whose rows must carry `id` and the order's column, and no order of their own.
 * Ids are unique, so the order is total.
 */
export async function fetchPage<DB, TB extends keyof DB, Row extends { readonly id: string }, T>(
  query: SelectQueryBuilder<DB, TB, Row>,
  order: Order,
  request: PageRequest,
  map: (row: Row) => T,
): Promise<Page<T>> {
  const forward: Direction = order.direction;
  const reverse: Direction = forward === "asc" ? "desc" : "asc";
  const direction = request.backward ? reverse : forward;
  let bounded = query;
  if (request.after !== null) bounded = bounded.where(beyond(order, request.after, forward));
  if (request.before !== null) bounded = bounded.where(beyond(order, request.before, reverse));
  const rows = await bounded
    .orderBy(sql.ref(order.column), direction)
    .orderBy(sql.ref("id"), direction)
    .limit(request.limit + 1)
    .execute();
  const hasMore = rows.length > request.limit;
  if (hasMore) rows.pop();
  if (request.backward) rows.reverse();
  return {
    items: rows.map((row) => ({
      node: map(row as Row),
      cursor: encodeCursor(order, (row as Readonly<Record<string, CursorValue>>)[order.column] ?? "", row.id),
    })),
    hasNextPage: request.backward ? request.before !== null : hasMore,
    hasPreviousPage: request.backward ? hasMore : request.after !== null,
  };
}

/** Rows that stand after the cursor when read in `direction`. */
function beyond(order: Order, cursor: string, direction: Direction) {
  const [value, id] = decodeCursor(order, cursor);
  const row = sql`(${sql.ref(order.column)}, ${sql.ref("id")})`;
  return direction === "asc"
    ? sql<SqlBool>`${row} > (${value}, ${id})`
    : sql<SqlBool>`${row} < (${value}, ${id})`;
}
