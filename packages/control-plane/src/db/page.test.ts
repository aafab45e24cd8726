import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { MEMORY, openDatabase } from "./open.js";
import { CursorError, encodeCursor, fetchPage, type Order, type PageRequest } from "./page.js";
import type { Db } from "./schema.js";

let db: Db;
const rows = Array.from({ length: 23 }, (_, i) => ({
  id: `sub_${String(i).padStart(2, "0")}`,
  // Many share a name, so that the id has to decide.
  name: `name ${i % 4}`,
  name_key: `name ${i % 4}`,
  version: 1,
  created_at_ms: (i * 7) % 5,
  updated_at_ms: 0,
}));
const indexed: readonly Order[] = [
  { name: "name", column: "name_key", direction: "asc" },
  { name: "name", column: "name_key", direction: "desc" },
  { name: "createdAt", column: "created_at_ms", direction: "asc" },
  { name: "createdAt", column: "created_at_ms", direction: "desc" },
];
const orders = [...indexed, ...indexed.map((order) => ({ ...order, isSearch: true }))];

beforeAll(async () => {
  db = await openDatabase({ path: MEMORY });
  await db.insertInto("subscription").values(rows).execute();
});
afterAll(() => db.destroy());

function page(order: Order, request: Partial<PageRequest>) {
  const all = { limit: 5, backward: false, after: null, before: null };
  return fetchPage(db.selectFrom("subscription").selectAll(), order, { ...all, ...request }, (row) => row.id);
}

it("visits every row once, whatever the order, the page size and the direction", async () => {
  const anyOrder = fc.constantFrom(...orders);
  await fc.assert(
    fc.asyncProperty(
      anyOrder,
      fc.integer({ min: 1, max: 30 }),
      fc.boolean(),
      async (order, limit, backward) => {
        const whole = (await page(order, { limit: 100 })).items.map((item) => item.node);
        const seen: string[] = [];
        let cursor: string | null = null;
        for (;;) {
          const part = await page(order, { limit, backward, [backward ? "before" : "after"]: cursor });
          const ids = part.items.map((item) => item.node);
          seen[backward ? "unshift" : "push"](...ids);
          cursor = (backward ? part.items.at(0) : part.items.at(-1))?.cursor ?? cursor;
          if (backward ? !part.hasPreviousPage : !part.hasNextPage) break;
        }
        expect(seen).toEqual(whole);
        expect(new Set(whole).size).toBe(rows.length);
      },
    ),
    { numRuns: 60 },
  );
});

it("keeps its place when the cursor's row is gone and others come", async () => {
  const [order] = indexed as [Order];
  const first = await page(order, { limit: 10 });
  const last = first.items.at(-1);
  await db
    .deleteFrom("subscription")
    .where("id", "=", last?.node ?? "")
    .execute();
  const next = await page(order, { limit: 100, after: last?.cursor ?? null });
  expect(next.items).toHaveLength(rows.length - 10);
  expect(first.items.map((item) => item.node)).not.toContain(next.items[0]?.node);
});

it.each([["nonsense"], [""], [Buffer.from('["name.asc",{},"x"]').toString("base64url")]])(
  "refuses the cursor %j",
  async (after) => {
    await expect(page(orders[0] as Order, { after })).rejects.toThrow(CursorError);
  },
);

it("refuses a cursor of another order", async () => {
  const cursor = encodeCursor(orders[2] as Order, 3, "sub_01");
  await expect(page(orders[0] as Order, { after: cursor })).rejects.toThrow("another order");
});
