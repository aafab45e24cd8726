/** Writes folded columns anew: `ß` and `SS` are one letter now, and paths are found as people type them. */
import type { Kysely, Migration } from "kysely";
import { fold, searchablePath } from "../text.js";

/** Rows read at once: an API may have 1,000 routes. */
const BATCH = 500;

interface Tables {
  subscription: { id: string; name: string; name_key: string };
  integration: {
    id: string;
    name: string;
    name_key: string;
    description: string;
    search_text: string;
    urls: string;
  };
  api: { id: string; title: string; title_key: string; summary: string; search_text: string };
  route: { api_id: string; pattern: string; position: number };
  api_key: { id: string; name: string; display: string; name_key: string };
}

export function searchText(): Migration {
  return {
    async up(anyDb: Kysely<unknown>): Promise<void> {
      const db = anyDb as Kysely<Tables>;
      await eachBatch(
        (after) =>
          db.selectFrom("subscription").selectAll().where("id", ">", after).orderBy("id").limit(BATCH),
        async ({ id, name }) => {
          await db
            .updateTable("subscription")
            .set({ name_key: fold(name) })
            .where("id", "=", id)
            .execute();
        },
      );
      await eachBatch(
        (after) =>
          db.selectFrom("integration").selectAll().where("id", ">", after).orderBy("id").limit(BATCH),
        async ({ id, name, description, urls }) => {
          const search = [name, description, ...(JSON.parse(urls) as string[])].join("\n");
          await db
            .updateTable("integration")
            .set({ name_key: fold(name), search_text: fold(search) })
            .where("id", "=", id)
            .execute();
        },
      );
      await eachBatch(
        (after) => db.selectFrom("api").selectAll().where("id", ">", after).orderBy("id").limit(BATCH),
        async ({ id, title, summary }) => {
          const routes = await db
            .selectFrom("route")
            .select("pattern")
            .where("api_id", "=", id)
            .orderBy("position")
            .execute();
          const search = [title, summary, ...routes.map(({ pattern }) => searchablePath(pattern))].join("\n");
          await db
            .updateTable("api")
            .set({ title_key: fold(title), search_text: fold(search) })
            .where("id", "=", id)
            .execute();
        },
      );
      await eachBatch(
        (after) => db.selectFrom("api_key").selectAll().where("id", ">", after).orderBy("id").limit(BATCH),
        async ({ id, name, display }) => {
          const key = fold(`${name} ${display}`);
          await db.updateTable("api_key").set({ name_key: key }).where("id", "=", id).execute();
        },
      );
    },
  };
}

async function eachBatch<Row extends { readonly id: string }>(
  page: (after: string) => { execute(): Promise<Row[]> },
  update: (row: Row) => Promise<void>,
): Promise<void> {
  let after = "";
  for (;;) {
    const rows = await page(after).execute();
    for (const row of rows) await update(row);
    if (rows.length < BATCH) return;
    after = rows.at(-1)?.id ?? "";
  }
}
