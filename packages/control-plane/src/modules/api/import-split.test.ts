/** One document that becomes several APIs. */
import { describe, expect, it } from "vitest";
import { f, integrationId, subscriptionId } from "../../testing/api-fixture.js";
import { document, ok, setUpImports } from "../../testing/import-fixture.js";

setUpImports();

describe("a document that is split", () => {
  const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
  const get = (tag: string | null, schema: string) => ({
    ...(tag === null ? {} : { tags: [tag] }),
    responses: { 200: { description: "ok", content: { "application/json": { schema: ref(schema) } } } },
  });
  const petStore = document(
    {
      "/v1/pets": { get: get("Pets", "Pet") },
      "/v1/pets/{id}": { get: get("Pets", "Pet"), post: get("Shop", "Order") },
      "/v1/orders": { get: get("Shop", "Order") },
      "/v1/{any}": { get: get(null, "Order") },
    },
    {
      tags: [{ name: "Pets", description: "All pets." }, { name: "Shop" }],
      components: {
        schemas: {
          Pet: { type: "object", properties: { owner: ref("Owner") } },
          Owner: { type: "object" },
          Order: { type: "object" },
          Unused: { type: "object" },
        },
      },
    },
  );
  const SELECTION =
    "apis { title routeCount secret key { id } api { id schemas tags routes { method path } } } api { id } dryRun routes { fate path }";
  const split = (by: string, more: Record<string, unknown> = {}) =>
    f.mutate(
      "importOpenApi",
      { document: petStore, subscriptionId, mapping: { default: integrationId }, split: by, ...more },
      SELECTION,
    );
  const paths = (payload: { apis: { api: { routes: { method: string; path: string }[] } }[] }) =>
    payload.apis.map(({ api }) => api.routes.map(({ method, path }) => `${method} ${path}`));

  it("becomes an API for each tag, with a key, and the schemas and tags that it uses", async () => {
    const payload = await split("TAG");
    expect(payload.userErrors).toEqual([]);
    expect(payload.apis.map(({ title }: { title: string }) => title)).toEqual([
      "Shop: Pets",
      "Shop: Shop",
      "Shop: Other",
    ]);
    expect(paths(payload)).toEqual([
      ["GET /v1/pets", "GET /v1/pets/{id}"],
      ["POST /v1/pets/{id}", "GET /v1/orders"],
      ["GET /v1/{any}"],
    ]);
    const [pets, shop] = payload.apis;
    expect(Object.keys(pets.api.schemas).sort()).toEqual(["Owner", "Pet"]);
    expect(pets.api.tags).toEqual([{ name: "Pets", description: "All pets." }]);
    expect(Object.keys(shop.api.schemas)).toEqual(["Order"]);
    expect(payload.api.id).toBe(pets.api.id);
    expect(new Set(payload.apis.map(({ secret }: { secret: string }) => secret)).size).toBe(3);
  });

  it("becomes an API for each segment in which the paths differ", async () => {
    const payload = await split("PATH");
    expect(payload.apis).toMatchObject([
      { title: "Shop: pets", routeCount: 3 },
      { title: "Shop: orders", routeCount: 1 },
      { title: "Shop: Other", routeCount: 1 },
    ]);
  });

  it("shows the APIs in a dry run, and makes none", async () => {
    const before = (await f.run("{ apis { totalCount } }")).apis.totalCount;
    const payload = await split("TAG", { dryRun: true });
    expect(payload).toMatchObject({
      api: null,
      dryRun: true,
      apis: [
        { title: "Shop: Pets", routeCount: 2, api: null, key: null, secret: null },
        { title: "Shop: Shop", routeCount: 2 },
        { title: "Shop: Other", routeCount: 1 },
      ],
    });
    expect(payload.routes).toHaveLength(5);
    expect((await f.run("{ apis { totalCount } }")).apis.totalCount).toBe(before);
  });

  it("makes all APIs or none, new ones only, and the same ones when the request is repeated", async () => {
    const { api } = await f.api(subscriptionId);
    const known = (await f.run("{ apis { totalCount } }")).apis.totalCount;
    expect((await split("TAG", { apiId: api.id })).userErrors).toMatchObject([
      { code: "INVALID", field: ["input", "split"] },
    ]);
    const many = document(Object.fromEntries(Array.from({ length: 101 }, (_, k) => [`/p${k}`, { get: ok }])));
    expect((await split("PATH", { document: many })).userErrors).toMatchObject([
      { code: "TOO_MANY", field: ["input", "split"] },
    ]);
    expect((await f.run("{ apis { totalCount } }")).apis.totalCount).toBe(known);
    const send = async () =>
      (
        await f.raw(
          "mutation ($input: ImportOpenApiInput!) { importOpenApi(input: $input) { apis { api { id } } userErrors { message } } }",
          {
            input: { document: petStore, subscriptionId, mapping: { default: integrationId }, split: "TAG" },
          },
          "import-1",
        )
      ).data.importOpenApi;
    const first = await send();
    expect(first.apis).toHaveLength(3);
    expect(await send()).toEqual(first);
    expect((await f.run("{ apis { totalCount } }")).apis.totalCount).toBe(known + 3);
  });
});
