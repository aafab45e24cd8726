/** CORS policies of APIs. */
import type { Kysely, Migration } from "kysely";

export function corsPolicies(): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema.alterTable("api").addColumn("cors", "text").execute();
    },
  };
}
