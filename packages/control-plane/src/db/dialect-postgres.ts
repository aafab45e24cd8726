/**
 * Everything that is PostgreSQL's own: the pool, the writers' lock, number parsing, errors. Writers take turns over
 * all control planes, as SQLite's do over one file, so that a check and what it allows cannot be torn apart.
 */
import type { Logger } from "@latchkey/observe";
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  PostgresAdapter,
  PostgresDriver,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type TransactionSettings,
} from "kysely";
import pg from "pg";
import { StorageError } from "./storage-error.js";

/** Key of the writers' advisory lock: "LKEY". */
const WRITERS_LOCK = 0x4c4b4559;
const CONNECTIONS_MAX = 10;
const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 30_000;
/** A writer that waits longer for its turn is told that the database is busy. */
const LOCK_TIMEOUT_MS = 4_000;

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
    query_timeout: STATEMENT_TIMEOUT_MS,
    application_name: "latchkey",
    types: { getTypeParser },
  });
  // An idle connection that breaks is replaced; without a listener it would end the process.
  pool.on("error", (error) => options.logger.warn({ err: error }, "a database connection broke"));
  // The same for one in use: its query fails as well, and tells the caller.
  pool.on("connect", (client) => client.on("error", () => {}));
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new LockingPostgresDriver({ pool }),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
}

/** Milliseconds and counters stay far below 2^53, so that numbers are enough. */
function getTypeParser(oid: number, format?: "text" | "binary"): unknown {
  if (oid === INT8_OID) return Number;
  return pg.types.getTypeParser(oid, format as "text");
}

class LockingPostgresDriver extends PostgresDriver {
  readonly #mapped = new WeakSet<DatabaseConnection>();

  override async acquireConnection(): Promise<DatabaseConnection> {
    try {
      const connection = await super.acquireConnection();
      if (!this.#mapped.has(connection)) {
        const execute = connection.executeQuery.bind(connection);
        connection.executeQuery = (query) =>
          execute(query).catch((error: unknown) => {
            throw toStorageError(error);
          }) as never;
        this.#mapped.add(connection);
      }
      return connection;
    } catch (error) {
      throw toStorageError(error);
    }
  }

  override async beginTransaction(
    connection: DatabaseConnection,
    settings: TransactionSettings,
  ): Promise<void> {
    await super.beginTransaction(connection, settings);
    if (settings.accessMode === "read only") return;
    // For this transaction only: behind PgBouncer the next one has another connection, and others have this one.
    await connection.executeQuery(
      CompiledQuery.raw(
        `select set_config('lock_timeout', '${LOCK_TIMEOUT_MS}', true), set_config('statement_timeout', '${STATEMENT_TIMEOUT_MS}', true)`,
      ),
    );
    // Read committed: each statement after the lock sees what the writer before has committed.
    await connection.executeQuery(CompiledQuery.raw(`select pg_advisory_xact_lock(${WRITERS_LOCK})`));
  }
}

/** Driver error → StorageError by SQLSTATE class; anything else comes back as it is. */
function toStorageError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof StorageError) return error;
  const code = (error as { readonly code?: unknown }).code;
  if (typeof code !== "string") {
    const isConnect = /timeout|terminated|not queryable/i.test(error.message);
    return isConnect
      ? new StorageError("unavailable", "the database does not answer", { cause: error })
      : error;
  }
  if (code === "53100") return new StorageError("full", "the database's disk is full", { cause: error });
  if (code === "55P03" || code === "40001" || code === "40P01")
    return new StorageError("busy", "another control plane is writing", { cause: error });
  // SQLSTATEs of a server that is away, out of room, or read-only; codes of sockets start with an E.
  const isUnavailable = /^(08|57P|53|58|25006|E[A-Z_]+$)/.test(code);
  if (isUnavailable)
    return new StorageError("unavailable", `the database cannot be used (${error.message})`, {
      cause: error,
    });
  return error;
}
