/** Opens the PostgreSQL database, for several control planes over one. Upgrades an old schema; refuses a newer one. */
import { type Clock, systemClock } from "@latchkey/core";
import { Kysely } from "kysely";
import { type PostgresOptions, postgresDialect } from "./dialect-postgres.js";
import { ensureRevision } from "./ensure-revision.js";
import { migrate } from "./migrate.js";
import type { QueryLog } from "./query-metrics.js";
import type { Database, Db } from "./schema.js";

export interface OpenPostgresOptions extends PostgresOptions {
  readonly clock?: Clock;
  /** Called after each query. */
  readonly log?: QueryLog;
}

/** The database at the URL, at the newest schema. `destroy()` closes all connections. @throws StorageError */
export async function openPostgres(options: OpenPostgresOptions): Promise<Db> {
  const { log } = options;
  const db = new Kysely<Database>({ dialect: postgresDialect(options), ...(log && { log }) });
  try {
    await migrate(db, { bytesType: "bytea" });
    await ensureRevision(db, options.clock ?? systemClock);
    return db;
  } catch (error) {
    await db.destroy();
    throw error;
  }
}
