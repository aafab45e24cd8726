/** Refuses a database that a newer release has written: one with a migration that this release does not have. Changes nothing. */
import SqliteDatabase from "better-sqlite3";
import { Kysely } from "kysely";
import { StorageError } from "../errors/storage-error.js";
import { type PostgresOptions, postgresDialect } from "./dialect-postgres.js";
import { kyselyOverSqlite, type SqliteHandle } from "./dialect-sqlite.js";
import { migrations } from "./migrations/index.js";
import { BUSY_TIMEOUT_MS } from "./sqlite-connection.js";
import { toStorageError } from "./sqlite-error.js";

/** @param known by name, the migrations of this release @throws StorageError `newer` */
export async function refuseNewer<T>(db: Kysely<T>, known: Readonly<Record<string, unknown>>): Promise<void> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === "kysely_migration")) return;
  const rows = await (db as unknown as Kysely<{ kysely_migration: { name: string } }>)
    .selectFrom("kysely_migration")
    .select("name")
    .execute();
  const unknown = rows.map((row) => row.name).filter((name) => !Object.hasOwn(known, name));
  if (unknown.length > 0)
    throw new StorageError(
      "newer",
      `the database was written by a newer release (it has ${unknown.join(", ")}): start that release, or restore a backup from before the upgrade`,
    );
}

/** Looks into the file, also while a control plane has it open. @throws StorageError */
export async function refuseNewerFile(path: string): Promise<void> {
  await refuseNewerOf(kyselyOverSqlite<unknown>(openToRead(path)), "blob");
}

/** Looks into the PostgreSQL database. @throws StorageError */
export async function refuseNewerPostgres(options: PostgresOptions): Promise<void> {
  await refuseNewerOf(new Kysely<unknown>({ dialect: postgresDialect(options) }), "bytea");
}

async function refuseNewerOf(db: Kysely<unknown>, bytesType: "blob" | "bytea"): Promise<void> {
  try {
    await refuseNewer(db, migrations({ bytesType }));
  } finally {
    await db.destroy();
  }
}

function openToRead(path: string): SqliteHandle {
  try {
    return new SqliteDatabase(path, { readonly: true, timeout: BUSY_TIMEOUT_MS });
  } catch (error) {
    throw toStorageError(error);
  }
}
