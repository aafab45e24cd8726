/**
 * Goes through messages from the newest back, some thousand at a time, so that no search holds up the event loop or goes on for
 * ever. Each stretch is bounded by the one condition that an index serves; the other conditions are looked at within it.
 */
import { type Expression, type SelectQueryBuilder, type SqlBool, sql } from "kysely";
import type { MessageFilter } from "./message.js";
import type { MessageDatabase, MessageDb } from "./message-tables.js";

/** A place in the order of messages. */
export interface MessagePlace {
  readonly atMs: number;
  readonly id: number;
}

/** Messages from `to` (inclusive) up to `from` (exclusive), by time; null: no bound. */
export interface Stretch {
  readonly from: MessagePlace | null;
  readonly to: MessagePlace | null;
}

export interface ScanBounds {
  readonly stretchRows: number;
  readonly stretchesMax: number;
}

/** Rows are read from the table, some µs each. */
export const searchBounds: ScanBounds = { stretchRows: 5_000, stretchesMax: 40 };
/** Rows of an index alone. */
export const countBounds: ScanBounds = { stretchRows: 20_000, stretchesMax: 100 };

type Query<O> = SelectQueryBuilder<MessageDatabase, "message", O>;

/** Stretches from the newest to the oldest; the last one that is given has `to: null` if all was looked at. */
export async function* stretches(
  db: MessageDb,
  filter: MessageFilter,
  after: MessagePlace | null,
  { stretchRows, stretchesMax }: ScanBounds,
): AsyncGenerator<Stretch> {
  let from = after;
  for (let count = 0; count < stretchesMax; count++) {
    const edge: { at_ms: number; id: number } | undefined = await newestFirst(
      driven(db.selectFrom("message"), filter, { from, to: null }),
    )
      .select(["at_ms", "id"])
      .offset(stretchRows - 1)
      .limit(1)
      .executeTakeFirst();
    const to: MessagePlace | null = edge === undefined ? null : { atMs: edge.at_ms, id: edge.id };
    yield { from, to };
    if (to === null) return;
    from = to;
  }
}

/** What of the filter an index serves in order: one equality, and the times. */
function driven<O>(query: Query<O>, filter: MessageFilter, stretch: Stretch): Query<O> {
  return timed(query, filter, stretch).where(driver(filter));
}

function driver(filter: MessageFilter): Expression<SqlBool> {
  const { interchangeId, keyId, routeId, apiId, errorCode } = filter;
  const failed = wantsFailed(filter) ? sql` and failed = 1` : sql``;
  // Literal, because a partial index serves no parameter.
  if (interchangeId != null) return sql<SqlBool>`interchange_id = ${interchangeId}`;
  if (keyId != null) return sql<SqlBool>`key_id = ${keyId}`;
  if (routeId != null) return sql<SqlBool>`route_id = ${routeId}`;
  if (apiId != null) return sql<SqlBool>`(api_id = ${apiId}${failed})`;
  if (errorCode != null) return sql<SqlBool>`(error_code = ${errorCode}${failed})`;
  return wantsFailed(filter) ? sql<SqlBool>`failed = 1` : sql<SqlBool>`1 = 1`;
}

function wantsFailed({ outcome, status, errorCode }: MessageFilter): boolean {
  if (errorCode != null && errorCode !== "") return true;
  if (status != null && status >= 400) return true;
  return outcome != null && outcome !== "SUCCEEDED";
}

/**
 * The tighter one of a stretch and the filter's times, at either end. Never both: SQLite would begin at the one of the filter, and
 * go over all that the stretches before had looked at.
 */
function timed<O>(query: Query<O>, filter: MessageFilter, { from, to }: Stretch): Query<O> {
  const sinceMs = filter.since?.getTime() ?? Number.NEGATIVE_INFINITY;
  const untilMs = filter.until?.getTime() ?? Number.POSITIVE_INFINITY;
  let bounded = query;
  if (to !== null && to.atMs >= sinceMs)
    bounded = bounded.where(sql<SqlBool>`(at_ms, id) >= (${to.atMs}, ${to.id})`);
  else if (filter.since != null) bounded = bounded.where("at_ms", ">=", sinceMs);
  // A client may send a cursor of another filter.
  if (from !== null && from.atMs < untilMs)
    bounded = bounded.where(sql<SqlBool>`(at_ms, id) < (${from.atMs}, ${from.id})`);
  else if (filter.until != null) bounded = bounded.where("at_ms", "<", untilMs);
  return bounded;
}

export function newestFirst<O>(query: Query<O>): Query<O> {
  return query.orderBy("at_ms", "desc").orderBy("id", "desc");
}

/** All conditions, within a stretch. */
export function filtered<O>(query: Query<O>, filter: MessageFilter, stretch: Stretch): Query<O> {
  const { keyId, routeId, apiId, integrationId, nodeId, method, path, status, outcome, errorCode } = filter;
  let matching = driven(query, filter, stretch);
  if (keyId != null) matching = matching.where("key_id", "=", keyId);
  if (routeId != null) matching = matching.where("route_id", "=", routeId);
  if (apiId != null) matching = matching.where("api_id", "=", apiId);
  if (integrationId != null) matching = matching.where("integration_id", "=", integrationId);
  if (nodeId != null) matching = matching.where("node_id", "=", nodeId);
  if (method != null) matching = matching.where("method", "=", method);
  if (errorCode != null) matching = matching.where("error_code", "=", errorCode);
  if (status != null) matching = matching.where("status", "=", status);
  if (path != null && path !== "") matching = matching.where(containing(path));
  if (outcome === "SUCCEEDED") matching = matching.where("failed", "=", 0);
  else if (outcome === "FAILED") matching = matching.where("failed", "=", 1);
  else if (outcome === "CLIENT_ERROR") matching = matching.where(sql<SqlBool>`status between 400 and 499`);
  else if (outcome === "SERVER_ERROR")
    matching = matching.where(sql<SqlBool>`failed = 1 and status not between 400 and 499`);
  return matching;
}

function containing(text: string): Expression<SqlBool> {
  // The two databases have no function in common that finds a text, and differ in `like`.
  return sql<SqlBool>`replace(path, ${text}, '') <> path`;
}

/** Whether an index has all that the filter asks for. */
export function isCovered(filter: MessageFilter): boolean {
  const { integrationId, nodeId, method, path } = filter;
  const one = [filter.interchangeId, filter.keyId, filter.routeId, filter.apiId, filter.errorCode];
  return (
    one.filter((value) => value != null).length <= 1 &&
    [integrationId, nodeId, method, path].every((value) => value == null)
  );
}
