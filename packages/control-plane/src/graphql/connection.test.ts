import { expect, it } from "vitest";
import { MEMORY, openDatabase } from "../db/open.js";
import { fetchPage, type PageRequest } from "../db/page.js";
import { toConnection } from "./connection.js";

const byName = { name: "name", column: "name_key", direction: "asc" } as const;

it("counts a list unless the page is all of it", async () => {
  const db = await openDatabase({ path: MEMORY });
  try {
    const rows = ["a", "b", "c"].map((name) => ({ id: `sub_${name}`, name, name_key: name }));
    const stamps = { version: 1, created_at_ms: 0, updated_at_ms: 0 };
    await db
      .insertInto("subscription")
      .values(rows.map((row) => ({ ...row, ...stamps })))
      .execute();
    let counts = 0;
    const connection = (request: Partial<PageRequest>) =>
      toConnection(
        () =>
          fetchPage(
            db.selectFrom("subscription").selectAll(),
            byName,
            { limit: 3, backward: false, after: null, before: null, ...request },
            (row) => row.id,
          ),
        (id) => id,
        async () => {
          counts++;
          return rows.length;
        },
      );
    const whole = await connection({});
    expect(await whole.count()).toBe(3);
    expect(await (await connection({ backward: true })).count()).toBe(3);
    expect(counts).toBe(0);

    const cursor = whole.edges[1]!.cursor;
    for (const request of [{ limit: 2 }, { limit: 0 }, { after: cursor }, { before: cursor }])
      expect(await (await connection(request)).count()).toBe(3);
    expect(counts).toBe(4);
  } finally {
    await db.destroy();
  }
});
