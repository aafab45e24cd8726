/** Opens the database of the message trail. It is a log: one that is damaged is renamed, and a new one begins. */
import { existsSync, renameSync, rmSync } from "node:fs";
import type { Clock } from "@latchkey/core";
import { type Logger, makeFileOfFolder } from "@latchkey/observe";
import { sql } from "kysely";
import { kyselyOverSqlite, openSqlite } from "../db/dialect-sqlite.js";
import type { Db } from "../db/schema.js";
import { StorageError } from "../errors/storage-error.js";
import { type MessageDatabase, type MessageDb, migrateMessages } from "./message-tables.js";

export interface OpenMessages {
  readonly db: MessageDb;
  /** Of its tables and indexes. */
  bytes(): Promise<number>;
  /** Closes it, where it is not another's. */
  close(): Promise<void>;
}

/** In the control plane's PostgreSQL. */
export async function openMessagesIn(shared: Db): Promise<OpenMessages> {
  // The same database; the types of its other tables do not matter here.
  const db = shared as unknown as MessageDb;
  await migrateMessages(db, "postgres");
  return { db, bytes: () => bytesInPostgres(db), close: async () => {} };
}

/** A SQLite file of their own, or `:memory:`. @throws StorageError */
export async function openMessagesFile(path: string, clock: Clock, logger: Logger): Promise<OpenMessages> {
  try {
    return await open(path);
  } catch (error) {
    if (!(error instanceof StorageError) || error.code !== "damaged") throw error;
    const renamed = `${path}.damaged-${clock.now()}`;
    renameSync(path, renamed);
    for (const suffix of ["-wal", "-shm"]) rmSync(path + suffix, { force: true });
    logger.error(
      { err: error, renamed },
      "the message trail is damaged: its file was renamed, and a new one begins",
    );
    return open(path);
  }
}

async function open(path: string): Promise<OpenMessages> {
  if (path !== ":memory:" && !existsSync(path)) makeFileOfFolder(path);
  const handle = openSqlite(path, { mustExist: false });
  // What a power cut takes of it is some seconds of a log.
  handle.pragma("synchronous = NORMAL");
  // Interchange ids are random, so each row changes a page of its own: fewer pages are read and written with these.
  handle.pragma("cache_size = -32768");
  handle.pragma("wal_autocheckpoint = 8000");
  const db = kyselyOverSqlite<MessageDatabase>(handle);
  try {
    await migrateMessages(db, "sqlite");
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return { db, bytes: () => bytesOfFile(db), close: () => db.destroy() };
}

async function bytesInPostgres(db: MessageDb): Promise<number> {
  const { rows } = await sql<{ readonly bytes: number }>`
    select cast(pg_total_relation_size('message') as double precision) as bytes`.execute(db);
  return rows[0]?.bytes ?? 0;
}

async function bytesOfFile(db: MessageDb): Promise<number> {
  const { rows } = await sql<{ readonly bytes: number }>`
    select page_count * page_size as bytes from pragma_page_count(), pragma_page_size()`.execute(db);
  return rows[0]?.bytes ?? 0;
}
