/** For tests only: new databases in memory without running every migration for each of them. */
import type { Clock } from "@latchkey/core";
import SqliteDatabase from "better-sqlite3";
import { kyselyOverSqlite, openSqlite, type SqliteHandle } from "../db/dialect-sqlite.js";
import { ensureRevision } from "../db/ensure-revision.js";
import { migrate } from "../db/migrate.js";
import { MEMORY } from "../db/open.js";
import type { Database, Db } from "../db/schema.js";

/** A migrated database without rows, serialized: made once in a process. */
let migrated: Promise<Buffer> | undefined;

async function makeMigrated(): Promise<Buffer> {
  const handle: SqliteHandle = openSqlite(MEMORY, { mustExist: false });
  const db = kyselyOverSqlite<Database>(handle);
  await migrate(db, { bytesType: "blob" });
  const bytes = handle.serialize();
  await db.destroy();
  return bytes;
}

/** As `openDatabase({ path: MEMORY })` gives it. */
export async function openMemoryDatabase(clock: Clock): Promise<Db> {
  migrated ??= makeMigrated();
  const handle = new SqliteDatabase(await migrated);
  handle.pragma("foreign_keys = ON");
  const db = kyselyOverSqlite<Database>(handle);
  await ensureRevision(db, clock);
  return db;
}
