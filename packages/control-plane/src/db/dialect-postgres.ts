/**
 * Everything that is PostgreSQL's own: the pool, the writers' lock, number parsing, errors. Writers take turns over
 * all control planes, as SQLite's do over one file, so that a check and what it allows cannot be torn apart.
 * A session goes back to the pool only when it is known to be in no transaction; otherwise it is closed.
 */
import type { Logger } from "@latchkey/observe";
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  type TransactionSettings,
} from "kysely";
import pg from "pg";
import { StorageError } from "../errors/storage-error.js";

/** Key of the writers' advisory lock: "LKEY". */
const WRITERS_LOCK = 0x4c4b4559;
const CONNECTIONS_MAX = 10;
const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 30_000;
/** A writer that waits longer for its turn gets a busy error. */
const LOCK_TIMEOUT_MS = 4_000;
/** Of the client, for a server that says nothing: after the server's own limit. */
const QUERY_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 2_000;

const INT8_OID = 20;

export interface PostgresOptions {
  /** `postgres://user:password@host:5432/name` */
  readonly url: string;
  readonly logger: Logger;
}

export function postgresDialect(options: PostgresOptions): Dialect {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: CONNECTIONS_MAX,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    // Of the client: PgBouncer refuses connections that set the server's own limits at their start.
    query_timeout: QUERY_TIMEOUT_MS,
    application_name: "latchkey",
    types: { getTypeParser },
  });
  // An idle connection that breaks is replaced; without a listener it would end the process.
  pool.on("error", (error) => options.logger.warn({ err: error }, "a database connection broke"));
  // The same for one in use: its query fails as well, and tells the caller.
  pool.on("connect", (client) => client.on("error", () => {}));
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new PostgresDriver(pool),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
}

/** Milliseconds and counters stay far below 2^53, so that numbers are enough. */
function getTypeParser(oid: number, format?: "text" | "binary"): unknown {
  if (oid === INT8_OID) return Number;
  return pg.types.getTypeParser(oid, format as "text");
}

class PostgresDriver implements Driver {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<Session> {
    try {
      return new Session(await this.#pool.connect());
    } catch (error) {
      // The pool's own words for both: no session became free in time, or the server does not respond.
      const isFull = this.#pool.totalCount >= CONNECTIONS_MAX && this.#pool.idleCount === 0;
      if (isFull && error instanceof Error && /timeout/i.test(error.message)) throw busy(error);
      throw toStorageError(error);
    }
  }

  async beginTransaction(session: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    const { isolationLevel, accessMode } = settings;
    const words = ["start transaction", isolationLevel && `isolation level ${isolationLevel}`, accessMode];
    await (session as Session).begin(words.filter(Boolean).join(" "), async () => {
      // For this transaction only: behind PgBouncer the next one has another connection, and others have this one.
      const limits = `select set_config('lock_timeout', '${LOCK_TIMEOUT_MS}', true), set_config('statement_timeout', '${STATEMENT_TIMEOUT_MS}', true)`;
      await session.executeQuery(CompiledQuery.raw(limits));
      if (accessMode === "read only") return;
      // Read committed: each statement after the lock sees what the writer before has committed.
      await session.executeQuery(CompiledQuery.raw(`select pg_advisory_xact_lock(${WRITERS_LOCK})`));
    });
  }

  async commitTransaction(session: DatabaseConnection): Promise<void> {
    await (session as Session).end("commit");
  }

  async rollbackTransaction(session: DatabaseConnection): Promise<void> {
    await (session as Session).rollBack();
  }

  async releaseConnection(session: DatabaseConnection): Promise<void> {
    (session as Session).release();
  }

  async destroy(): Promise<void> {
    await this.#pool.end();
  }
}

/** One session of the pool, from its acquisition to its release. */
class Session implements DatabaseConnection {
  readonly #client: pg.PoolClient;
  #isInTransaction = false;
  /** The state of the server's end is unknown: a statement may still run there. */
  #isBroken = false;

  constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    try {
      const { command, rowCount, rows } = await this.#client.query(sql, parameters.map(withoutNul));
      return COUNTED.has(command) ? { rows, numAffectedRows: BigInt(rowCount ?? 0) } : { rows };
    } catch (error) {
      if (!isOfServer(error)) this.#isBroken = true;
      throw toStorageError(error);
    }
  }

  // biome-ignore lint/correctness/useYield: large reads go page by page.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error("streaming is not offered: read in pages");
  }

  /** Begins, then does what belongs to the beginning; when that fails, the transaction is over. */
  async begin(sql: string, prepare: () => Promise<void>): Promise<void> {
    this.#isInTransaction = true;
    try {
      await this.executeQuery(CompiledQuery.raw(sql));
      await prepare();
    } catch (error) {
      await this.rollBack();
      throw error;
    }
  }

  async end(sql: "commit" | "rollback"): Promise<void> {
    await this.executeQuery(CompiledQuery.raw(sql));
    this.#isInTransaction = false;
  }

  /** Never rejects: a session that cannot be rolled back is closed at its release, which ends its transaction. */
  async rollBack(): Promise<void> {
    if (!this.#isBroken) await this.end("rollback").catch(() => {});
  }

  release(): void {
    this.#client.release(this.#isBroken || this.#isInTransaction);
  }
}

/** Commands whose rows are counted. */
const COUNTED: ReadonlySet<string> = new Set(["INSERT", "UPDATE", "DELETE", "MERGE"]);

/** SQLSTATEs of transactions and statements that the server ended by itself, or that wait for others. */
const BUSY_STATES: ReadonlySet<string> = new Set([
  "55P03", // lock_not_available
  "57014", // query_canceled: a time-out
  "40001", // serialization_failure
  "40P01", // deadlock_detected
  "25P02", // in_failed_sql_transaction
  "25P03", // idle_in_transaction_session_timeout
]);

/** True when the server reported it and goes on with the session. */
function isOfServer(error: unknown): boolean {
  const { code, severity } = error as { readonly code?: unknown; readonly severity?: unknown };
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) && severity === "ERROR";
}

function busy(cause: unknown): StorageError {
  return new StorageError("busy", "the database is busy: others hold what is needed", { cause });
}

/** Driver error → StorageError by SQLSTATE class; anything else comes back as it is. */
function toStorageError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof StorageError) return error;
  const code = (error as { readonly code?: unknown }).code;
  if (typeof code !== "string") {
    if (error.message === "Query read timeout") return busy(error);
    const isConnect = /timeout|terminated|not queryable/i.test(error.message);
    return isConnect
      ? new StorageError("unavailable", "the database does not respond", { cause: error })
      : error;
  }
  if (code === "53100") return new StorageError("full", "the database's disk is full", { cause: error });
  if (BUSY_STATES.has(code)) return busy(error);
  // SQLSTATEs of a server that is away, out of room, or read-only; codes of sockets start with an E.
  const isUnavailable = /^(08|57P|53|58|25006|E[A-Z_]+$)/.test(code);
  if (isUnavailable)
    return new StorageError("unavailable", `the database cannot be used (${error.message})`, {
      cause: error,
    });
  return error;
}

/** PostgreSQL keeps no NUL in a text, and a statement with one fails: with another character it finds nothing, as in SQLite. */
function withoutNul(parameter: unknown): unknown {
  return typeof parameter === "string" ? parameter.replaceAll("\0", "\ufffd") : parameter;
}
