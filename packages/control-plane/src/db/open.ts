/**
 * Opens the SQLite database: makes a new one, checks and upgrades an old one, and refuses a damaged one.
 * Never puts an empty database in the place of one that was there.
 */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { type Clock, systemClock } from "@latchkey/core";
import { makeFileOfFolder, makePrivateFolder } from "@latchkey/observe";
import { StorageError } from "../errors/storage-error.js";
import {
  APPLICATION_ID,
  checkSound,
  kyselyOverSqlite,
  openSqlite,
  type SqliteHandle,
} from "./dialect-sqlite.js";
import { ensureRevision } from "./ensure-revision.js";
import { migrate } from "./migrate.js";
import type { QueryLog } from "./query-metrics.js";
import type { Database, Db } from "./schema.js";

/** For tests: nothing on disk. */
export const MEMORY = ":memory:";

export interface OpenOptions {
  /** Path of the file, or `MEMORY`. */
  readonly path: string;
  readonly clock?: Clock;
  /** Called after each query. */
  readonly log?: QueryLog | undefined;
}

/** What to do about a database that cannot be used. */
function restoreHint(path: string): string {
  return `Put it aside and restore a backup: latchkey restore <backup file> --data-dir ${dirname(path)}`;
}

/** The database at `path`, at the newest schema. `destroy()` closes it. @throws StorageError */
export async function openDatabase(options: OpenOptions): Promise<Db> {
  const { path, clock = systemClock, log } = options;
  if (path === MEMORY) return prepare(openSqlite(path, { mustExist: false }), clock, { isNew: true, log });
  makePrivateFolder(dirname(path));
  if (!existsSync(path)) {
    refuseOrphans(path);
    await createDatabase(path, clock);
  }
  // A new database gets its name only when it is whole, so an empty file under this name is a loss.
  if (statSync(path).size === 0)
    throw new StorageError("damaged", `the database ${path} is empty. ${restoreHint(path)}`);
  const handle = openExisting(path);
  return prepare(handle, clock, { isNew: false, log });
}

function openExisting(path: string): SqliteHandle {
  let handle: SqliteHandle | null = null;
  try {
    handle = openSqlite(path, { mustExist: true });
    checkSound(handle);
    return handle;
  } catch (error) {
    handle?.close();
    if (error instanceof StorageError && error.code === "damaged")
      throw new StorageError("damaged", `${error.message}. ${restoreHint(path)}`, { cause: error });
    throw error;
  }
}

/** A write-ahead log without its database means that the database was taken away. */
function refuseOrphans(path: string): void {
  if (existsSync(`${path}-wal`) && statSync(`${path}-wal`).size > 0)
    throw new StorageError(
      "damaged",
      `${path} is missing, but its log ${path}-wal is there. ${restoreHint(path)}`,
    );
}

/** Makes the database under another name and renames it, so that a crash leaves nothing half-made. */
async function createDatabase(path: string, clock: Clock): Promise<void> {
  const unfinished = `${path}.creating`;
  for (const suffix of ["", "-wal", "-shm"]) rmSync(unfinished + suffix, { force: true });
  // SQLite gives its log and index the mode of the database.
  makeFileOfFolder(unfinished);
  const db = await prepare(openSqlite(unfinished, { mustExist: false }), clock, { isNew: true });
  await db.destroy();
  renameSync(unfinished, path);
  syncDirectory(dirname(path));
}

async function prepare(
  handle: SqliteHandle,
  clock: Clock,
  { isNew, log }: { readonly isNew: boolean; readonly log?: QueryLog | undefined },
): Promise<Db> {
  const db = kyselyOverSqlite<Database>(handle, log);
  try {
    if (isNew) handle.pragma(`application_id = ${APPLICATION_ID}`);
    await migrate(db, { bytesType: "blob" });
    await ensureRevision(db, clock);
    return db;
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

/** Makes a rename durable. */
export function syncDirectory(path: string): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
