/** Of which API an entry of the audit log is: its own changes and those of its keys, deleted ones included from now on. */
import { type Kysely, type Migration, sql } from "kysely";

export function auditApi(): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema.alterTable("audit_log").addColumn("api_id", "text").execute();
      await sql`update audit_log set api_id = target_id where target_kind = 'api'`.execute(db);
      await sql`update audit_log set api_id = (select api_id from api_key where api_key.id = audit_log.target_id)
        where target_kind = 'apiKey'`.execute(db);
      await db.schema
        .createIndex("audit_log_by_api_id_at_ms_id")
        .on("audit_log")
        .columns(["api_id", "at_ms", "id"])
        .execute();
    },
  };
}
