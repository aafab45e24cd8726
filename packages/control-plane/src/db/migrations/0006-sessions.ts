/** Sessions are listed, bound to their token and end when idle; audit entries have the client's address. */
import { type Kysely, type Migration, sql } from "kysely";
import type { MigrationContext } from "./migration-context.js";

export function sessions({ bytesType }: MigrationContext): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      const bytes = sql.raw(bytesType);
      // One column a statement: SQLite takes no more. All may be null, for the rows that are there.
      await db.schema.alterTable("session").addColumn("id", "text").execute();
      await db.schema.alterTable("session").addColumn("token_binding", bytes).execute();
      await db.schema.alterTable("session").addColumn("csrf_digest", bytes).execute();
      await db.schema.alterTable("session").addColumn("last_used_at_ms", "bigint").execute();
      await db.schema.alterTable("session").addColumn("address", "text").execute();
      await db.schema.alterTable("session").addColumn("user_agent", "text").execute();
      await db.schema.createIndex("session_by_id").unique().on("session").column("id").execute();
      await db.schema.alterTable("audit_log").addColumn("address", "text").execute();
    },
  };
}
