/** Credentials of integrations, and the data keys that encrypt their secrets. */
import { type Kysely, type Migration, sql } from "kysely";
import type { MigrationContext } from "./migration-context.js";

export function credentials({ bytesType }: MigrationContext): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      const bytes = sql.raw(bytesType);
      await db.schema
        .createTable("data_key")
        .addColumn("id", "integer", (c) => c.primaryKey())
        .addColumn("encrypted_key", bytes, (c) => c.notNull())
        .execute();
      await db.schema
        .createTable("credential")
        .addColumn("id", "text", (c) => c.primaryKey())
        .addColumn("subscription_id", "text", (c) =>
          c.notNull().references("subscription.id").onDelete("restrict"),
        )
        .addColumn("name", "text", (c) => c.notNull())
        .addColumn("name_key", "text", (c) => c.notNull())
        .addColumn("kind", "text", (c) => c.notNull())
        .addColumn("settings", "text", (c) => c.notNull())
        .addColumn("encrypted_secret", bytes)
        .addColumn("secret_reference", "text")
        .addColumn("secret_set_at_ms", "bigint", (c) => c.notNull())
        .addColumn("version", "integer", (c) => c.notNull())
        .addColumn("created_at_ms", "bigint", (c) => c.notNull())
        .addColumn("updated_at_ms", "bigint", (c) => c.notNull())
        .execute();
      for (const column of ["name_key", "created_at_ms", "updated_at_ms"])
        await db.schema
          .createIndex(`credential_by_${column}_id`)
          .on("credential")
          .columns([column, "id"])
          .execute();
      await db.schema
        .createIndex("credential_by_subscription")
        .on("credential")
        .column("subscription_id")
        .execute();
      await db.schema
        .createTable("integration_credential")
        .addColumn("integration_id", "text", (c) =>
          c.notNull().references("integration.id").onDelete("cascade"),
        )
        .addColumn("credential_id", "text", (c) =>
          c.notNull().references("credential.id").onDelete("restrict"),
        )
        .addPrimaryKeyConstraint("integration_credential_once", ["integration_id", "credential_id"])
        .execute();
      await db.schema
        .createIndex("integration_credential_by_credential")
        .on("integration_credential")
        .column("credential_id")
        .execute();
      await db.schema
        .alterTable("integration")
        .addColumn("credential_ids", "text", (c) => c.notNull().defaultTo("[]"))
        .execute();
    },
  };
}
