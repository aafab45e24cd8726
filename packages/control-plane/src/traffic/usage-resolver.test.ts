/** Usage is shown as it was counted: by time, in groups, filtered, with what is missing. On SQLite and on PostgreSQL. */

import { hasPostgres } from "@latchkey/testkit/postgres";
import { afterAll, describe, expect, test } from "vitest";
import { Fixture, type Json } from "../testing/fixture.js";
import { UsageDatabases } from "../testing/usage-databases.js";
import { reportUsage as report } from "../testing/usage-reports.js";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const databases = new UsageDatabases();
afterAll(() => databases[Symbol.dispose]());

async function usageOf(
  fixture: Fixture,
  span: { readonly beforeMs: number; readonly more?: string },
  selection: string,
): Promise<Json> {
  const from = new Date(fixture.clock.now() - span.beforeMs).toISOString();
  return (await fixture.run(`{ usage(from: "${from}" ${span.more ?? ""}) { ${selection} } }`)).usage;
}

describe.each(databases.all)("usage on %s", (name, start) => {
  const it = name === "SQLite" ? test : test.skipIf(!hasPostgres());

  it("counts each row once when there are more than one statement reads", async () => {
    await using fixture = await start();
    // Two minutes with three reads each.
    const counts = Array.from({ length: 4_500 }, (_, i) => ({
      apiId: `api_${i % 3}`,
      routeId: `route_${i}`,
      count: 1 + (i % 7),
    }));
    const requests = counts.reduce((sum, { count }) => sum + count, 0);
    await report(fixture, counts);
    fixture.clock.advance(MINUTE_MS);
    await report(fixture, counts);
    const all = await usageOf(
      fixture,
      { beforeMs: 2 * MINUTE_MS },
      "total { requests } points { requests } groups(by: API, first: 3) { groups { total { requests } } }",
    );
    expect(all.total).toEqual({ requests: 2 * requests });
    expect(all.points.filter((point: Json) => point.requests > 0)).toEqual([{ requests }, { requests }]);
    const ofApis = all.groups.groups.map((group: Json) => group.total.requests);
    expect(ofApis.reduce((sum: number, one: number) => sum + one, 0)).toBe(2 * requests);
  });

  it("has points of minutes, hours or days, as long as the time is", async () => {
    await using fixture = await start();
    await report(fixture, [
      { count: 30, status: 200 },
      { count: 2, status: 404, errorCode: "route.not_found" },
    ]);
    fixture.clock.advance(MINUTE_MS);
    await report(fixture, [{ count: 8, status: 502, latencyBuckets: [0, 8] }]);
    const hour = await usageOf(
      fixture,
      { beforeMs: 2 * MINUTE_MS },
      "resolution since gaps { node } points { seconds requests refused p50Ms } total { requests clientErrors refused serverErrors requestBytes responseBytes p50Ms p99Ms }",
    );
    expect(hour).toMatchObject({
      resolution: "MINUTE",
      gaps: [],
      total: {
        requests: 40,
        clientErrors: 2,
        refused: 2,
        serverErrors: 8,
        requestBytes: 30,
        responseBytes: 300,
      },
    });
    expect(hour.points.map(({ requests }: Json) => requests).filter((count: number) => count > 0)).toEqual([
      32, 8,
    ]);
    // A quantile of eight requests would be chance.
    expect(hour.points.find(({ requests }: Json) => requests === 8).p50Ms).toBeNull();
    expect(hour.total.p50Ms).toBeGreaterThan(0);
    for (const [beforeMs, resolution] of [
      [DAY_MS, "TEN_MINUTES"],
      [7 * DAY_MS, "HOUR"],
      [90 * DAY_MS, "DAY"],
    ] as const) {
      const { resolution: chosen, total } = await usageOf(
        fixture,
        { beforeMs },
        "resolution total { requests }",
      );
      expect([chosen, total.requests]).toEqual([resolution, 40]);
    }
    // Minutes are kept for two days: a short time long ago is shown by the hour.
    fixture.clock.advance(3 * DAY_MS);
    const to = new Date(fixture.clock.now() - 3 * DAY_MS + HOUR_MS).toISOString();
    expect(
      await usageOf(
        fixture,
        { beforeMs: 3 * DAY_MS + HOUR_MS, more: `to: "${to}"` },
        "resolution total { requests }",
      ),
    ).toEqual({ resolution: "HOUR", total: { requests: 40 } });
  });

  it("is filtered, and grouped by whatever it is counted by", async () => {
    await using fixture = await start();
    const subscription = await fixture.subscription(`s-${name}`);
    const integrationId = await fixture.integration(subscription);
    const { api, key } = await fixture.api(subscription, {
      routes: [{ method: "GET", path: "/a", integrationId }],
    });
    const routeId = api.routes[0].id;
    const ids = { apiId: api.id, routeId, keyId: key.id, integrationId };
    await report(fixture, [
      { ...ids, count: 5 },
      { ...ids, count: 2, status: 504, errorCode: "upstream.timeout" },
      { ...ids, count: 3, status: 429, errorCode: "key.rate_limited", previousSecret: true },
      { count: 4, status: 401, errorCode: "key.unknown" },
    ]);
    await report(fixture, [{ ...ids, apiId: "api_gone", routeId: "", count: 1 }], { nodeId: "node_2" });
    const groups = async (by: string, first = 10, more = "") =>
      (
        await usageOf(
          fixture,
          { beforeMs: MINUTE_MS, more },
          `groups(by: ${by}, first: ${first}) { otherRequests groups { key name status errorCode total { requests } points { requests } } }`,
        )
      ).groups;
    const brief = (of: Json) => of.groups.map((group: Json) => [group.key, group.name, group.total.requests]);
    expect(brief(await groups("API"))).toEqual([
      [api.id, "Orders API", 10],
      ["", null, 4],
      ["api_gone", null, 1],
    ]);
    expect(brief(await groups("ROUTE"))[0]).toEqual([routeId, "GET /a", 10]);
    expect(brief(await groups("KEY"))[0]).toEqual([key.id, key.name ?? expect.any(String), 11]);
    // Refused requests did not come to the integration.
    expect(brief(await groups("INTEGRATION"))).toEqual([[integrationId, "Orders", 8]]);
    expect(brief(await groups("NODE")).map(([id, , count]: Json) => [id, count])).toEqual([
      ["node_1", 14],
      ["node_2", 1],
    ]);
    expect(brief(await groups("STATUS_CLASS")).map(([id, , count]: Json) => [id, count])).toEqual([
      ["4xx", 7],
      ["2xx", 6],
      ["5xx", 2],
    ]);
    const errors = await groups("ERROR", 2);
    expect(errors).toMatchObject({
      otherRequests: 2,
      groups: [
        { status: 401, errorCode: "key.unknown", total: { requests: 4 } },
        { status: 429, errorCode: "key.rate_limited", total: { requests: 3 } },
      ],
    });
    for (const group of errors.groups)
      expect(group.points.reduce((sum: number, { requests }: Json) => sum + requests, 0)).toBe(
        group.total.requests,
      );
    const { usage: lastHour } = await fixture.run("{ usage { points { seconds } total { requests } } }");
    expect([lastHour.points.length, lastHour.points[0].seconds, lastHour.total.requests]).toEqual([
      60, 60, 15,
    ]);
    const total = async (filter: string) =>
      (
        await usageOf(
          fixture,
          { beforeMs: MINUTE_MS, more: `filter: { ${filter} }` },
          "total { requests previousSecret }",
        )
      ).total;
    expect(await total(`apiId: "${api.id}"`)).toEqual({ requests: 10, previousSecret: 3 });
    expect(await total(`routeId: "${routeId}", statusClass: 5`)).toMatchObject({ requests: 2 });
    expect(await total(`keyId: "${key.id}", nodeId: "node_2"`)).toMatchObject({ requests: 1 });
    expect(await total(`integrationId: "${integrationId}"`)).toMatchObject({ requests: 8 });
    expect(await total(`errorCode: "key.unknown"`)).toMatchObject({ requests: 4 });
    // The last hour of routes, integrations and keys.
    const { api: shown, integration } = await fixture.run(
      `query ($api: ID!, $integration: ID!) {
        api(id: $api) { routes { usage { requests clientErrors serverErrors } } keys(first: 1) { nodes { requestsLastHour } } }
        integration(id: $integration) { usage { requests serverErrors p95Ms } }
      }`,
      { api: api.id, integration: integrationId },
    );
    expect(shown).toEqual({
      routes: [{ usage: { requests: 10, clientErrors: 3, serverErrors: 2 } }],
      keys: { nodes: [{ requestsLastHour: 11 }] },
    });
    expect(integration.usage).toEqual({ requests: 8, serverErrors: 2, p95Ms: null });
    // The slow one has just enough requests for a quantile, the slowest one has not.
    await report(fixture, [
      { integrationId: "int_slow", count: 20, latencyBuckets: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20] },
      { integrationId: "int_rare", count: 19, latencyBuckets: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 19] },
      { integrationId: "int_rotated", count: 1, previousSecret: true },
    ]);
    await report(fixture, [{ ...ids, count: 40, latencyBuckets: [40] }]);
    const ordered = async (orderBy: string) =>
      (
        await usageOf(
          fixture,
          { beforeMs: MINUTE_MS },
          `groups(by: INTEGRATION, orderBy: ${orderBy}, first: 3) { groups { key } }`,
        )
      ).groups.groups.map(({ key }: Json) => key);
    expect(await ordered("REQUESTS")).toEqual([integrationId, "int_slow", "int_rare"]);
    expect(await ordered("LATENCY")).toEqual(["int_slow", integrationId, "int_rare"]);
    expect(await ordered("SERVER_ERRORS")).toEqual([integrationId, "int_slow", "int_rare"]);
    expect((await ordered("PREVIOUS_SECRET"))[0]).toBe("int_rotated");
  });

  it("says what is missing", async () => {
    await using fixture = await start();
    await report(fixture, [{ count: 1 }], { dropped: 7 });
    const { since, gaps } = await usageOf(
      fixture,
      { beforeMs: HOUR_MS },
      "since gaps { nodeId node from to lostRequests }",
    );
    expect(Date.parse(since)).toBeLessThanOrEqual(fixture.clock.now());
    expect(gaps).toMatchObject([{ nodeId: "node_1", node: null, lostRequests: 7 }]);
  });

  it("refuses what would be too much, or makes no sense", async () => {
    await using fixture = await start();
    const from = (ms: number) => new Date(fixture.clock.now() + ms).toISOString();
    const week = from(-7 * DAY_MS);
    for (const query of [
      `{ usage(from: "${from(MINUTE_MS)}") { resolution } }`,
      `{ usage(from: "${week}", resolution: MINUTE) { resolution } }`,
      `{ usage(from: "${week}", filter: { statusClass: 6 }) { resolution } }`,
      `{ usage(from: "${week}") { groups(by: API, first: 51) { otherRequests } } }`,
      `{ usage(from: "${week}", resolution: TEN_MINUTES) { groups(by: API, first: 50) { otherRequests } } }`,
    ]) {
      const { errors } = await fixture.raw(query);
      expect(errors?.[0].extensions.code, query).toBe("BAD_USER_INPUT");
    }
  });
});
