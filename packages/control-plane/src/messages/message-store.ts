/** Reads and writes messages. Every statement is short: it touches some thousand rows of an index, or some hundred of the table. */
import { type Selectable, sql } from "kysely";
import { readCursor, unknownCursor, writeCursor } from "../db/page.js";
import { safe, safeSum } from "../db/safe-sum.js";
import { isFailed, type Message, type MessageAttempt, type MessageFilter } from "./message.js";
import type { MessageName } from "./message-content.js";
import {
  countBounds,
  filtered,
  isCovered,
  type MessagePlace,
  newestFirst,
  type ScanBounds,
  searchBounds,
  stretches,
} from "./message-scan.js";
import type { MessageDb, MessageTable } from "./message-tables.js";

/** One statement of so many rows, so that few different statements are prepared. */
const INSERT_ROWS = 50;
const DELETE_ROWS = 200;

export interface MessagePage {
  readonly items: readonly { readonly message: Message; readonly cursor: string }[];
  readonly hasNextPage: boolean;
  /** Where the next page goes on; null: there is nothing. */
  readonly endCursor: string | null;
  /** The search ended here, before it came to the end; null: it did not. */
  readonly searchedBackToMs: number | null;
}

/** Counts of one bucket of a histogram. */
export interface MessageBucket {
  readonly atMs: number;
  readonly succeeded: number;
  readonly clientErrors: number;
  readonly serverErrors: number;
}

export interface MessageHistogram {
  /** Oldest first, without gaps. */
  readonly buckets: readonly MessageBucket[];
  /** Buckets before this are not, or not wholly, counted; null: all are. */
  readonly countedBackToMs: number | null;
}

export interface MessageCoverage {
  readonly requests: number;
  readonly kept: number;
}

/** All but the content: it is read alone, since a page of them would be megabytes. */
const shownColumns = [
  "id",
  "interchange_id",
  "at_ms",
  "node_id",
  "node_name",
  "epoch",
  "number",
  "api_id",
  "key_id",
  "route_id",
  "integration_id",
  "method",
  "path",
  "status",
  "error_code",
  "failed",
  "duration_us",
  "request_bytes",
  "response_bytes",
  "attempts",
] as const satisfies readonly (keyof MessageTable)[];
type ShownRow = Pick<Selectable<MessageTable>, (typeof shownColumns)[number]>;

/** @param onWritten called after each statement with its rows */
export async function insertMessages(
  db: MessageDb,
  messages: readonly Message[],
  encrypt: (message: Message) => Buffer | null,
  onWritten: (rows: number) => void = () => {},
): Promise<void> {
  for (let at = 0; at < messages.length; at += INSERT_ROWS) {
    const some = messages.slice(at, at + INSERT_ROWS);
    await db
      .insertInto("message")
      .values(some.map((message) => ({ ...toRow(message), content: encrypt(message) })))
      .execute();
    onWritten(some.length);
  }
}

export async function countMinute(
  db: MessageDb,
  atMs: number,
  requests: number,
  kept: number,
): Promise<void> {
  await db
    .insertInto("message_minute")
    .values({ at_ms: atMs, requests: safe(requests), kept })
    .onConflict((conflict) =>
      conflict.column("at_ms").doUpdateSet((eb) => ({
        requests: safeSum(eb.ref("message_minute.requests"), eb.ref("excluded.requests")),
        kept: safeSum(eb.ref("message_minute.kept"), eb.ref("excluded.kept")),
      })),
    )
    .execute();
}

/** The newest one with this id. */
export async function findMessage(db: MessageDb, interchangeId: string): Promise<Message | null> {
  const query = db.selectFrom("message").select(shownColumns).where("interchange_id", "=", interchangeId);
  const row = await newestFirst(query).limit(1).executeTakeFirst();
  return row === undefined ? null : toMessage(row);
}

/** Encrypted; null: there is none. */
export async function readContent(db: MessageDb, name: MessageName): Promise<Buffer | null> {
  const row = await db
    .selectFrom("message")
    .select("content")
    .where("interchange_id", "=", name.interchangeId)
    .where("at_ms", "=", name.atMs)
    .where("node_id", "=", name.nodeId)
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
  return row?.content ?? null;
}

/** Newest first. @throws CursorError */
export async function pageMessages(
  db: MessageDb,
  filter: MessageFilter,
  first: number,
  after: string | null,
  bounds: ScanBounds = searchBounds,
): Promise<MessagePage> {
  const rows: ShownRow[] = [];
  let end = after === null ? null : decodePlace(after);
  for await (const stretch of stretches(db, filter, end, bounds)) {
    const found = await newestFirst(filtered(db.selectFrom("message").select(shownColumns), filter, stretch))
      .limit(first + 1 - rows.length)
      .execute();
    rows.push(...found);
    end = stretch.to;
    if (rows.length > first) break;
  }
  const hasMore = rows.length > first;
  if (hasMore) rows.pop();
  const items = rows.map((row) => ({
    message: toMessage(row),
    cursor: encodePlace({ atMs: row.at_ms, id: row.id }),
  }));
  const searchedTo = hasMore ? null : end;
  return {
    items,
    hasNextPage: hasMore || searchedTo !== null,
    endCursor: searchedTo === null ? (items.at(-1)?.cursor ?? null) : encodePlace(searchedTo),
    searchedBackToMs: searchedTo?.atMs ?? null,
  };
}

/** Kept messages by time and outcome, from `fromMs` to `toMs`. */
export async function countMessages(
  db: MessageDb,
  filter: MessageFilter,
  { fromMs, toMs, buckets }: { readonly fromMs: number; readonly toMs: number; readonly buckets: number },
  bounds: ScanBounds = isCovered(filter) ? countBounds : searchBounds,
): Promise<MessageHistogram> {
  const widthMs = Math.max(1, Math.ceil((toMs - fromMs) / buckets));
  const counts = Array.from({ length: buckets }, (_, i) => ({
    atMs: fromMs + i * widthMs,
    succeeded: 0,
    clientErrors: 0,
    serverErrors: 0,
  }));
  const ranged = { ...filter, since: new Date(fromMs), until: new Date(toMs) };
  const bucket = sql<number>`cast((at_ms - ${sql.lit(fromMs)}) / ${sql.lit(widthMs)} as integer)`;
  const isClientError = sql<number>`case when status between 400 and 499 then 1 else 0 end`;
  let end: MessagePlace | null = null;
  for await (const stretch of stretches(db, ranged, null, bounds)) {
    const rows = await filtered(db.selectFrom("message"), ranged, stretch)
      .select(["failed", bucket.as("bucket"), isClientError.as("client"), sql<number>`count(*)`.as("count")])
      .groupBy(["failed", sql`2`, sql`3`])
      .execute();
    for (const row of rows) {
      const into = counts[Number(row.bucket)];
      if (into === undefined) continue;
      const name =
        row.failed === 0 ? "succeeded" : Number(row.client) === 1 ? "clientErrors" : "serverErrors";
      into[name] += Number(row.count);
    }
    end = stretch.to;
  }
  return { buckets: counts, countedBackToMs: end?.atMs ?? null };
}

/** Of all nodes and APIs, by whole minutes. */
export async function coverageOf(
  db: MessageDb,
  sinceMs: number | null,
  untilMs: number | null,
): Promise<MessageCoverage> {
  let query = db.selectFrom("message_minute");
  if (sinceMs !== null) query = query.where("at_ms", ">", sinceMs - 60_000);
  if (untilMs !== null) query = query.where("at_ms", "<", untilMs);
  const row = await query
    .select((eb) => [
      eb.fn.sum<number | null>("requests").as("requests"),
      eb.fn.sum<number | null>("kept").as("kept"),
    ])
    .executeTakeFirst();
  return { requests: safe(Number(row?.requests ?? 0)), kept: Number(row?.kept ?? 0) };
}

/**
 * Deletes some of the oldest messages that are more than `rowsMax`, or older than `beforeMs`. They are deleted in the order in
 * which they were reported, as ranges of ids.
 * @returns how many; 0: there are no more
 */
export async function trimMessages(db: MessageDb, rowsMax: number, beforeMs: number): Promise<number> {
  // Not `min` and `max`: SQLite would read the whole table for the two together.
  const ids = db.selectFrom("message").select("id").limit(1);
  const oldest = await ids.orderBy("id").executeTakeFirst();
  const newest = await ids.orderBy("id", "desc").executeTakeFirst();
  if (oldest === undefined || newest === undefined) return 0;
  const end = oldest.id + DELETE_ROWS;
  const surplusEnd = newest.id - rowsMax + 1;
  const { numDeletedRows } = await db
    .deleteFrom("message")
    .where("id", "<", end)
    .where((eb) => eb.or([eb("id", "<", surplusEnd), eb("at_ms", "<", beforeMs)]))
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** When the one arrived that was reported first; null: there is none. */
export async function oldestMessageAtMs(db: MessageDb): Promise<number | null> {
  const row = await db.selectFrom("message").select("at_ms").orderBy("id").limit(1).executeTakeFirst();
  return row?.at_ms ?? null;
}

/** Deletes the counts of minutes that are older. */
export async function trimMinutes(db: MessageDb, beforeMs: number): Promise<void> {
  await db.deleteFrom("message_minute").where("at_ms", "<", beforeMs).execute();
}

function encodePlace({ atMs, id }: MessagePlace): string {
  return writeCursor([atMs, id]);
}

function decodePlace(cursor: string): MessagePlace {
  const [atMs, id] = readCursor(cursor, 2);
  if (!Number.isSafeInteger(atMs) || !Number.isSafeInteger(id)) throw unknownCursor();
  return { atMs: atMs as number, id: id as number };
}

function toRow(message: Message) {
  return {
    interchange_id: message.interchangeId,
    at_ms: message.atMs,
    node_id: message.nodeId,
    node_name: message.nodeName,
    epoch: message.revision?.epoch ?? 0,
    number: message.revision?.number ?? 0,
    api_id: message.apiId,
    key_id: message.keyId,
    route_id: message.routeId,
    integration_id: message.integrationId,
    method: message.method,
    path: message.path,
    status: message.status,
    error_code: message.errorCode,
    failed: isFailed(message) ? 1 : 0,
    duration_us: message.durationUs,
    request_bytes: message.requestBytes,
    response_bytes: message.responseBytes,
    attempts: JSON.stringify(message.attempts),
  } as const;
}

function toMessage(row: ShownRow): Message {
  return {
    interchangeId: row.interchange_id,
    atMs: row.at_ms,
    nodeId: row.node_id,
    nodeName: row.node_name,
    revision: row.epoch === 0 ? null : { epoch: row.epoch, number: row.number },
    apiId: row.api_id,
    keyId: row.key_id,
    routeId: row.route_id,
    integrationId: row.integration_id,
    method: row.method,
    path: row.path,
    status: row.status,
    errorCode: row.error_code,
    durationUs: row.duration_us,
    requestBytes: row.request_bytes,
    responseBytes: row.response_bytes,
    attempts: JSON.parse(row.attempts) as MessageAttempt[],
    content: null,
  };
}
