/** Policies of routes. */
import type { Kysely, Migration } from "kysely";

export function routePolicies(): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema.alterTable("route").addColumn("policies", "text").execute();
    },
  };
}
