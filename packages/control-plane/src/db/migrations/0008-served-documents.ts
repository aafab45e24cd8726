/** The OpenAPI documents that nodes serve, as they are written after a change. */
import { type Kysely, type Migration, sql } from "kysely";
import type { MigrationContext } from "./migration-context.js";

export function servedDocuments({ bytesType }: MigrationContext): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable("served_document")
        .addColumn("api_id", "text", (c) => c.primaryKey().references("api.id").onDelete("cascade"))
        .addColumn("stale_since_ms", "bigint")
        .addColumn("state", "text")
        .addColumn("writer", "text")
        .addColumn("fault", "text")
        .addColumn("size_bytes", "bigint")
        .addColumn("content", sql.raw(bytesType))
        .execute();
      await db.schema
        .createIndex("served_document_by_staleness")
        .on("served_document")
        .columns(["stale_since_ms"])
        .execute();
      await sql`insert into served_document (api_id, stale_since_ms) select id, 0 from api where openapi_served = 1`.execute(
        db,
      );
    },
  };
}
