/** The overview says what nodes reported and what an operator should look at, in bounded lists. */
import { Registry } from "@latchkey/observe";
import { parseExposition } from "@latchkey/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { startPlaneMetrics } from "../plane-metrics.js";
import type { RejectedReport, UsageCountReport } from "../snapshot/node-observer.js";
import { Fixture, type Json } from "../testing/fixture.js";

const DAY_MS = 86_400_000;
const fixtures: Fixture[] = [];

async function start(): Promise<Fixture> {
  const fixture = await Fixture.start();
  fixtures.push(fixture);
  return fixture;
}

afterEach(async () => {
  for (const fixture of fixtures.splice(0)) await fixture[Symbol.asyncDispose]();
});

async function report(fixture: Fixture, counts: readonly Partial<UsageCountReport>[]): Promise<void> {
  const full = counts.map((more) => ({
    apiId: "",
    routeId: "",
    keyId: "",
    integrationId: "",
    status: 200,
    count: 1,
    requestBytes: 0,
    responseBytes: 0,
    latencyBuckets: [1],
    errorCode: "",
    previousSecret: false,
    ...more,
  }));
  const usage = { fromMs: 0, toMs: 1_000, counts: full, samples: [], dropped: 0, sequence: 0, ageMs: 0 };
  const source = { nodeId: "node_1", nodeName: "edge-1", instanceId: "i", isDraining: false };
  fixture.nodes.usage.usage(source, usage, [1_000]);
  await fixture.nodes.usage.flush();
}

const overviewOf = async (fixture: Fixture, selection: string) =>
  (await fixture.run(`{ overview { ${selection} } }`)).overview;

describe("rankings", () => {
  test("name the busiest APIs of the last hour and leave deleted ones out", async () => {
    const fixture = await start();
    const subscription = await fixture.subscription();
    const { api } = await fixture.api(subscription);
    const { api: busy } = await fixture.api(subscription, { title: "Busy" });
    await report(fixture, [
      { apiId: api.id, count: 3 },
      { apiId: busy.id, count: 4 },
      { apiId: busy.id, status: 502, count: 2 },
      { apiId: "api_deleted", count: 9 },
    ]);
    fixture.clock.advance(60_000);
    await report(fixture, [{ apiId: api.id }]);
    const { topApis } = await overviewOf(
      fixture,
      "topApis { requests serverErrors perMinute api { title } }",
    );
    expect(topApis).toMatchObject([
      { requests: 6, serverErrors: 2, api: { title: "Busy" } },
      { requests: 4, serverErrors: 0, api: { title: "Orders API" } },
    ]);
    expect(topApis[1].perMinute).toHaveLength(60);
    expect(topApis[1].perMinute.slice(-2)).toEqual([3, 1]);
    fixture.clock.advance(3_600_000);
    expect((await overviewOf(fixture, "topApis { requests }")).topApis).toEqual([]);
  });

  test("tell the gateway's errors from the integrations', and refusals from other 4xx responses", async () => {
    const fixture = await start();
    await report(fixture, [
      { status: 429, errorCode: "key.rate_limited", count: 5 },
      { status: 429, count: 2 },
      { status: 504, errorCode: "upstream.timeout" },
      { count: 100 },
    ]);
    const { topErrors } = await overviewOf(fixture, "topErrors(first: 2) { status errorCode requests }");
    expect(topErrors).toEqual([
      { status: 429, errorCode: "key.rate_limited", requests: 5 },
      { status: 429, errorCode: null, requests: 2 },
    ]);
    const { traffic } = await fixture.run("{ traffic { total { clientErrors refused serverErrors } } }");
    expect(traffic.total).toEqual({ clientErrors: 7, refused: 5, serverErrors: 1 });
    const { errors } = await fixture.raw("{ overview { topErrors(first: 21) { status } } }");
    expect(errors[0].extensions.code).toBe("BAD_USER_INPUT");
  });
});

describe("attention", () => {
  const selection = "attention { kind targetId apiId name at requests failures }";

  test("is drawn to keys that expire and to keys without use, and to no other", async () => {
    const fixture = await start();
    const subscription = await fixture.subscription();
    const { api, key } = await fixture.api(subscription);
    const add = (name: string, inDays: number | null) =>
      fixture.mutate(
        "createApiKey",
        {
          apiId: api.id,
          name,
          expiresAt: inDays === null ? null : new Date(fixture.clock.now() + inDays * DAY_MS).toISOString(),
        },
        "key { id }",
      );
    await add("in 45 days", 45);
    await add("in 90 days", 90);
    const { key: off } = await add("off", 44);
    await fixture.mutate("updateApiKey", { id: off.id, active: false }, "key { id }");
    expect(await overviewOf(fixture, selection)).toEqual({ attention: [] });
    const registry = new Registry();
    const { nodes, clock, services } = fixture;
    startPlaneMetrics({ registry, nodes, sessions: async () => 0, keys: services.keys, clock });
    const counted = async () => {
      const { value } = parseExposition(await registry.metrics());
      return ["soon", "expired"].map((state) => value("latchkey_keys_expiring", { state }));
    };
    expect(await counted()).toEqual([0, 0]);
    fixture.clock.advance(35 * DAY_MS);
    expect(await counted()).toEqual([1, 0]);
    await report(fixture, [{ keyId: key.id }]);
    await fixture.nodes.usage.save();
    const { attention } = await overviewOf(fixture, selection);
    const named = attention.map(({ kind, name }: { kind: string; name: string }) => `${kind} ${name}`);
    expect(named.toSorted()).toEqual([
      "KEY_EXPIRES in 45 days",
      "KEY_UNUSED in 45 days",
      "KEY_UNUSED in 90 days",
    ]);
    expect(attention[0]).toMatchObject({ apiId: api.id });
    fixture.clock.advance(12 * DAY_MS);
    expect(await counted()).toEqual([0, 1]);
    fixture.clock.advance(7 * DAY_MS);
    expect(await counted()).toEqual([0, 0]);
  });

  test("is drawn to an integration of which half of the requests fail, not by what the gateway refuses", async () => {
    const fixture = await start();
    const id = await fixture.integration(await fixture.subscription());
    const failure = { integrationId: id, status: 502, errorCode: "upstream.connect_refused" };
    await report(fixture, [
      { ...failure, count: 9 },
      { integrationId: id, count: 9 },
    ]);
    expect((await overviewOf(fixture, selection)).attention).toEqual([]);
    await report(fixture, [
      { ...failure, count: 1 },
      { integrationId: id, status: 403, errorCode: "key.disabled", count: 500 },
      { integrationId: id, status: 200 },
    ]);
    expect((await overviewOf(fixture, selection)).attention).toMatchObject([
      { kind: "INTEGRATION_FAILING", targetId: id, name: "Orders", requests: 20, failures: 10 },
    ]);
    fixture.clock.advance(5 * 60_000);
    expect((await overviewOf(fixture, selection)).attention).toEqual([]);
  });

  test("is drawn to what nodes cannot use, five of a kind, that of most nodes first, and to nothing that was deleted", async () => {
    const fixture = await start();
    const subscription = await fixture.subscription();
    const { api, key } = await fixture.api(subscription);
    const integrations: string[] = [];
    for (let n = 0; n < 7; n++) integrations.push(await fixture.integration(subscription, { name: `I${n}` }));
    const reject = async (name: string, refs: readonly RejectedReport["ref"][]) => {
      const { node } = await fixture.mutate("createNode", { name }, "node { id }");
      const { registry } = fixture.nodes;
      const session = { instanceId: name, softwareVersion: "1", peer: "127.0.0.1:1" };
      registry.opened({ ...session, nodeId: node.id, close: () => {}, usageStored: () => {} });
      const rejected = (list: readonly RejectedReport["ref"][]) =>
        registry.rejected(
          node.id,
          list.map((ref) => ({ ref, reason: "not known" })),
        );
      rejected(refs);
      return rejected;
    };
    const all = integrations.map((id) => ({ kind: "integration", id }) as const);
    const deleted = Array.from(
      { length: 9 },
      (_, n) => ({ kind: "integration", id: `int_gone${n}` }) as const,
    );
    const first = await reject("edge-1", [
      ...deleted,
      ...all,
      { kind: "api", id: api.id },
      { kind: "key", id: key.id },
    ]);
    const second = await reject("edge-2", [...deleted, { kind: "integration", id: integrations[6]! }]);
    const { attention } = await overviewOf(fixture, "attention { kind targetId apiId name at nodes }");
    const at = new Date(fixture.clock.now()).toISOString();
    expect(attention[0]).toEqual({
      kind: "API_REJECTED",
      targetId: api.id,
      apiId: null,
      name: "Orders API",
      at,
      nodes: 1,
    });
    expect(attention.slice(1, 6).map(({ kind, name, nodes }: Json) => `${kind} ${name} ${nodes}`)).toEqual([
      "INTEGRATION_REJECTED I6 2",
      "INTEGRATION_REJECTED I0 1",
      "INTEGRATION_REJECTED I1 1",
      "INTEGRATION_REJECTED I2 1",
      "INTEGRATION_REJECTED I3 1",
    ]);
    expect(attention.slice(6)).toMatchObject([{ kind: "KEY_REJECTED", targetId: key.id, apiId: api.id }]);
    for (const rejected of [first, second]) rejected([]);
    expect((await overviewOf(fixture, selection)).attention).toEqual([]);
  });
});

describe("a key", () => {
  test("says where it was last used, and when its secret before the last regeneration was", async () => {
    const fixture = await start();
    const { key } = await fixture.api(await fixture.subscription());
    const keyNow = async () =>
      (
        await fixture.run("query ($id: ID!) { apiKey(id: $id) { lastUsedNode previousSecretLastUsedAt } }", {
          id: key.id,
        })
      ).apiKey;
    expect(await keyNow()).toEqual({ lastUsedNode: null, previousSecretLastUsedAt: null });
    const regenerate = () =>
      fixture.mutate("regenerateApiKey", { id: key.id, overlapSeconds: 3_600 }, "secret");
    await regenerate();
    await report(fixture, [{ keyId: key.id }]);
    expect(await keyNow()).toEqual({ lastUsedNode: "edge-1", previousSecretLastUsedAt: null });
    await report(fixture, [{ keyId: key.id, previousSecret: true }]);
    expect((await keyNow()).previousSecretLastUsedAt).toBe(new Date(fixture.clock.now()).toISOString());
    // Another secret is the previous one now.
    await regenerate();
    expect((await keyNow()).previousSecretLastUsedAt).toBeNull();
  });
});
