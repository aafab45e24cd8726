/** Usage as nodes counted it: sums by minute, hour and day, times without counts, and which batches of nodes are in the sums. */
import { type Kysely, type Migration, sql } from "kysely";
import type { MigrationContext } from "./migration-context.js";

/** Buckets of latencies; `USAGE_BOUNDS_US` has one bound fewer. */
const LATENCY_BUCKETS = 17;

export function usage({ bytesType }: MigrationContext): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable("usage_series")
        .addColumn("id", "bigint", (c) => c.primaryKey().notNull())
        .addColumn("node_id", "text", (c) => c.notNull())
        .addColumn("api_id", "text", (c) => c.notNull())
        .addColumn("route_id", "text", (c) => c.notNull())
        .addColumn("key_id", "text", (c) => c.notNull())
        .addColumn("integration_id", "text", (c) => c.notNull())
        .addColumn("status", "integer", (c) => c.notNull())
        .addColumn("error_code", "text", (c) => c.notNull())
        .addUniqueConstraint("usage_series_once", [
          "api_id",
          "key_id",
          "route_id",
          "integration_id",
          "status",
          "error_code",
          "node_id",
        ])
        .execute();
      for (const column of ["key_id", "route_id", "integration_id"])
        await db.schema.createIndex(`usage_series_by_${column}`).on("usage_series").column(column).execute();

      let rollups = db.schema
        .createTable("usage_rollup")
        .addColumn("level", "integer", (c) => c.notNull())
        .addColumn("series_id", "bigint", (c) => c.notNull())
        .addColumn("start_ms", "bigint", (c) => c.notNull());
      for (const column of ["requests", "request_bytes", "response_bytes", "previous_secret"])
        rollups = rollups.addColumn(column, "bigint", (c) => c.notNull());
      for (let bucket = 0; bucket < LATENCY_BUCKETS; bucket++)
        rollups = rollups.addColumn(`latency_${bucket}`, "bigint", (c) => c.notNull());
      rollups = rollups.addPrimaryKeyConstraint("usage_rollup_key", ["level", "series_id", "start_ms"]);
      // The rows lie in the order of the key, without a second copy of it.
      await (bytesType === "blob" ? rollups.modifyEnd(sql`without rowid`) : rollups).execute();
      await db.schema
        .createIndex("usage_rollup_by_start")
        .on("usage_rollup")
        .columns(["level", "start_ms", "series_id"])
        .execute();

      await db.schema
        .createTable("usage_gap")
        .addColumn("node_id", "text", (c) => c.notNull())
        .addColumn("from_ms", "bigint", (c) => c.notNull())
        .addColumn("to_ms", "bigint", (c) => c.notNull())
        .addColumn("lost", "bigint")
        .addPrimaryKeyConstraint("usage_gap_key", ["node_id", "from_ms"])
        .execute();
      await db.schema.createIndex("usage_gap_by_to").on("usage_gap").column("to_ms").execute();

      await db.schema
        .createTable("usage_cursor")
        .addColumn("node_id", "text", (c) => c.notNull())
        .addColumn("instance_id", "text", (c) => c.notNull())
        .addColumn("sequence", "bigint", (c) => c.notNull())
        .addColumn("at_ms", "bigint", (c) => c.notNull())
        .addPrimaryKeyConstraint("usage_cursor_key", ["node_id", "instance_id"])
        .execute();
      await db.schema.alterTable("node").addColumn("instance_id", "text").execute();
    },
  };
}
