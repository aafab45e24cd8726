/**
 * Brings a database to the newest schema, one transaction a migration (a new database: one for all), and never backwards.
 * Refuses a database that a newer release has written.
 */
import { type Kysely, Migrator } from "kysely";
import { StorageError } from "../errors/storage-error.js";
import { migrations } from "./migrations/index.js";
import type { MigrationContext } from "./migrations/migration-context.js";

export interface MigrateOptions extends MigrationContext {
  /** Last migration to apply; the newest by default. For tests of upgrades. */
  readonly upTo?: string;
}

/** Names of the migrations that were applied now. */
export async function migrate<T>(db: Kysely<T>, options: MigrateOptions): Promise<readonly string[]> {
  const known = migrations(options);
  const migrator = new Migrator({ db, provider: { getMigrations: async () => known } });
  await refuseNewer(db, new Set(Object.keys(known)));
  const all = await migrator.getMigrations();
  const pending = all.filter(
    ({ name, executedAt }) =>
      executedAt === undefined && (options.upTo === undefined || name <= options.upTo),
  );
  const names = pending.map(({ name }) => name);
  // Kysely looks at all tables before each step: half of the time that a new database takes, which has nothing to lose.
  const isNew = pending.length > 0 && all.every(({ executedAt }) => executedAt === undefined);
  for (const name of isNew ? names.slice(-1) : names) {
    const { error } = await migrator.migrateTo(name);
    if (error !== undefined) throw error;
  }
  return names;
}

async function refuseNewer<T>(db: Kysely<T>, known: ReadonlySet<string>): Promise<void> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === "kysely_migration")) return;
  const rows = await (db as unknown as Kysely<{ kysely_migration: { name: string } }>)
    .selectFrom("kysely_migration")
    .select("name")
    .execute();
  const unknown = rows.map((row) => row.name).filter((name) => !known.has(name));
  if (unknown.length > 0)
    throw new StorageError(
      "newer",
      `the database was written by a newer release (it has ${unknown.join(", ")}): start that release, or restore a backup from before the upgrade`,
    );
}
