import { type CompiledQuery, sql } from "kysely";
import { expect, it } from "vitest";
import { MEMORY, openDatabase } from "../../db/open.js";
import { pageApiKeys } from "../key/api-key-store.js";
import { countApis, pageApis } from "./api-store.js";

const byTitle = { field: "title", direction: "asc" } as const;
const newestFirst = { field: "createdAt", direction: "desc" } as const;
const cursor = Buffer.from('["title.asc","orders","api_1"]').toString("base64url");
const first = { limit: 50, backward: false, after: null, before: null };

it("searches APIs and keys without looking up each row by an index", async () => {
  const queries: CompiledQuery[] = [];
  const db = await openDatabase({ path: MEMORY, log: ({ query }) => queries.push(query) });
  try {
    queries.length = 0;
    const filter = { search: "orders" };
    const ofSubscription = { ...filter, subscriptionId: "sub_1" };
    await pageApis(db, filter, byTitle, first);
    await pageApis(db, ofSubscription, byTitle, { ...first, after: cursor });
    await pageApis(db, ofSubscription, newestFirst, first);
    await countApis(db, ofSubscription);
    await pageApiKeys(db, filter, newestFirst, first);
    for (const { sql: text, parameters } of queries.splice(0)) {
      const plan = sql<{ detail: string }>`explain query plan ${sql.raw(text)}`.compile(db);
      const { rows } = await db.executeQuery<{ detail: string }>({ ...plan, parameters });
      expect(rows[0]?.detail, text).toMatch(/^SCAN (api|api_key)$/);
    }
  } finally {
    await db.destroy();
  }
});
