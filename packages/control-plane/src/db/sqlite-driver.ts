/**
 * The driver under Kysely: one connection that writes, with a queue in front, and a few that read. Statements run in this
 * thread, but a transaction lasts for many turns of the event loop. A reader sees what was committed before it began and
 * waits for no writer.
 */
import { setImmediate as yieldToOthers } from "node:timers/promises";
import SqliteDatabase from "better-sqlite3";
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
  type TransactionSettings,
} from "kysely";
import { BUSY_TIMEOUT_MS, SqliteConnection } from "./sqlite-connection.js";
import { toStorageError } from "./sqlite-error.js";

/** Each has a cache of 2 MB; transactions that read are short. */
const READERS_MAX = 4;

export class SqliteDriver implements Driver {
  readonly #handle: SqliteDatabase.Database;
  readonly #writers: Connections;
  readonly #readers: Connections;
  /** Pages in the write-ahead log from which on it is folded into the database. */
  readonly #logPagesMax: number;
  #isFolding = false;
  #isClosing = false;

  constructor(handle: SqliteDatabase.Database) {
    this.#handle = handle;
    // SQLite would do so within the commit that fills the log, which doubles the time of a large one.
    this.#logPagesMax = handle.pragma("wal_autocheckpoint", { simple: true }) as number;
    handle.pragma("wal_autocheckpoint = 0");
    const writer = new SqliteConnection(handle);
    this.#writers = new Connections(1, () => writer);
    // A database in memory is its connection's own.
    this.#readers = handle.memory
      ? this.#writers
      : new Connections(READERS_MAX, () => openReader(handle.name));
  }

  async init(): Promise<void> {}

  /** What it is for shows when it is used. */
  async acquireConnection(): Promise<DatabaseConnection> {
    return new Lease(this.#writers, this.#readers);
  }

  async releaseConnection(lease: DatabaseConnection): Promise<void> {
    if (!(lease instanceof Lease)) return;
    const { isWriting } = lease;
    lease.end();
    if (isWriting) void this.#foldLog();
  }

  async beginTransaction(lease: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    const isReading = settings.accessMode === "read only";
    // A deferred transaction that reads and then writes fails at once when another writer was between; no
    // time-out helps. Taking the write lock first makes it wait its turn instead.
    if (lease instanceof Lease)
      await lease.begin(isReading, isReading ? "begin deferred" : "begin immediate");
  }

  async commitTransaction(lease: DatabaseConnection): Promise<void> {
    await lease.executeQuery(CompiledQuery.raw("commit"));
  }

  async rollbackTransaction(lease: DatabaseConnection): Promise<void> {
    // A full disk may have rolled back by itself.
    if (lease instanceof Lease && lease.isInTransaction)
      await lease.executeQuery(CompiledQuery.raw("rollback"));
  }

  async destroy(): Promise<void> {
    this.#isClosing = true;
    await this.#readers.close();
    await this.#writers.close();
    // Also when nothing was written. The last connection folds the log into the database.
    this.#handle.close();
  }

  /** In a turn of its own. Never rejects: what fails is tried again after the next change, as SQLite does. */
  async #foldLog(): Promise<void> {
    if (this.#isFolding) return;
    this.#isFolding = true;
    try {
      if (pagesInLog(this.#handle) < this.#logPagesMax) return;
      await yieldToOthers();
      if (this.#isClosing) return;
      const writer = await this.#writers.acquire();
      try {
        this.#handle.pragma("wal_checkpoint(PASSIVE)");
      } finally {
        this.#writers.release(writer);
      }
    } catch (error) {
      if (!(error instanceof SqliteDatabase.SqliteError)) throw error;
    } finally {
      this.#isFolding = false;
    }
  }
}

/** Those that are not in the database yet; below 0 where there is no log. */
function pagesInLog(handle: SqliteDatabase.Database): number {
  const [state] = handle.pragma("wal_checkpoint(NOOP)") as { log: number; checkpointed: number }[];
  return state === undefined ? 0 : state.log - state.checkpointed;
}

function openReader(path: string): SqliteConnection {
  try {
    return new SqliteConnection(
      new SqliteDatabase(path, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS }),
    );
  } catch (error) {
    throw toStorageError(error);
  }
}

/** A connection for one statement or one transaction of Kysely's, taken when it shows which kind is wanted. */
class Lease implements DatabaseConnection {
  readonly #writers: Connections;
  readonly #readers: Connections;
  #held: { readonly connection: SqliteConnection; readonly from: Connections } | null = null;

  constructor(writers: Connections, readers: Connections) {
    this.#writers = writers;
    this.#readers = readers;
  }

  get isWriting(): boolean {
    return this.#held?.from === this.#writers;
  }

  get isInTransaction(): boolean {
    return this.#held?.connection.handle.inTransaction ?? false;
  }

  async begin(isReading: boolean, sql: string): Promise<void> {
    await this.#take(isReading);
    await this.executeQuery(CompiledQuery.raw(sql));
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    // Outside of a transaction the first statement decides. What is not known to read may write.
    const { connection } = this.#held ?? (await this.#take(query.query.kind === "SelectQueryNode"));
    return connection.execute<R>(query);
  }

  // biome-ignore lint/correctness/useYield: a long reader starves the WAL; large reads go page by page.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error("streaming is not offered: read in pages");
  }

  end(): void {
    this.#held?.from.release(this.#held.connection);
    this.#held = null;
  }

  async #take(isReading: boolean): Promise<{ readonly connection: SqliteConnection }> {
    const from = isReading ? this.#readers : this.#writers;
    this.#held = { connection: await from.acquire(), from };
    return this.#held;
  }
}

/** Connections of one kind, opened when they are wanted. First come, first served. */
class Connections {
  readonly #max: number;
  readonly #open: () => SqliteConnection;
  readonly #idle: SqliteConnection[] = [];
  readonly #waiting: ((connection: SqliteConnection) => void)[] = [];
  #count = 0;

  constructor(max: number, open: () => SqliteConnection) {
    this.#max = max;
    this.#open = open;
  }

  async acquire(): Promise<SqliteConnection> {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    if (this.#count === this.#max) return this.#next();
    const connection = this.#open();
    this.#count++;
    return connection;
  }

  release(connection: SqliteConnection): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(connection);
    else next(connection);
  }

  /** Once those that are in use have come back. */
  async close(): Promise<void> {
    for (; this.#count > 0; this.#count--) {
      const connection = this.#idle.pop() ?? (await this.#next());
      connection.close();
    }
  }

  #next(): Promise<SqliteConnection> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
