/** Which credentials an integration uses, and in which order, is in `integration_credential` alone: `credential_ids` goes. */
import type { Kysely, Migration } from "kysely";

interface Tables {
  integration: { id: string; credential_ids: string };
  integration_credential: { integration_id: string; credential_id: string; position: number };
}

/** Rows read at once. */
const BATCH = 500;

export function credentialUses(): Migration {
  return {
    async up(anyDb: Kysely<unknown>): Promise<void> {
      await anyDb.schema
        .alterTable("integration_credential")
        .addColumn("position", "integer", (c) => c.notNull().defaultTo(0))
        .execute();
      await convertLists(anyDb as Kysely<Tables>);
      await anyDb.schema.alterTable("integration").dropColumn("credential_ids").execute();
    },
  };
}

async function convertLists(db: Kysely<Tables>): Promise<void> {
  let after = "";
  for (;;) {
    const rows = await db
      .selectFrom("integration")
      .select(["id", "credential_ids"])
      .where("id", ">", after)
      .where("credential_ids", "!=", "[]")
      .orderBy("id")
      .limit(BATCH)
      .execute();
    for (const { id, credential_ids } of rows)
      for (const [position, credentialId] of (JSON.parse(credential_ids) as string[]).entries())
        await db
          .updateTable("integration_credential")
          .set({ position })
          .where("integration_id", "=", id)
          .where("credential_id", "=", credentialId)
          .execute();
    if (rows.length < BATCH) return;
    after = rows.at(-1)?.id ?? "";
  }
}
