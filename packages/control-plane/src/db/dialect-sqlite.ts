/**
 * Everything that is SQLite's own: pragmas, the driver under Kysely, errors, soundness checks.
 * One connection with a queue in front: better-sqlite3 is synchronous, so a second one could only wait.
 */
import SqliteDatabase from "better-sqlite3";
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type TransactionSettings,
} from "kysely";
import { StorageError } from "../errors/storage-error.js";

/** "LKEY": marks the file as ours (PRAGMA application_id). */
export const APPLICATION_ID = 0x4c4b4559;

/** A busy wait blocks the event loop, so it is short; `retryBusy` waits outside of it. */
const BUSY_TIMEOUT_MS = 100;

/** Before 3.51.3 two connections that write and checkpoint at once could damage a WAL database. */
const SQLITE_VERSION_MIN = [3, 51, 3] as const;

/** Distinct statements of this package are far fewer; the bound is for lists of varying length. */
const STATEMENTS_MAX = 500;

export type SqliteHandle = SqliteDatabase.Database;

/** Opens the file with the pragmas every connection must have. */
export function openSqlite(path: string, options: { readonly mustExist: boolean }): SqliteHandle {
  const handle = new SqliteDatabase(path, { fileMustExist: options.mustExist, timeout: BUSY_TIMEOUT_MS });
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

/** Driver error → StorageError; anything else comes back as it is. */
export function toStorageError(error: unknown): unknown {
  if (!(error instanceof SqliteDatabase.SqliteError)) return error;
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

/** Kysely over one open handle. `destroy()` closes the handle. */
export function sqliteDialect(handle: SqliteHandle): Dialect {
  return {
    createAdapter: () => new TransactionalSqliteAdapter(),
    createDriver: () => new SqliteDriver(handle),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

export function kyselyOverSqlite<T>(handle: SqliteHandle): Kysely<T> {
  return new Kysely<T>({ dialect: sqliteDialect(handle) });
}

class TransactionalSqliteAdapter extends SqliteAdapter {
  /** SQLite does roll DDL back; Kysely's default says no only to allow pragmas in migrations. */
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class SqliteDriver implements Driver {
  readonly #handle: SqliteHandle;
  readonly #connection: SqliteConnection;
  /** First come, first served: each acquirer waits for the one before. */
  #tail: Promise<void> = Promise.resolve();
  #release: () => void = () => {};

  constructor(handle: SqliteHandle) {
    this.#handle = handle;
    this.#connection = new SqliteConnection(handle);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#tail;
    let release = (): void => {};
    this.#tail = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    this.#release = release;
    return this.#connection;
  }

  async releaseConnection(): Promise<void> {
    this.#release();
  }

  async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    // A deferred transaction that reads and then writes fails at once when another writer was between; no
    // time-out helps. Taking the write lock first makes it wait its turn instead.
    const sql = settings.accessMode === "read only" ? "begin deferred" : "begin immediate";
    await connection.executeQuery(CompiledQuery.raw(sql));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("commit"));
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    // A full disk may have rolled back by itself.
    if (this.#handle.inTransaction) await connection.executeQuery(CompiledQuery.raw("rollback"));
  }

  async destroy(): Promise<void> {
    await this.#tail;
    this.#handle.close();
  }
}

class SqliteConnection implements DatabaseConnection {
  readonly #handle: SqliteHandle;
  /** Least recently used first. */
  readonly #statements = new Map<string, SqliteDatabase.Statement>();

  constructor(handle: SqliteHandle) {
    this.#handle = handle;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    try {
      const statement = this.#prepare(query.sql);
      if (statement.reader) return { rows: statement.all(query.parameters) as R[] };
      const { changes } = statement.run(query.parameters);
      return { rows: [], numAffectedRows: BigInt(changes) };
    } catch (error) {
      throw toStorageError(error);
    }
  }

  // biome-ignore lint/correctness/useYield: a long reader starves the WAL; large reads go page by page.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error("streaming is not offered: read in pages");
  }

  #prepare(sql: string): SqliteDatabase.Statement {
    const kept = this.#statements.get(sql);
    if (kept !== undefined) {
      this.#statements.delete(sql);
      this.#statements.set(sql, kept);
      return kept;
    }
    const statement = this.#handle.prepare(sql);
    this.#statements.set(sql, statement);
    if (this.#statements.size > STATEMENTS_MAX) {
      const oldest = this.#statements.keys().next().value;
      if (oldest !== undefined) this.#statements.delete(oldest);
    }
    return statement;
  }
}
