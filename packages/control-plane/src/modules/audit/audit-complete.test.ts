/** Every mutation of the schema, whatever is added to it, has a row in the audit log: found by asking the schema. */
import { expect, it } from "vitest";
import { buildLatchkeySchema } from "../../graphql-app/schema.js";
import { Fixture, type Json } from "../../testing/fixture.js";

interface World {
  readonly f: Fixture;
  readonly subscriptionId: string;
  readonly integrationId: string;
  readonly api: Json;
}

/** A call of each mutation that succeeds. A new mutation without one fails the test. */
const calls: Readonly<Record<string, (world: World) => object | Promise<object>>> = {
  addRoute: ({ integrationId, api }) => ({
    apiId: api.api.id,
    route: { method: "GET", path: "/added", integrationId },
  }),
  createApi: ({ subscriptionId }) => ({ subscriptionId, title: "Another" }),
  createApiKey: ({ api }) => ({ apiId: api.api.id, name: "second" }),
  createCredential: ({ subscriptionId }) => credential(subscriptionId),
  createIntegration: ({ subscriptionId }) => ({
    subscriptionId,
    name: "Another",
    urls: ["https://b.example/"],
  }),
  createNode: () => ({ name: "node-1" }),
  createSubscription: () => ({ name: "Another" }),
  deleteApi: ({ api }) => ({ id: api.api.id }),
  deleteApiKey: ({ api }) => ({ id: api.key.id }),
  deleteCredential: async (world) => ({ id: await credentialId(world) }),
  deleteIntegration: ({ integrationId }) => ({ id: integrationId }),
  deleteNode: async (world) => ({ id: await nodeId(world) }),
  deleteSubscription: async ({ f }) => ({ id: await f.subscription("Empty") }),
  duplicateApi: ({ api }) => ({ id: api.api.id }),
  endOtherSessions: async ({ f }) => {
    await sessionId(f);
    return { actor: "admin" };
  },
  endSession: async ({ f }) => ({ id: await sessionId(f) }),
  importOpenApi: ({ subscriptionId, integrationId }) => ({
    subscriptionId,
    document: JSON.stringify({
      openapi: "3.1.0",
      info: { title: "Imported", version: "1" },
      paths: { "/a": { get: { responses: { 200: { description: "ok" } } } } },
    }),
    mapping: { default: integrationId },
  }),
  regenerateApiKey: ({ api }) => ({ id: api.key.id, overlapSeconds: 60 }),
  regenerateNodeToken: async (world) => ({ id: await nodeId(world) }),
  removeRoute: async (world) => ({ id: await routeId(world) }),
  revealApiKey: ({ api }) => ({ id: api.key.id }),
  testIntegration: ({ integrationId }) => ({ id: integrationId }),
  updateApi: ({ api }) => ({ id: api.api.id, expectedVersion: 1, title: "New", summary: "", routes: [] }),
  updateApiKey: ({ api }) => ({ id: api.key.id, active: false }),
  updateCredential: async (world) => ({ id: await credentialId(world), name: "New" }),
  updateIntegration: ({ integrationId }) => ({
    id: integrationId,
    expectedVersion: 1,
    name: "New",
    urls: ["https://c.example/"],
  }),
  updateRoute: async (world) => ({ id: await routeId(world), path: "/moved" }),
  updateSubscription: ({ subscriptionId }) => ({ id: subscriptionId, expectedVersion: 1, name: "New" }),
};

const credential = (subscriptionId: string) => ({
  subscriptionId,
  name: "Orders' key",
  header: { name: "X-Api-Key" },
  secret: { value: "s3cret" },
});

async function credentialId({ f, subscriptionId }: World): Promise<string> {
  return (await f.mutate("createCredential", credential(subscriptionId), "credential { id }")).credential.id;
}

async function routeId({ f, integrationId, api }: World): Promise<string> {
  const route = { method: "GET", path: "/a", integrationId };
  return (await f.mutate("addRoute", { apiId: api.api.id, route }, "route { id }")).route.id;
}

async function nodeId({ f }: World): Promise<string> {
  return (await f.mutate("createNode", { name: "node-9" }, "node { id }")).node.id;
}

async function sessionId(f: Fixture): Promise<string> {
  const opened = await f.openSession();
  return opened.session.id;
}

const names = Object.keys(buildLatchkeySchema().getMutationType()?.getFields() ?? {});

it("knows a call of every mutation", () => {
  expect(names.length).toBeGreaterThan(15);
  expect([...names].sort()).toEqual(Object.keys(calls).sort());
});

it.each(names)("%s is recorded in the audit log, with who, what and which", async (name) => {
  await using f = await Fixture.start();
  const subscriptionId = await f.subscription();
  const integrationId = await f.integration(subscriptionId);
  const api = await f.api(subscriptionId, { recoverable: true });
  const input = (await calls[name]?.({ f, subscriptionId, integrationId, api })) as Record<string, unknown>;
  const before = await f.db.selectFrom("audit_log").selectAll().execute();
  f.clock.advance(1);
  const payload = await f.mutate(name, input, "__typename");
  expect(payload.userErrors).toEqual([]);
  const known = new Set(before.map((row) => row.id));
  const rows = (await f.db.selectFrom("audit_log").selectAll().execute()).filter((row) => !known.has(row.id));
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) {
    expect(row).toMatchObject({ actor: "admin", request_id: "req-1", at_ms: f.clock.now() });
    expect(row.action).toMatch(/^[a-zA-Z]+\.[a-zA-Z]+$/);
    expect(row.target_id).not.toBe("");
  }
});
