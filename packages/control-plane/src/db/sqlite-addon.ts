/** The native part of better-sqlite3. It is compiled for one Node.js, and missing where npm ran no script at the installation. */
import SqliteDatabase from "better-sqlite3";
import { StorageError } from "../errors/storage-error.js";

/** Loads it, and gives the version of SQLite. @throws StorageError `engine` */
export function sqliteVersion(): string {
  let handle: SqliteDatabase.Database | null = null;
  try {
    handle = new SqliteDatabase(":memory:");
    return String(handle.prepare("select sqlite_version()").pluck().get());
  } catch (error) {
    throw addonError(error) ?? error;
  } finally {
    handle?.close();
  }
}

/** The error of a missing or unfit binary, with what to do; null for any other one. */
export function addonError(error: unknown): StorageError | null {
  if (!(error instanceof Error)) return null;
  // The second one is of the package `bindings`, which has looked for the file in many places.
  if ((error as NodeJS.ErrnoException).code !== "ERR_DLOPEN_FAILED" && !("tries" in error)) return null;
  return new StorageError(
    "engine",
    `better-sqlite3 has no binary for Node.js ${process.versions.node}: run \`npm rebuild better-sqlite3\` where Latchkey is installed. npm 12 compiles it only if the package.json there has "allowScripts": { "better-sqlite3": true }`,
    { cause: error },
  );
}
