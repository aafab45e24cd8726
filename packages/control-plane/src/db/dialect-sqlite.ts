/** How SQLite databases are opened: pragmas, the dialect for Kysely, soundness checks. */
import { accessSync, constants } from "node:fs";
import SqliteDatabase from "better-sqlite3";
import { type Dialect, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from "kysely";
import { StorageError } from "../errors/storage-error.js";
import type { QueryLog } from "./query-metrics.js";
import { addonError } from "./sqlite-addon.js";
import { BUSY_TIMEOUT_MS } from "./sqlite-connection.js";
import { SqliteDriver } from "./sqlite-driver.js";
import { toStorageError } from "./sqlite-error.js";

/** "LKEY": marks the file as ours (PRAGMA application_id). */
export const APPLICATION_ID = 0x4c4b4559;

/** Before 3.51.3 two connections that write and checkpoint at once could damage a WAL database. */
const SQLITE_VERSION_MIN = [3, 51, 3] as const;

export type SqliteHandle = SqliteDatabase.Database;

/** Opens the file with the pragmas every connection must have. */
export function openSqlite(path: string, options: { readonly mustExist: boolean }): SqliteHandle {
  const handle = openFile(path, options.mustExist);
  try {
    checkVersion(handle);
    handle.pragma("journal_mode = WAL");
    // A revocation that was acknowledged must survive a power cut, which NORMAL does not promise in WAL mode.
    handle.pragma("synchronous = FULL");
    handle.pragma("foreign_keys = ON");
    // After a burst the log shrinks again.
    handle.pragma("journal_size_limit = 67108864");
    return handle;
  } catch (error) {
    handle.close();
    throw toStorageError(error);
  }
}

function openFile(path: string, fileMustExist: boolean): SqliteHandle {
  try {
    return new SqliteDatabase(path, { fileMustExist, timeout: BUSY_TIMEOUT_MS });
  } catch (error) {
    throw addonError(error) ?? unusable(path, error);
  }
}

/** SQLite says neither which file it cannot open nor why. */
function unusable(path: string, error: unknown): unknown {
  if (!(error instanceof SqliteDatabase.SqliteError) || error.code !== "SQLITE_CANTOPEN") return error;
  const message = `the database ${path} cannot be opened: ${reasonOf(path, error)}`;
  return new StorageError("unavailable", message, { cause: error });
}

function reasonOf(path: string, { message }: Error): string {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return message;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EACCES") return message;
    return "the user of this process may not read and write it; give the file to that user (chown)";
  }
}

/** Refuses an engine with known damage. */
function checkVersion(handle: SqliteHandle): void {
  const version = handle.prepare("select sqlite_version()").pluck().get() as string;
  const parts = version.split(".").map(Number);
  for (const [i, least] of SQLITE_VERSION_MIN.entries()) {
    const part = parts[i] ?? 0;
    if (part > least) return;
    if (part < least)
      throw new StorageError(
        "engine",
        `SQLite ${version} can damage a database in WAL mode; ${SQLITE_VERSION_MIN.join(".")} or newer is needed`,
      );
  }
}

/** Throws a `damaged` error unless the file is sound and ours. Reads every page. */
export function checkSound(handle: SqliteHandle): void {
  try {
    const findings = handle.pragma("quick_check(1)") as { quick_check: string }[];
    const finding = findings[0]?.quick_check ?? "no result";
    if (finding !== "ok") throw new StorageError("damaged", `the database is damaged (${finding})`);
    const applicationId = handle.pragma("application_id", { simple: true });
    if (applicationId !== APPLICATION_ID)
      throw new StorageError("damaged", "the file is not a Latchkey database");
  } catch (error) {
    throw toStorageError(error);
  }
}

/** Kysely over one open handle. `destroy()` closes the handle. */
export function sqliteDialect(handle: SqliteHandle): Dialect {
  return {
    createAdapter: () => new TransactionalSqliteAdapter(),
    createDriver: () => new SqliteDriver(handle),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

export function kyselyOverSqlite<T>(handle: SqliteHandle, log?: QueryLog): Kysely<T> {
  return new Kysely<T>({ dialect: sqliteDialect(handle), ...(log && { log }) });
}

class TransactionalSqliteAdapter extends SqliteAdapter {
  /** SQLite does roll DDL back; Kysely's default says no only to allow pragmas in migrations. */
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}
