/** The database's folder: there, private, with space, and with a write-ahead log that does not grow. Opens no database. */
import { closeSync, existsSync, openSync, readSync, statfsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Finding, ok, problem, warning } from "./finding.js";

const MIB = 1024 * 1024;
const FREE_BYTES_MIN = 256 * MIB;
const WAL_BYTES_MAX = 256 * MIB;
const OTHERS = 0o077;
/** What an SQLite database begins with; an empty file is one as well (sqlite.org/fileformat.html §1.3). */
const SQLITE_MAGIC = "SQLite format 3\0";

export function checkDataFolder(given: string): Finding[] {
  const folder = resolve(given);
  const database = join(folder, "latchkey.db");
  if (!existsSync(database))
    return [ok("database", `none in ${folder} (--data-dir names another folder; PostgreSQL has no file)`)];
  return [checkMode(database), checkWal(`${database}-wal`), checkSpace(folder)];
}

function checkMode(database: string): Finding {
  const { mode, size } = statSync(database);
  if (process.platform !== "win32" && (mode & OTHERS) !== 0)
    return problem(
      "database",
      `${database} can be read by other users of this machine`,
      `Run \`chmod 600 ${database}\`.`,
    );
  const beginning = beginningOf(database);
  if (beginning !== "" && beginning !== SQLITE_MAGIC)
    return problem(
      "database",
      `${database} is not an SQLite database`,
      "Put a backup in its place: `latchkey restore`.",
    );
  return ok("database", `${database}, ${Math.ceil(size / MIB)} MiB, private`);
}

function beginningOf(file: string): string {
  const buffer = Buffer.alloc(SQLITE_MAGIC.length);
  const descriptor = openSync(file, "r");
  try {
    return buffer.toString("latin1", 0, readSync(descriptor, buffer));
  } finally {
    closeSync(descriptor);
  }
}

function checkWal(file: string): Finding {
  const bytes = existsSync(file) ? statSync(file).size : 0;
  if (bytes > WAL_BYTES_MAX)
    return warning(
      "database log",
      `${Math.round(bytes / MIB)} MiB: a reader keeps it from being written back`,
      "Restart the control plane; end long backups and other programs that have the database open.",
    );
  return ok("database log", `${Math.round(bytes / MIB)} MiB`);
}

function checkSpace(folder: string): Finding {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  if (free < FREE_BYTES_MIN)
    return problem(
      "disk",
      `${Math.floor(free / MIB)} MiB free for ${folder}`,
      "Free some space: changes are refused when the disk is full.",
    );
  return ok("disk", `${Math.floor(free / MIB)} MiB free`);
}
