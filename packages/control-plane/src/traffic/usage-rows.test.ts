/** Rows of usage add up to what nodes counted, whatever they are counted by and however they are paged. On SQLite and on PostgreSQL. */

import { hasPostgres } from "@latchkey/testkit/postgres";
import { afterAll, describe, expect, test } from "vitest";
import { Fixture, type Json } from "../testing/fixture.js";
import { UsageDatabases } from "../testing/usage-databases.js";
import { reportUsage } from "../testing/usage-reports.js";
import { usageDimensions } from "./usage-rows.js";
import { spanOf } from "./usage-span.js";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const databases = new UsageDatabases();
afterAll(() => databases[Symbol.dispose]());

const SELECTION =
  "nodes { at apiId routeId keyId integrationId nodeId status errorCode requests requestBytes responseBytes } pageInfo { hasNextPage endCursor }";

interface Asked {
  readonly by: string;
  readonly first?: number;
  readonly after?: string | null;
  readonly more?: string;
}

async function pageOf(fixture: Fixture, { by, first = 100, after = null, more = "" }: Asked): Promise<Json> {
  const from = new Date(fixture.clock.now() - DAY_MS).toISOString();
  const cursor = after === null ? "" : `after: "${after}"`;
  const data = await fixture.run(
    `{ usageRows(from: "${from}", groupBy: [${by}], first: ${first} ${cursor} ${more}) { ${SELECTION} } }`,
  );
  return data.usageRows;
}

const sumOf = (rows: readonly Json[], field = "requests"): number =>
  rows.reduce((sum, row) => sum + row[field], 0);

describe.each(databases.all)("rows of usage on %s", (name, start) => {
  const it = name === "SQLite" ? test : test.skipIf(!hasPostgres());

  it("have every request once, by whatever they are counted", async () => {
    await using fixture = await start();
    const subscription = await fixture.subscription(`s-${name}`);
    const integrationId = await fixture.integration(subscription);
    const { api, key } = await fixture.api(subscription, {
      routes: [{ method: "GET", path: "/a", integrationId }],
    });
    const ids = { apiId: api.id, routeId: api.routes[0].id, keyId: key.id, integrationId };
    await reportUsage(fixture, [
      { ...ids, count: 5 },
      { ...ids, count: 3, status: 429, errorCode: "key.rate_limited", previousSecret: true },
      { count: 4, status: 401, errorCode: "key.unknown" },
    ]);
    fixture.clock.advance(HOUR_MS);
    await reportUsage(fixture, [{ ...ids, apiId: "api_gone", count: 1 }], { nodeId: "node_2" });
    for (const by of ["", ...usageDimensions, usageDimensions.join(), "KEY, API", "STATUS, NODE"]) {
      const { nodes } = await pageOf(fixture, { by });
      expect([by, sumOf(nodes), sumOf(nodes, "requestBytes"), sumOf(nodes, "responseBytes")]).toEqual([
        by,
        13,
        40,
        400,
      ]);
    }
    const { nodes } = await pageOf(fixture, { by: "API, STATUS", more: "resolution: HOUR" });
    const brief = nodes.map((row: Json) => [row.apiId, row.status, row.keyId, row.requests]);
    const hour = [
      [api.id, 200, null, 5],
      [api.id, 429, null, 3],
    ];
    expect(brief).toEqual([[null, 401, null, 4], ...hour, ["api_gone", 200, null, 1]]);
    const names = await fixture.run(
      `{ usageRows(from: "${new Date(fixture.clock.now() - DAY_MS).toISOString()}", groupBy: [API, ROUTE, KEY, INTEGRATION, NODE]) {
        nodes { apiId nodeName api { title } route { method path } key { name } integration { name } } } }`,
    );
    expect(names.usageRows.nodes.find((row: Json) => row.apiId === api.id)).toMatchObject({
      nodeName: null,
      api: { title: "Orders API" },
      route: { method: "GET", path: "/a" },
      integration: { name: "Orders" },
    });
  });

  it("come in pages whose cursors stay right while counts come", async () => {
    await using fixture = await start();
    // Each hour has more rows than one statement reads, and more than are kept in memory for a page of one.
    const counts = Array.from({ length: 2_300 }, (_, i) => ({
      apiId: `api_${i % 7}`,
      routeId: `route_${i}`,
      count: 1 + (i % 5),
    }));
    const requests = counts.reduce((sum, { count }) => sum + count, 0);
    await reportUsage(fixture, counts);
    fixture.clock.advance(HOUR_MS);
    await reportUsage(fixture, counts);
    const nowMs = fixture.clock.now();
    const span = spanOf(nowMs - 2 * HOUR_MS, nowMs, "HOUR");
    const { rows } = fixture.nodes.usage;
    const pages: number[] = [];
    const seen = new Set<string>();
    let total = 0;
    for (let after: string | null = null, hasNextPage = true; hasNextPage; ) {
      const page = await rows.page(span, ["ROUTE", "API"], 900, after);
      for (const { row } of page.items) {
        seen.add(`${row.atMs} ${row.values.API} ${row.values.ROUTE}`);
        total += row.requests;
      }
      pages.push(page.items.length);
      after = page.items.at(-1)?.cursor ?? null;
      ({ hasNextPage } = page);
      // A row that comes before the cursor moves nothing.
      if (pages.length === 4) await reportUsage(fixture, [{ apiId: "api_0", routeId: "", count: 1 }]);
    }
    expect([seen.size, total, pages]).toEqual([4_600, 2 * requests, [900, 900, 900, 900, 900, 100]]);
    const single = await rows.page(span, ["API", "ROUTE"], 1, null);
    expect(single).toMatchObject({
      items: [{ row: { values: { API: "api_0", ROUTE: "route_0" }, requests: 1 } }],
      hasNextPage: true,
    });
  });

  it("refuse a cursor of other rows, and what makes no sense", async () => {
    await using fixture = await start();
    await reportUsage(fixture, [{ apiId: "api_1" }, { apiId: "api_2" }]);
    const { pageInfo } = await pageOf(fixture, { by: "API", first: 1 });
    expect(pageInfo.hasNextPage).toBe(true);
    const from = new Date(fixture.clock.now() - DAY_MS).toISOString();
    const future = new Date(fixture.clock.now() + DAY_MS).toISOString();
    for (const query of [
      `{ usageRows(from: "${from}", groupBy: [KEY], after: "${pageInfo.endCursor}") { nodes { at } } }`,
      `{ usageRows(from: "${from}", groupBy: [API], resolution: HOUR, after: "${pageInfo.endCursor}") { nodes { at } } }`,
      `{ usageRows(from: "${from}", groupBy: [API], after: "x") { nodes { at } } }`,
      `{ usageRows(from: "${from}", groupBy: [API], first: 101) { nodes { at } } }`,
      `{ usageRows(from: "${future}", groupBy: [API]) { nodes { at } } }`,
    ]) {
      const { errors } = await fixture.raw(query);
      expect(errors?.[0].extensions.code, query).toBe("BAD_USER_INPUT");
    }
    const { nodes } = await pageOf(fixture, { by: "API", after: pageInfo.endCursor });
    expect(nodes.map((row: Json) => row.apiId)).toEqual(["api_2"]);
  });
});
