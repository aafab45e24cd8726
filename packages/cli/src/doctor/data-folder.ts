/**
 * The database's folder: there, private, whole, ours, of no newer release, with space, and with a
 * write-ahead log that does not grow. Changes nothing.
 */
import { closeSync, openSync, readSync, type Stats, statfsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { releaseFindings } from "./database-release.js";
import { type Finding, ok, problem, warning } from "./finding.js";

const MIB = 1024 * 1024;
const FREE_BYTES_MIN = 256 * MIB;
const WAL_BYTES_MAX = 256 * MIB;
const OTHERS = 0o077;
/** What an SQLite database begins with (sqlite.org/fileformat.html §1.3). */
const SQLITE_MAGIC = "SQLite format 3\0";
const HEADER_BYTES = 100;
/** The application id of the header, as text: the control plane writes it (sqlite.org/fileformat.html §1.3.14). */
const OURS = { at: 68, text: "LKEY" } as const;
const OWNER = "Run `latchkey doctor` as the control plane's user, or as root.";
const RESTORE = "Put a backup in its place: `latchkey restore`.";

export async function checkDataFolder(given: string): Promise<Finding[]> {
  const folder = resolve(given);
  const database = join(folder, "latchkey.db");
  try {
    const stats = statSync(database, { throwIfNoEntry: false });
    if (stats === undefined) return [ok("database", `none in ${folder} (--data-dir names another folder)`)];
    const file = checkFile(database, stats);
    const release = file.level === "ok" ? await checkRelease(database) : [];
    return [file, ...release, checkWal(`${database}-wal`), checkSpace(folder)];
  } catch (error) {
    return [
      problem(
        "database",
        `${database} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
        OWNER,
      ),
    ];
  }
}

function checkFile(database: string, { mode, size }: Stats): Finding {
  if (process.platform !== "win32" && (mode & OTHERS) !== 0)
    return problem(
      "database",
      `${database} can be read by other users of this machine`,
      `Run \`chmod 600 ${database}\`.`,
    );
  if (size === 0) return problem("database", `${database} is empty`, RESTORE);
  const header = headerOf(database);
  if (header.toString("latin1", 0, SQLITE_MAGIC.length) !== SQLITE_MAGIC)
    return problem("database", `${database} is not an SQLite database`, RESTORE);
  if (header.toString("latin1", OURS.at, OURS.at + OURS.text.length) !== OURS.text)
    return problem("database", `${database} is not a Latchkey database`, RESTORE);
  const bytes = bytesOf(header);
  // What the log holds may not be in the file yet.
  if (size < bytes && sizeOf(`${database}-wal`) === 0)
    return problem("database", `${database} is cut off: ${size} of ${bytes} bytes are there`, RESTORE);
  return ok("database", `${database}, ${Math.ceil(size / MIB)} MiB, private`);
}

async function checkRelease(database: string): Promise<Finding[]> {
  const { refuseNewerFile } = await import("@latchkey/control-plane"); // not for every command
  return releaseFindings(
    () => refuseNewerFile(database),
    (code) => (code === "damaged" ? RESTORE : OWNER),
  );
}

function headerOf(file: string): Buffer {
  const buffer = Buffer.alloc(HEADER_BYTES);
  const descriptor = openSync(file, "r");
  try {
    return buffer.subarray(0, readSync(descriptor, buffer));
  } finally {
    closeSync(descriptor);
  }
}

/** Pages times their size (sqlite.org/fileformat.html §1.3.2 and §1.3.8); 0 when the header does not know it. */
function bytesOf(header: Buffer): number {
  if (header.length < HEADER_BYTES || header.readUInt32BE(24) !== header.readUInt32BE(92)) return 0;
  const pageBytes = header.readUInt16BE(16);
  return header.readUInt32BE(28) * (pageBytes === 1 ? 65_536 : pageBytes);
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function checkWal(file: string): Finding {
  const bytes = sizeOf(file);
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
