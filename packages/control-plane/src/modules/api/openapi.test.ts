/** `api.openapi`: the document of an API, and the contact and license that it keeps. */
import { describe, expect, it } from "vitest";
import { f, integrationId, route, subscriptionId } from "../../testing/api-fixture.js";
import { document, importApi, ok, setUpImports } from "../../testing/import-fixture.js";

setUpImports();

describe("api.openapi", () => {
  const openapi = async (id: string, args = "") =>
    (await f.run(`query($id: ID!) { api(id: $id) { openapi${args} } }`, { id })).api.openapi as string;

  it("is a document of the API's routes, in both versions and formats, and the same each time", async () => {
    const { api } = await f.api(subscriptionId, {
      title: "Orders",
      routes: [
        route("PUT", "/orders/{id}", {
          operation: {
            parameters: [{ name: "id", in: "path", required: true, schema: { type: "integer" } }],
          },
        }),
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
});

describe("apiKey.openapi", () => {
  const openapi = async (id: string) =>
    JSON.parse(
      (await f.run("query($id: ID!) { apiKey(id: $id) { openapi(version: V3_1) } }", { id })).apiKey.openapi,
    );

  it("has the routes and methods that the key's scopes admit, and follows a change of them", async () => {
    const { api, key } = await f.api(subscriptionId, {
      routes: [route("GET", "/orders/{id}"), route("DELETE", "/orders/{id}"), route("GET", "/reports")],
    });
    expect(Object.keys((await openapi(key.id)).paths)).toEqual(["/orders/{id}", "/reports"]);
    await f.mutate(
      "updateApiKey",
      { id: key.id, scopes: [{ method: "GET", path: "/orders/{id}" }] },
      "key { id }",
    );
    const { paths } = await openapi(key.id);
    expect(Object.keys(paths)).toEqual(["/orders/{id}"]);
    expect(paths["/orders/{id}"]).not.toHaveProperty("delete");
    await f.mutate(
      "updateApiKey",
      { id: key.id, scopes: [{ method: "ANY", path: "/reports" }] },
      "key { id }",
    );
    expect(Object.keys((await openapi(key.id)).paths)).toEqual(["/reports"]);
    const all = await f.run(`{ api(id: "${api.id}") { openapi } }`);
    expect(Object.keys(JSON.parse(all.api.openapi).paths)).toHaveLength(2);
  });

  it("tells of the webhook only for a key that is one", async () => {
    const { api, key } = await f.api(subscriptionId, { routes: [route("POST", "/orders")] });
    await f.mutate("createApiKey", { apiId: api.id, name: "Hook", mode: "WEBHOOK" }, "key { id }");
    expect(JSON.stringify(await openapi(key.id))).not.toContain("Connxio-Api-Webhook");
  });
});

describe("contact, license and terms of service", () => {
  const info = {
    contact: { name: "Support" },
    license: { name: "MIT" },
    termsOfService: "https://terms.example",
  };
  const stored = async (id: string) => (await f.run(`{ api(id: "${id}") { info openapi } }`)).api;

  it("are the document's, stay where a document has none, and can be changed and removed", async () => {
    const text = JSON.stringify({
      openapi: "3.1.0",
      info: { title: "T", version: "v1", ...info },
      paths: { "/a": { get: ok } },
    });
    const mapping = { default: integrationId };
    const { api, notes } = await importApi({ document: text, subscriptionId, mapping });
    expect(notes).toEqual([]);
    expect((await stored(api.id)).info).toEqual(info);
    expect(JSON.parse((await stored(api.id)).openapi).info).toMatchObject(info);
    await importApi({ document: document({ "/a": { get: ok } }), apiId: api.id, mapping });
    expect((await stored(api.id)).info).toEqual(info);
    const change = (value: unknown) => f.mutate("updateApi", { id: api.id, info: value }, "api { version }");
    expect((await change({ license: {} })).userErrors).toMatchObject([
      { code: "INVALID", field: ["input", "info", "license", "name"] },
    ]);
    expect((await change({ license: { name: "MIT", logo: "x" } })).userErrors).toMatchObject([
      { code: "INVALID", field: ["input", "info", "license", "logo"] },
    ]);
    expect((await change({ contact: { email: "help@shop.example" } })).userErrors).toEqual([]);
    expect((await stored(api.id)).info).toEqual({ contact: { email: "help@shop.example" } });
    await change(null);
    expect((await stored(api.id)).info).toBeNull();
  });
});
