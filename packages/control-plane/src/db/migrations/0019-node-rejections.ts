/** What a node cannot use is in its row, for the control planes that do not have its stream. */
import type { Kysely, Migration } from "kysely";

export function nodeRejections(): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema.alterTable("node").addColumn("rejected", "text").execute();
      await db.schema.alterTable("node").addColumn("rejected_at_ms", "bigint").execute();
    },
  };
}
