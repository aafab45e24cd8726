/**
 * Online backup and restore of the SQLite file. A restore starts a new epoch, so that nodes resync in full.
 * Never copies a database without its log, and never overwrites: what was there is moved to another name.
 */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { type Clock, systemClock } from "@latchkey/core";
import { makeFileOfFolder, makePrivateFile } from "@latchkey/observe";
import type { Revision } from "@latchkey/snapshot";
import { StorageError } from "../errors/storage-error.js";
import { lockFolderOf } from "./data-folder.js";
import { checkSound, kyselyOverSqlite, openSqlite, type SqliteHandle } from "./dialect-sqlite.js";
import { migrate } from "./migrate.js";
import { syncDirectory } from "./open.js";
import type { Database } from "./schema.js";
import { toStorageError } from "./sqlite-error.js";

export interface BackupResult {
  readonly revision: Revision;
  readonly pages: number;
}

/**
 * Copies the database to `targetPath` while the control plane runs. The copy appears whole or not at all.
 * @throws StorageError `unavailable` when the target exists
 */
export async function backupDatabase(path: string, targetPath: string): Promise<BackupResult> {
  refuseExisting(targetPath);
  if (!existsSync(path)) throw new StorageError("unavailable", `there is no database at ${path}`);
  const unfinished = `${targetPath}.unfinished`;
  const source = openSqlite(path, { mustExist: true });
  try {
    rmSync(unfinished, { force: true });
    makePrivateFile(unfinished);
    const progress = await source.backup(unfinished);
    // The copy says "WAL" in its header; as a rollback-journal file it is one file and nothing beside it.
    const copy = openSqlite(unfinished, { mustExist: true });
    let revision: Revision;
    try {
      copy.pragma("journal_mode = DELETE");
      checkSound(copy);
      revision = readRevision(copy);
    } finally {
      copy.close();
    }
    renameDurably(unfinished, targetPath);
    return { revision, pages: progress.totalPages };
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw toStorageError(error);
  } finally {
    source.close();
  }
}

export interface RestoreResult {
  /** The first revision of the new epoch. */
  readonly revision: Revision;
  /** The revision the backup was made at. */
  readonly restoredFrom: Revision;
  /** Where the database that was there has gone, or null when there was none. */
  readonly putAside: string | null;
}

/**
 * Puts a backup in the place of the database. The control plane must be stopped.
 * @throws StorageError `busy` when it is not, `damaged` or `newer` when the backup cannot serve
 */
export async function restoreDatabase(
  backupPath: string,
  path: string,
  options: { readonly clock?: Clock } = {},
): Promise<RestoreResult> {
  const { clock = systemClock } = options;
  if (!existsSync(backupPath)) throw new StorageError("unavailable", `there is no backup at ${backupPath}`);
  // Before the lock, which makes the folder: a file that is no backup leaves nothing behind.
  const source = openBackup(backupPath, path);
  try {
    const lock = lockFolderOf(path, "restore", clock);
    try {
      return await restoreLocked(source, path, clock);
    } finally {
      lock[Symbol.dispose]();
    }
  } finally {
    source.close();
  }
}

async function restoreLocked(source: SqliteHandle, path: string, clock: Clock): Promise<RestoreResult> {
  const oldEpoch = existsSync(path) ? leaveAlone(path) : 0;

  const unfinished = `${path}.restoring`;
  for (const suffix of ["", "-wal", "-shm"]) rmSync(unfinished + suffix, { force: true });
  try {
    makeFileOfFolder(unfinished);
    await source.backup(unfinished);
  } catch (error) {
    throw toStorageError(error);
  }

  const handle = openSqlite(unfinished, { mustExist: true });
  const db = kyselyOverSqlite<Database>(handle);
  let restoredFrom: Revision;
  let revision: Revision;
  try {
    await migrate(db, { bytesType: "blob" });
    restoredFrom = readRevision(handle);
    // Newer than both, whatever the clock says: a node takes only what is newer.
    revision = { epoch: Math.max(clock.now(), restoredFrom.epoch + 1, oldEpoch + 1), number: 0 };
    await db.transaction().execute(async (trx) => {
      await trx.updateTable("revision").set(revision).execute();
      await trx.deleteFrom("change_log").execute();
      await trx.deleteFrom("session").execute();
    });
  } finally {
    await db.destroy();
  }

  const putAside = existsSync(path) ? `${path}.replaced-${clock.now()}` : null;
  if (putAside !== null) renameSync(path, putAside);
  for (const suffix of ["-wal", "-shm"]) rmSync(path + suffix, { force: true });
  renameDurably(unfinished, path);
  return { revision, restoredFrom, putAside };
}

/** @param path of the database, for the message */
function openBackup(backupPath: string, path: string): SqliteHandle {
  let source: SqliteHandle | null = null;
  try {
    source = openSqlite(backupPath, { mustExist: true });
    checkSound(source);
    return source;
  } catch (error) {
    source?.close();
    const known = toStorageError(error);
    if (!(known instanceof StorageError)) throw known;
    const state = existsSync(path) ? `${path} is unchanged` : "nothing was restored";
    throw new StorageError(
      known.code,
      `${backupPath} cannot be restored: ${known.message}. Give a file that \`latchkey backup\` wrote; ${state}.`,
      { cause: error },
    );
  }
}

/** Makes sure that nobody uses the database at `path`; gives its epoch, or 0 when it is too damaged to say. */
function leaveAlone(path: string): number {
  try {
    const handle = openSqlite(path, { mustExist: true });
    try {
      // Leaving WAL mode needs the file for oneself, and folds the log into it.
      handle.pragma("journal_mode = DELETE");
      return readRevision(handle).epoch;
    } finally {
      handle.close();
    }
  } catch (error) {
    const known = toStorageError(error);
    if (known instanceof StorageError && known.code === "busy")
      throw new StorageError("busy", `${path} is in use: stop the control plane first`, { cause: error });
    return 0;
  }
}

function readRevision(handle: SqliteHandle): Revision {
  return handle.prepare("select epoch, number from revision where id = 1").get() as Revision;
}

function refuseExisting(path: string): void {
  if (existsSync(path))
    throw new StorageError("unavailable", `${path} is there already: nothing is overwritten`);
}

/** Contents first, then the name. */
function renameDurably(from: string, to: string): void {
  const fd = openSync(from, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(from, to);
  syncDirectory(dirname(to));
}
