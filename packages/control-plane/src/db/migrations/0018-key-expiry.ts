/** Keys are looked up by when they expire, by metrics at each scrape. */
import type { Kysely, Migration } from "kysely";

export function keyExpiry(): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema.createIndex("api_key_by_expires_at").on("api_key").column("expires_at_ms").execute();
    },
  };
}
