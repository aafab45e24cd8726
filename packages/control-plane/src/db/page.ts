/**
 * Keyset paging: a cursor holds the ordering value and the id of a row, so that pages stay right while rows come
 * and go, and page 1,000 costs what page 1 does. No offsets.
 */
import { type RawBuilder, type SelectQueryBuilder, type SqlBool, sql } from "kysely";
import { compareText } from "./text.js";

export type Direction = "asc" | "desc";

/** How a list is ordered: by a column, then by id. `name` is part of the cursor. */
export interface Order {
  readonly name: string;
  readonly column: string;
  readonly direction: Direction;
  /** Of a search: rows are read as they lie, see `unindexed`. */
  readonly isSearch?: boolean;
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
  /** It is all of the list. */
  readonly isWhole: boolean;
}

/** The text is not a cursor of this list in this order. */
export class CursorError extends Error {
  override readonly name = "CursorError";
}

export function encodeCursor(order: Order, value: CursorValue, id: string): string {
  return writeCursor([`${order.name}.${order.direction}`, value, id]);
}

export function writeCursor(parts: readonly CursorValue[]): string {
  return Buffer.from(JSON.stringify(parts)).toString("base64url");
}

/** Parts of any type. @throws CursorError unless there are so many */
export function readCursor(cursor: string, length: number): readonly unknown[] {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch {
    throw unknownCursor();
  }
  if (!Array.isArray(parts) || parts.length !== length) throw unknownCursor();
  return parts;
}

export function unknownCursor(): CursorError {
  return new CursorError("This is not a cursor of ours.");
}

function decodeCursor(order: Order, cursor: string): readonly [CursorValue, string] {
  const [name, value, id] = readCursor(cursor, 3);
  if (typeof id !== "string") throw unknownCursor();
  if (name !== `${order.name}.${order.direction}`)
    throw new CursorError("This cursor belongs to another order: page with the orderBy it came from.");
  // PostgreSQL fails at a value that the column's type does not have.
  if (!isValueOf(order.column, value)) throw unknownCursor();
  return [value, id];
}

/** Columns of instants end in `_ms`; all others that lists are ordered by are texts. */
function isValueOf(column: string, value: unknown): value is CursorValue {
  return column.endsWith("_ms") ? Number.isSafeInteger(value) : typeof value === "string";
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
  const [column, id] = orderedBy(order);
  const rows = await bounded
    .orderBy(column, direction)
    .orderBy(id, direction)
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
    isWhole: !hasMore && request.after === null && request.before === null,
  };
}

/** One page of a list in memory, by a text column and then by id, as `fetchPage` gives it for rows. */
export function pageOf<T extends { readonly id: string } & Readonly<Record<N, string>>, N extends string>(
  list: readonly T[],
  order: { readonly name: N; readonly direction: Direction },
  request: PageRequest,
): Page<T> {
  const sign = order.direction === "asc" ? 1 : -1;
  const compare = (a: readonly [CursorValue, string], b: readonly [CursorValue, string]) =>
    sign * (compareText(String(a[0]), String(b[0])) || compareText(a[1], b[1]));
  const placeOf = (item: T) => [item[order.name], item.id] as const;
  const full: Order = { ...order, column: order.name };
  const after = request.after === null ? null : decodeCursor(full, request.after);
  const before = request.before === null ? null : decodeCursor(full, request.before);
  const within = [...list]
    .sort((a, b) => compare(placeOf(a), placeOf(b)))
    .filter(
      (item) =>
        (after === null || compare(placeOf(item), after) > 0) &&
        (before === null || compare(placeOf(item), before) < 0),
    );
  const { limit, backward } = request;
  const items = backward ? within.slice(Math.max(0, within.length - limit)) : within.slice(0, limit);
  const hasMore = within.length > limit;
  return {
    items: items.map((item) => ({ node: item, cursor: encodeCursor(full, item[order.name], item.id) })),
    hasNextPage: backward ? before !== null : hasMore,
    hasPreviousPage: backward ? hasMore : after !== null,
    isWhole: !hasMore && after === null && before === null,
  };
}

function orderedBy({ column, isSearch }: Order): readonly [RawBuilder<unknown>, RawBuilder<unknown>] {
  const ref = isSearch === true ? unindexed : sql.ref;
  return [ref(column), ref("id")];
}

/**
 * The column's value without its indexes. SQLite looks up each row that an index names, which takes ten times as long as reading
 * all rows as they lie: 210 ms instead of 22 for a search among 100 000 APIs (bench/JOURNAL.md).
 */
export function unindexed(column: string): RawBuilder<unknown> {
  return sql`coalesce(${sql.ref(column)}, ${sql.ref(column)})`;
}

/** Rows that stand after the cursor when read in `direction`. */
function beyond(order: Order, cursor: string, direction: Direction) {
  const place = decodeCursor(order, cursor);
  const row = sql.join([...orderedBy(order)]);
  const after = sql.join([...place]);
  return direction === "asc" ? sql<SqlBool>`(${row}) > (${after})` : sql<SqlBool>`(${row}) < (${after})`;
}
