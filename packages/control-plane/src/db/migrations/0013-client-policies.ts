/** Policies of APIs and keys. */
import type { Kysely, Migration } from "kysely";

export function clientPolicies(): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema.alterTable("api").addColumn("policies", "text").execute();
      await db.schema.alterTable("api_key").addColumn("policies", "text").execute();
    },
  };
}
