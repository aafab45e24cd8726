/** The first schema. Never edited once released: changes are new files. */
import { type Kysely, type Migration, sql } from "kysely";
import type { MigrationContext } from "./migration-context.js";

export function init({ bytesType }: MigrationContext): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      const bytes = sql.raw(bytesType);

      await db.schema
        .createTable("revision")
        .addColumn("id", "integer", (c) => c.primaryKey().check(sql`id = 1`))
        .addColumn("epoch", "bigint", (c) => c.notNull())
        .addColumn("number", "bigint", (c) => c.notNull())
        .execute();

      await db.schema
        .createTable("change_log")
        .addColumn("epoch", "bigint", (c) => c.notNull())
        .addColumn("number", "bigint", (c) => c.notNull())
        .addColumn("ordinal", "integer", (c) => c.notNull())
        .addColumn("kind", "text", (c) => c.notNull())
        .addColumn("resource_id", "text", (c) => c.notNull())
        .addColumn("op", "text", (c) => c.notNull())
        .addColumn("revocation", "integer", (c) => c.notNull())
        .addColumn("at_ms", "bigint", (c) => c.notNull())
        .addPrimaryKeyConstraint("change_log_pk", ["epoch", "number", "ordinal"])
        .execute();

      await db.schema
        .createTable("node")
        .addColumn("id", "text", (c) => c.primaryKey())
        .addColumn("name", "text", (c) => c.notNull().unique())
        .addColumn("token_digest", bytes, (c) => c.unique())
        .addColumn("created_at_ms", "bigint", (c) => c.notNull())
        .addColumn("last_seen_at_ms", "bigint")
        .addColumn("software_version", "text")
        .addColumn("acked_epoch", "bigint")
        .addColumn("acked_number", "bigint")
        .addColumn("last_nack_at_ms", "bigint")
        .addColumn("last_nack_reason", "text")
        .execute();

      await db.schema
        .createTable("subscription")
        .addColumn("id", "text", (c) => c.primaryKey())
        .addColumn("name", "text", (c) => c.notNull())
        .addColumn("name_key", "text", (c) => c.notNull())
        .addColumn("version", "integer", (c) => c.notNull())
        .addColumn("created_at_ms", "bigint", (c) => c.notNull())
        .addColumn("updated_at_ms", "bigint", (c) => c.notNull())
        .execute();

      await db.schema
        .createTable("integration")
        .addColumn("id", "text", (c) => c.primaryKey())
        .addColumn("subscription_id", "text", (c) =>
          c.notNull().references("subscription.id").onDelete("restrict"),
        )
        .addColumn("name", "text", (c) => c.notNull())
        .addColumn("name_key", "text", (c) => c.notNull())
        .addColumn("description", "text", (c) => c.notNull())
        .addColumn("search_text", "text", (c) => c.notNull())
        .addColumn("inbound_kind", "text", (c) => c.notNull())
        .addColumn("urls", "text", (c) => c.notNull())
        .addColumn("method", "text", (c) => c.notNull())
        .addColumn("policy", "text", (c) => c.notNull())
        .addColumn("contract", "text", (c) => c.notNull())
        .addColumn("version", "integer", (c) => c.notNull())
        .addColumn("created_at_ms", "bigint", (c) => c.notNull())
        .addColumn("updated_at_ms", "bigint", (c) => c.notNull())
        .execute();

      await db.schema
        .createTable("api")
        .addColumn("id", "text", (c) => c.primaryKey())
        .addColumn("subscription_id", "text", (c) =>
          c.notNull().references("subscription.id").onDelete("restrict"),
        )
        .addColumn("title", "text", (c) => c.notNull())
        .addColumn("title_key", "text", (c) => c.notNull())
        .addColumn("summary", "text", (c) => c.notNull())
        .addColumn("search_text", "text", (c) => c.notNull())
        .addColumn("version_label", "text", (c) => c.notNull())
        .addColumn("recoverable", "integer", (c) => c.notNull())
        .addColumn("bearer_required", "integer", (c) => c.notNull())
        .addColumn("openapi_served", "integer", (c) => c.notNull())
        .addColumn("version", "integer", (c) => c.notNull())
        .addColumn("created_at_ms", "bigint", (c) => c.notNull())
        .addColumn("updated_at_ms", "bigint", (c) => c.notNull())
        .execute();

      await db.schema
        .createTable("route")
        .addColumn("id", "text", (c) => c.primaryKey())
        .addColumn("api_id", "text", (c) => c.notNull().references("api.id").onDelete("cascade"))
        .addColumn("position", "integer", (c) => c.notNull())
        .addColumn("method", "text", (c) => c.notNull())
        .addColumn("pattern", "text", (c) => c.notNull())
        .addColumn("normalized_key", "text", (c) => c.notNull())
        .addColumn("integration_id", "text", (c) =>
          c.notNull().references("integration.id").onDelete("restrict"),
        )
        .addColumn("operation_id", "text", (c) => c.notNull())
        .addColumn("parameters", "text")
        .addColumn("validate", "integer", (c) => c.notNull())
        .addUniqueConstraint("route_once", ["api_id", "method", "normalized_key"])
        .execute();

      await db.schema
        .createTable("api_key")
        .addColumn("id", "text", (c) => c.primaryKey())
        .addColumn("api_id", "text", (c) => c.notNull().references("api.id").onDelete("cascade"))
        .addColumn("name", "text", (c) => c.notNull())
        .addColumn("name_key", "text", (c) => c.notNull())
        .addColumn("digest", bytes, (c) => c.notNull().unique())
        .addColumn("display", "text", (c) => c.notNull())
        .addColumn("active", "integer", (c) => c.notNull())
        .addColumn("mode", "text", (c) => c.notNull())
        .addColumn("expires_at_ms", "bigint")
        .addColumn("previous_digest", bytes, (c) => c.unique())
        .addColumn("previous_not_after_ms", "bigint")
        .addColumn("sealed_secret", bytes)
        .addColumn("rate_limit", "text")
        .addColumn("quota", "text")
        .addColumn("version", "integer", (c) => c.notNull())
        .addColumn("created_at_ms", "bigint", (c) => c.notNull())
        .addColumn("updated_at_ms", "bigint", (c) => c.notNull())
        .addColumn("last_used_at_ms", "bigint")
        .execute();

      await db.schema
        .createTable("audit_log")
        .addColumn("id", "text", (c) => c.primaryKey())
        .addColumn("at_ms", "bigint", (c) => c.notNull())
        .addColumn("actor", "text", (c) => c.notNull())
        .addColumn("action", "text", (c) => c.notNull())
        .addColumn("target_kind", "text", (c) => c.notNull())
        .addColumn("target_id", "text", (c) => c.notNull())
        .addColumn("target_name", "text", (c) => c.notNull())
        .addColumn("subscription_id", "text")
        .addColumn("before", "text")
        .addColumn("after", "text")
        .addColumn("epoch", "bigint")
        .addColumn("number", "bigint")
        .addColumn("request_id", "text")
        .execute();

      await db.schema
        .createTable("idempotency")
        .addColumn("actor", "text", (c) => c.notNull())
        .addColumn("idempotency_key", "text", (c) => c.notNull())
        .addColumn("action", "text", (c) => c.notNull())
        .addColumn("input_digest", bytes, (c) => c.notNull())
        .addColumn("target_id", "text", (c) => c.notNull())
        .addColumn("created_at_ms", "bigint", (c) => c.notNull())
        .addPrimaryKeyConstraint("idempotency_pk", ["actor", "idempotency_key"])
        .execute();

      await db.schema
        .createTable("session")
        .addColumn("digest", bytes, (c) => c.primaryKey())
        .addColumn("actor", "text", (c) => c.notNull())
        .addColumn("created_at_ms", "bigint", (c) => c.notNull())
        .addColumn("expires_at_ms", "bigint", (c) => c.notNull())
        .execute();

      // Every list is read by (order, id), most within a subscription or an API.
      const indexes: readonly (readonly [string, readonly string[]])[] = [
        ["subscription", ["name_key", "id"]],
        ["integration", ["name_key", "id"]],
        ["integration", ["subscription_id", "name_key", "id"]],
        ["api", ["title_key", "id"]],
        ["api", ["created_at_ms", "id"]],
        ["api", ["updated_at_ms", "id"]],
        ["api", ["subscription_id", "title_key", "id"]],
        ["api", ["subscription_id", "updated_at_ms", "id"]],
        ["route", ["api_id", "position"]],
        ["route", ["integration_id", "api_id"]],
        ["api_key", ["api_id", "created_at_ms", "id"]],
        ["api_key", ["created_at_ms", "id"]],
        ["audit_log", ["at_ms", "id"]],
        ["audit_log", ["target_id", "at_ms", "id"]],
        ["idempotency", ["created_at_ms"]],
        ["session", ["expires_at_ms"]],
      ];
      for (const [table, columns] of indexes) {
        await db.schema
          .createIndex(`${table}_by_${columns.join("_")}`)
          .on(table)
          .columns([...columns])
          .execute();
      }
    },
  };
}
