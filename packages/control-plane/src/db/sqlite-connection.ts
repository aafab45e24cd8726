/** One SQLite connection under Kysely. Statements run in this thread, and others get a turn of the event loop between them. */
import { setImmediate as yieldToOthers } from "node:timers/promises";
import SqliteDatabase from "better-sqlite3";
import type { CompiledQuery, QueryResult } from "kysely";
import { toStorageError } from "./sqlite-error.js";

/** A busy wait blocks the event loop, so it is short; `retryBusy` waits outside of it. */
export const BUSY_TIMEOUT_MS = 100;

/** Time of statements between two turns of the event loop: promises alone give nobody else a turn. */
const STRETCH_MS_MAX = 8;

/** Distinct statements of this package are far fewer; the bound is for lists of varying length. */
const STATEMENTS_MAX = 500;

export class SqliteConnection {
  readonly handle: SqliteDatabase.Database;
  /** Least recently used first. */
  readonly #statements = new Map<string, SqliteDatabase.Statement>();
  /** Time of the statements since the last turn was given. */
  #stretchMs = 0;

  constructor(handle: SqliteDatabase.Database) {
    this.handle = handle;
  }

  async execute<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const startedMs = performance.now();
    const result = this.#run<R>(query);
    this.#stretchMs += performance.now() - startedMs;
    if (this.#stretchMs > STRETCH_MS_MAX) {
      this.#stretchMs = 0;
      await yieldToOthers();
    }
    return result;
  }

  close(): void {
    this.handle.close();
  }

  #run<R>(query: CompiledQuery): QueryResult<R> {
    try {
      const statement = this.#prepare(query.sql);
      if (statement.reader) return { rows: statement.all(query.parameters) as R[] };
      const { changes } = statement.run(query.parameters);
      return { rows: [], numAffectedRows: BigInt(changes) };
    } catch (error) {
      throw toStorageError(error);
    }
  }

  #prepare(sql: string): SqliteDatabase.Statement {
    const kept = this.#statements.get(sql);
    if (kept !== undefined) {
      this.#statements.delete(sql);
      this.#statements.set(sql, kept);
      return kept;
    }
    const statement = this.handle.prepare(sql);
    this.#statements.set(sql, statement);
    if (this.#statements.size > STATEMENTS_MAX) {
      const oldest = this.#statements.keys().next().value;
      if (oldest !== undefined) this.#statements.delete(oldest);
    }
    return statement;
  }
}
