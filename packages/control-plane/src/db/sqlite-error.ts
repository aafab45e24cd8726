/** Errors of the SQLite driver as storage errors. */
import SqliteDatabase from "better-sqlite3";
import { StorageError } from "../errors/storage-error.js";
import { addonError } from "./sqlite-addon.js";

/** Driver error → StorageError; anything else comes back as it is. */
export function toStorageError(error: unknown): unknown {
  if (!(error instanceof SqliteDatabase.SqliteError)) return addonError(error) ?? error;
  const code = error.code;
  if (code === "SQLITE_FULL") return new StorageError("full", "the disk is full", { cause: error });
  if (code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED"))
    return new StorageError("busy", "another process holds the database", { cause: error });
  if (code === "SQLITE_NOTADB")
    return new StorageError("damaged", "the file is not an SQLite database", { cause: error });
  if (code.startsWith("SQLITE_CORRUPT"))
    return new StorageError("damaged", `the database is damaged (${error.message})`, { cause: error });
  if (code.startsWith("SQLITE_IOERR") || code.startsWith("SQLITE_READONLY") || code === "SQLITE_CANTOPEN")
    return new StorageError("unavailable", `the database cannot be used (${error.message})`, {
      cause: error,
    });
  return error;
}
