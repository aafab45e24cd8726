/** Contact, license and terms of service of an API. */
import type { Kysely, Migration } from "kysely";

export function apiInfo(): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema.alterTable("api").addColumn("info", "text").execute();
    },
  };
}
