/**
 * Files that only the process' own user reads: databases, backups, logs, last-known-good files. New ones are made
 * private; the modes that a person has set are reported, never changed.
 */
import { closeSync, fchownSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Logger } from "pino";

export const PRIVATE_FILE_MODE = 0o600;
export const PRIVATE_FOLDER_MODE = 0o700;
const PRIVATE_UMASK = 0o077;
/** Read, write and execute of group and others. */
const OTHERS = 0o077;
/** Paths named in one warning. */
const NAMED_MAX = 20;

/** Everything that this process makes from now on is private. Call it once, where the process begins. */
export function makeFilesPrivate(): void {
  process.umask(PRIVATE_UMASK);
}

/**
 * Makes the folder and its parents, private; one that exists keeps its mode. One after the other: the `recursive` of Node.js tries
 * for ever where a parent exists and takes no folders, as /proc.
 */
export function makePrivateFolder(path: string): void {
  if (isFolder(path)) return;
  const parent = dirname(path);
  if (parent !== path) makePrivateFolder(parent);
  try {
    mkdirSync(path, { mode: PRIVATE_FOLDER_MODE });
  } catch (error) {
    if (!isFolder(path)) throw error; // or another process has made it meanwhile
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Makes an empty private file for a library that would make it with the modes of the umask. @throws when it exists */
export function makePrivateFile(path: string): void {
  closeSync(openSync(path, "wx", PRIVATE_FILE_MODE));
}

/**
 * A private file that belongs to the owner of its folder, also where root makes it: `latchkey restore` for a service that runs as
 * another user. @throws when it exists
 */
export function makeFileOfFolder(path: string): void {
  const fd = openSync(path, "wx", PRIVATE_FILE_MODE);
  try {
    if (process.getuid?.() !== 0) return;
    const { uid, gid } = statSync(dirname(path));
    fchownSync(fd, uid, gid);
  } finally {
    closeSync(fd);
  }
}

/** Warns of those that other users of this machine may read or change. Paths that this process cannot look at are skipped. */
export function warnOfLooseModes(paths: readonly string[], logger: Logger): void {
  // Windows has no such modes.
  if (process.platform === "win32") return;
  const loose = paths.flatMap((path) => {
    const mode = modeOf(path);
    return mode === null || (mode & OTHERS) === 0 ? [] : [`${path} (${mode.toString(8).padStart(4, "0")})`];
  });
  if (loose.length > 0)
    logger.warn(
      { paths: loose.slice(0, NAMED_MAX) },
      "other users of this machine can open these files: run chmod go-rwx on them",
    );
}

/** Null also where the path leads through another user's folder, as that of a log which root has opened. */
function modeOf(path: string): number | null {
  try {
    return statSync(path).mode & 0o7777;
  } catch {
    return null;
  }
}
