import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Fixture, SETUP_MS_MAX, unknownId } from "../../testing/fixture.js";

let f: Fixture;
let subscriptionId: string;
let integrationId: string;
beforeEach(async () => {
  f = await Fixture.start();
  subscriptionId = await f.subscription();
  integrationId = await f.integration(subscriptionId, {
    requestSchema: '{"type":"object","properties":{"quantity":{"type":"integer"}}}',
    examples: [{ name: "One", direction: "REQUEST", value: '{"quantity":3}' }],
  });
}, SETUP_MS_MAX);
afterEach(() => f[Symbol.asyncDispose]());

const route = (method: string, path: string, more: Record<string, unknown> = {}) => ({
  method,
  path,
  integrationId,
  ...more,
});
const importApi = (input: Record<string, unknown>) =>
  f.mutate(
    "importOpenApi",
    input,
    "api { id title summary version versionLabel routes { id method path integrationId operationId validate parameters } } key { id } secret dryRun routes { method path fate integrationId } notes { severity code pointer message }",
  );
const document = (paths: Record<string, unknown>, more: Record<string, unknown> = {}) =>
  JSON.stringify({
    openapi: "3.0.3",
    info: { title: "Shop", version: "1.2.0", description: "All of it" },
    paths,
    ...more,
  });
const ok = { responses: { 200: { description: "ok" } } };
const fates = (payload: { routes: { method: string; path: string; fate: string }[] }) =>
  payload.routes.map((r) => `${r.fate.toLowerCase()} ${r.method} ${r.path}`);

describe("api.openapi", () => {
  const openapi = async (id: string, args = "") =>
    (await f.run(`query($id: ID!) { api(id: $id) { openapi${args} } }`, { id })).api.openapi as string;

  it("is a document of the API's routes, in both versions and formats, and the same each time", async () => {
    const { api } = await f.api(subscriptionId, {
      title: "Orders",
      routes: [
        route("PUT", "/orders/{id}", { parameters: { path: { id: { schema: { type: "integer" } } } } }),
      ],
    });
    const json = await openapi(api.id);
    expect(await openapi(api.id)).toBe(json);
    expect(JSON.parse(json)).toMatchObject({
      openapi: "3.0.3",
      info: { title: "Orders", version: "v1" },
      servers: [{ url: "https://api.example" }],
      paths: {
        "/orders/{id}": { put: { parameters: [{ name: "id", in: "path", schema: { type: "integer" } }] } },
      },
    });
    expect(JSON.parse(await openapi(api.id, "(version: V3_1)"))).toMatchObject({ openapi: "3.1.1" });
    expect(await openapi(api.id, "(format: YAML)")).toMatch(/^openapi: 3\.0\.3$/m);
  });

  it("holds no key, no upstream address and no id of ours, and tells of the webhook only when a key is one", async () => {
    const { api, key, secret } = await f.api(subscriptionId, { routes: [route("POST", "/orders")] });
    const before = await openapi(api.id);
    for (const inside of [secret, key.id, api.id, integrationId, subscriptionId, "orders.example"])
      expect(before).not.toContain(inside);
    expect(before).not.toContain("Connxio-Api-Webhook");
    await f.mutate("updateApiKey", { id: key.id, mode: "WEBHOOK" }, "key { id }");
    expect(await openapi(api.id)).toContain("Connxio-Api-Webhook");
  });

  it("reaches the nodes anew when a key's mode changes what it says", async () => {
    const { api, key } = await f.api(subscriptionId, { openapiServed: true, routes: [route("GET", "/a")] });
    await f.mutate("updateApiKey", { id: key.id, mode: "WEBHOOK" }, "key { id }");
    expect((await f.lastChanges()).sort()).toEqual([`upsert api/${api.id}`, `upsert key/${key.id} !`]);
    const served = (await f.resources()).get(`api/${api.id}`);
    expect(served?.kind === "api" && Buffer.from(served.openapiJson ?? []).toString()).toContain(
      "Connxio-Api-Webhook",
    );
  });
});

describe("importOpenApi", () => {
  it("makes an API with a key of a document", async () => {
    const payload = await importApi({
      document: document({
        "/orders/{id}": {
          get: {
            ...ok,
            operationId: "get-order",
            parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" } }],
          },
        },
        "/orders": { post: ok },
      }),
      subscriptionId,
      mapping: { default: integrationId },
    });
    expect(payload.userErrors).toEqual([]);
    expect(payload).toMatchObject({
      dryRun: false,
      api: {
        title: "Shop",
        summary: "All of it",
        versionLabel: "1.2.0",
        routes: [
          { method: "GET", path: "/orders/{id}", integrationId, operationId: "get-order" },
          { method: "POST", path: "/orders", integrationId },
        ],
      },
    });
    expect(payload.secret).toMatch(/^lk_/);
    expect(fates(payload)).toEqual(["added GET /orders/{id}", "added POST /orders"]);
  });

  it("shows what would come of it, and changes nothing, when it is a dry run", async () => {
    const before = await f.revision();
    const payload = await importApi({
      document: document({ "/a": { get: ok } }),
      subscriptionId,
      mapping: { default: integrationId },
      dryRun: true,
    });
    expect(payload).toMatchObject({ dryRun: true, api: null, key: null, secret: null, userErrors: [] });
    expect(fates(payload)).toEqual(["added GET /a"]);
    expect(await f.revision()).toBe(before);
    const after = await f.run(
      '{ apis { totalCount } auditLog(filter: {action: "api.create"}) { totalCount } }',
    );
    expect(after).toEqual({ apis: { totalCount: 0 }, auditLog: { totalCount: 0 } });
  });

  it("adds to an API and changes it; what the document does not have stays, or goes when asked for", async () => {
    const other = await f.integration(subscriptionId, { name: "Other" });
    const { api } = await f.api(subscriptionId, {
      routes: [
        route("GET", "/a/{x}", { operationId: "get-a" }),
        route("GET", "/b"),
        route("GET", "/c", { operationId: "get-c" }),
      ],
    });
    const input = {
      apiId: api.id,
      document: document({
        "/a/{y}": {
          get: {
            ...ok,
            operationId: "get-a",
            parameters: [{ name: "y", in: "path", required: true, schema: {} }],
          },
        },
        "/c": { get: { ...ok, operationId: "get-c" } },
        "/d": { get: { ...ok, tags: ["new"] } },
      }),
      mapping: { tags: [{ match: "new", integrationId: other }] },
    };
    const dry = await importApi({ ...input, replace: true, dryRun: true });
    expect(dry.userErrors).toEqual([]);
    expect(fates(dry).sort()).toEqual([
      "added GET /d",
      "changed GET /a/{y}",
      "removed GET /b",
      "unchanged GET /c",
    ]);
    const payload = await importApi(input);
    expect(payload.userErrors).toEqual([]);
    expect(fates(payload)).toEqual(["changed GET /a/{y}", "kept GET /b", "unchanged GET /c", "added GET /d"]);
    expect(payload.api).toMatchObject({
      title: "Orders API",
      version: 2,
      routes: [
        { id: api.routes[0].id, path: "/a/{y}", integrationId },
        { path: "/b" },
        { path: "/c" },
        { path: "/d", integrationId: other },
      ],
    });
    const replaced = await importApi({ ...input, replace: true });
    expect(replaced.api.routes).toHaveLength(3);
  });

  it("takes back what was given out: a document of ours leads to the same routes by the integrations' names", async () => {
    await f.integration(subscriptionId, { name: "Invoices" });
    const routes = [route("GET", "/orders/{id}"), route("ANY", "/files/{path*}"), route("POST", "/orders")];
    const { api } = await f.api(subscriptionId, { routes });
    for (const version of ["V3_0", "V3_1"]) {
      const text = (
        await f.run(`query($id: ID!) { api(id: $id) { openapi(version: ${version}, format: YAML) } }`, {
          id: api.id,
        })
      ).api.openapi;
      const again = await importApi({ apiId: api.id, document: text, replace: true, dryRun: true });
      expect(again.userErrors).toEqual([]);
      expect(again.notes).toEqual([]);
      expect(fates(again).map((fate) => fate.split(" ")[0])).toEqual(["unchanged", "unchanged", "unchanged"]);
      const fresh = await importApi({ subscriptionId, title: `Copy ${version}`, document: text });
      expect(fresh.api.routes.map((r: { path: string }) => r.path).sort()).toEqual([
        "/files/{path*}",
        "/orders",
        "/orders/{id}",
      ]);
    }
  });

  it("reports by JSON pointer what an API has no place for", async () => {
    const payload = await importApi({
      document: document(
        {
          "/a": {
            post: { ...ok, requestBody: { content: { "application/json": { schema: { type: "array" } } } } },
          },
        },
        { externalDocs: { url: "https://x.example" } },
      ),
      subscriptionId,
      mapping: { default: integrationId },
      dryRun: true,
    });
    expect(payload.userErrors).toEqual([]);
    expect(payload.notes).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ severity: "LOST", code: "no_counterpart", pointer: "/externalDocs" }),
        expect.objectContaining({ severity: "LOST", code: "contract.kept", pointer: "/paths/~1a/post" }),
      ]),
    );
  });

  it.each([
    ["no document", { document: "nonsense" }, "IMPORT_FAILED", ["input", "document"]],
    ["Swagger 2", { document: '{"swagger":"2.0","paths":{}}' }, "IMPORT_FAILED", ["input", "document"]],
    [
      "an operation that leads nowhere",
      { document: document({ "/a": { get: ok } }) },
      "IMPORT_FAILED",
      ["input", "document"],
    ],
    [
      "an unknown integration",
      { document: document({ "/a": { get: ok } }), mapping: { default: "int_000000000000000000000000" } },
      "INTEGRATION_UNKNOWN",
      ["input", "document"],
    ],
    ["an unknown API", { apiId: unknownId("api"), document: document({}) }, "NOT_FOUND", ["input", "apiId"]],
  ])("refuses %s and changes nothing", async (_, input, code, field) => {
    const before = await f.revision();
    const payload = await importApi({ subscriptionId, ...input });
    expect(payload).toMatchObject({ api: null, userErrors: [{ code, field }] });
    expect(await f.revision()).toBe(before);
  });

  it("needs an API or a subscription", async () => {
    const payload = await importApi({ document: document({}) });
    expect(payload.userErrors).toMatchObject([{ code: "REQUIRED", field: ["input", "subscriptionId"] }]);
  });

  it("refuses a lost update", async () => {
    const { api } = await f.api(subscriptionId);
    const payload = await importApi({
      apiId: api.id,
      expectedVersion: 7,
      document: document({ "/a": { get: ok } }),
      mapping: { default: integrationId },
    });
    expect(payload.userErrors).toMatchObject([
      { code: "CONFLICT", currentVersion: 1, current: { id: api.id } },
    ]);
  });
});
