/**
 * Brings a database to the newest schema, one transaction a migration (a new database: one for all), and never backwards.
 * Refuses a database that a newer release has written.
 */
import { type Kysely, Migrator } from "kysely";
import { migrations } from "./migrations/index.js";
import type { MigrationContext } from "./migrations/migration-context.js";
import { refuseNewer } from "./refuse-newer.js";

export interface MigrateOptions extends MigrationContext {
  /** Last migration to apply; the newest by default. For tests of upgrades. */
  readonly upTo?: string;
}

/** Names of the migrations that were applied now. */
export async function migrate<T>(db: Kysely<T>, options: MigrateOptions): Promise<readonly string[]> {
  const known = migrations(options);
  const migrator = new Migrator({ db, provider: { getMigrations: async () => known } });
  await refuseNewer(db, known);
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
