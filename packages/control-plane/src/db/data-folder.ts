/**
 * The data folder belongs to one process at a time: two control planes on one SQLite file do not hear of each other's
 * commits. The lock is the operating system's, held through SQLite, so that it ends with its process however that ends.
 * Reading the database for a backup needs no lock.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Clock } from "@latchkey/core";
import { makeFileOfFolder, makePrivateFolder } from "@latchkey/observe";
import SqliteDatabase from "better-sqlite3";
import { StorageError } from "../errors/storage-error.js";
import { toStorageError } from "./sqlite-error.js";

const LOCK = "latchkey.lock";
/** Who holds the lock, for people. What it says counts only while the lock is held. */
const HOLDER = "latchkey.lock.json";
const HOLDER_CHARS_MAX = 1_000;

export interface LockHolder {
  /** `control plane`, `restore`. */
  readonly what: string;
  readonly pid: number;
  /** The process that restarts this one when it ends (`latchkey dev`); null when there is none. */
  readonly supervisorPid: number | null;
  /** ISO 8601. */
  readonly startedAt: string;
  /** `127.0.0.1:4000`; empty until it listens. */
  readonly addresses: readonly string[];
}

export class DataFolderLock implements Disposable {
  readonly #handle: SqliteDatabase.Database;
  readonly #dir: string;
  #holder: LockHolder;

  /**
   * Makes the folder if it is missing, and locks it.
   * @throws StorageError `busy` when another process holds it; the message names the process and its ports
   */
  static take(dir: string, what: string, clock: Clock): DataFolderLock {
    makePrivateFolder(dir);
    const holder = {
      what,
      pid: process.pid,
      supervisorPid: process.connected === true ? process.ppid : null,
      startedAt: new Date(clock.now()).toISOString(),
      addresses: [],
    };
    return new DataFolderLock(dir, lockFile(dir), holder);
  }

  private constructor(dir: string, handle: SqliteDatabase.Database, holder: LockHolder) {
    this.#dir = dir;
    this.#handle = handle;
    this.#holder = holder;
    this.#write();
  }

  /** Tells who is refused where this process listens. */
  listens(addresses: readonly string[]): void {
    this.#holder = { ...this.#holder, addresses };
    this.#write();
  }

  [Symbol.dispose](): void {
    this.#handle.close();
  }

  /** A full disk must not keep a control plane from starting: the lock holds without it. */
  #write(): void {
    try {
      const path = join(this.#dir, HOLDER);
      if (!existsSync(path)) makeFileOfFolder(path);
      writeFileSync(path, `${JSON.stringify(this.#holder)}\n`);
    } catch {
      // Who is refused then reads "another process".
    }
  }
}

/** The lock of the folder in which a database lies. */
export function lockFolderOf(databasePath: string, what: string, clock: Clock): DataFolderLock {
  return DataFolderLock.take(dirname(resolve(databasePath)), what, clock);
}

function lockFile(dir: string): SqliteDatabase.Database {
  let handle: SqliteDatabase.Database | null = null;
  try {
    const path = join(dir, LOCK);
    // Opening it again here and closing it would give up a lock that this process has: POSIX locks are the process'.
    if (!existsSync(path)) makeFileOfFolder(path);
    handle = new SqliteDatabase(path, { timeout: 0 });
    // Nothing is ever written, so there is no journal to be left behind.
    handle.exec("begin exclusive");
    return handle;
  } catch (error) {
    handle?.close();
    const known = toStorageError(error);
    if (known instanceof StorageError && known.code === "busy")
      throw new StorageError("busy", inUse(dir), { cause: error });
    throw known;
  }
}

function inUse(dir: string): string {
  const holder = readHolder(dir);
  const who = holder === null ? "another process" : describe(holder);
  return `the data folder ${dir} is in use by ${who}: stop it first, or choose another data folder`;
}

function describe({ what, pid, supervisorPid, startedAt, addresses }: LockHolder): string {
  const by = supervisorPid === null ? "" : `, run by pid ${supervisorPid}`;
  const where = addresses.length === 0 ? "" : `, listening on ${addresses.join(" and ")}`;
  return `a ${what} (pid ${pid}${by}, started ${startedAt}${where})`;
}

/** Null when nothing sensible is there. */
function readHolder(dir: string): LockHolder | null {
  try {
    const text = readFileSync(join(dir, HOLDER), "utf8").slice(0, HOLDER_CHARS_MAX);
    const { what, pid, supervisorPid, startedAt, addresses } = JSON.parse(text) as Partial<LockHolder>;
    if (typeof what !== "string" || typeof pid !== "number" || typeof startedAt !== "string") return null;
    return {
      what,
      pid,
      supervisorPid: typeof supervisorPid === "number" ? supervisorPid : null,
      startedAt,
      addresses: Array.isArray(addresses) ? addresses.map(String) : [],
    };
  } catch {
    return null;
  }
}
