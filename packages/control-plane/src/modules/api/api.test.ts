/** Lists of APIs, copies, deletion, and the size of an API's schemas together. */
import { describe, expect, it } from "vitest";
import { codes, f, integrationId, route, setUpApis, subscriptionId } from "../../testing/api-fixture.js";
import { unknownId } from "../../testing/fixture.js";

setUpApis();

describe("schemas that are small each and too large together", () => {
  const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
  const fields = Object.fromEntries(Array.from({ length: 200 }, (_, k) => [`f${k}`, { type: "string" }]));
  const names = Array.from({ length: 40 }, (_, k) => `Part${k}`);
  const schemas = {
    ...Object.fromEntries(names.map((name) => [name, { type: "object", properties: fields }])),
    All: { type: "object", properties: Object.fromEntries(names.map((name) => [name, ref(name)])) },
  };
  const content = { "application/json": { schema: ref("All") } };
  const operation = { requestBody: { content }, responses: { "200": { description: "ok", content } } };
  const at = (part: string) => `routes.0.operation.${part}.content.application/json.schema`;

  it("are refused where a route's requests or responses are to be checked against them", {
    timeout: 60_000,
  }, async () => {
    const create = (more: object) =>
      f.mutate(
        "createApi",
        { subscriptionId, title: "Large", schemas, routes: [route("POST", "/all", { operation, ...more })] },
        "api { id routes { id } }",
      );
    expect(codes(await create({ validate: true }))).toEqual([`INVALID ${at("requestBody")}`]);
    expect(codes(await create({ responseValidation: "REFUSE" }))).toEqual([`INVALID ${at("responses.200")}`]);
    const { api, userErrors } = await create({});
    expect(userErrors).toEqual([]);
    const on = await f.mutate("updateRoute", { id: api.routes[0].id, validate: true }, "route { id }");
    expect(codes(on)).toEqual([expect.stringMatching(/^INVALID .*requestBody/)]);
    const rest = await f.mutate("updateApi", { id: api.id, title: "Larger" }, "api { title }");
    expect(rest).toMatchObject({ api: { title: "Larger" }, userErrors: [] });
  });

  it("are refused where a change of the shared schemas makes them so", { timeout: 60_000 }, async () => {
    const { api } = await f.api(subscriptionId, {
      schemas: { All: { type: "object" } },
      routes: [route("POST", "/all", { operation, validate: true })],
    });
    const refused = await f.mutate("updateApi", { id: api.id, schemas }, "api { id }");
    expect(codes(refused)).toEqual([`INVALID ${at("requestBody")}`]);
  });
});

describe("duplicateApi", () => {
  it("creates an API with the same routes and options and a key of its own", async () => {
    const { api, key } = await f.api(subscriptionId, {
      title: "Orders",
      summary: "words",
      openapiServed: true,
      routes: [route("GET", "/a", { operationId: "list-a", validate: true })],
    });
    const copy = await f.mutate(
      "duplicateApi",
      { id: api.id, key: { name: "Partner" } },
      "api { id title summary openapiServed routes { id method path operationId validate } } key { id name } secret",
    );
    expect(copy.api).toMatchObject({
      title: "Orders (copy)",
      summary: "words",
      openapiServed: true,
      routes: [{ method: "GET", path: "/a", operationId: "list-a", validate: true }],
    });
    expect(copy.api.id).not.toBe(api.id);
    expect(copy.api.routes[0].id).not.toBe(api.routes[0].id);
    expect(copy.key.id).not.toBe(key.id);
    expect(copy.key.name).toBe("Partner");
    expect(copy.secret).toMatch(/^lk_/);
  });

  it("cuts the original's title to fit, and refuses an API that does not exist", async () => {
    const { api } = await f.api(subscriptionId, { title: "x".repeat(200) });
    const copy = await f.mutate("duplicateApi", { id: api.id }, "api { title }");
    expect(copy.api.title).toBe(`${"x".repeat(193)} (copy)`);
    const unknown = await f.mutate("duplicateApi", { id: unknownId("api") }, "api { id }");
    expect(codes(unknown)).toEqual(["NOT_FOUND id"]);
  });

  it("makes one copy of a request repeated with its Idempotency-Key, also after the original changed", async () => {
    const { api } = await f.api(subscriptionId, { title: "Orders" });
    const query =
      "mutation($input: DuplicateApiInput!) { duplicateApi(input: $input) { api { id } userErrors { code } } }";
    const first = await f.raw(query, { input: { id: api.id } }, "once");
    await f.mutate("updateApi", { id: api.id, title: "Renamed" }, "api { id }");
    const second = await f.raw(query, { input: { id: api.id } }, "once");
    expect(second.data).toEqual(first.data);
    const other = await f.raw(query, { input: { id: api.id, title: "Other" } }, "once");
    expect(other.data.duplicateApi.userErrors).toEqual([{ code: "IDEMPOTENCY_KEY_REUSED" }]);
  });
});

describe("deleteApi", () => {
  it("takes routes and keys along, as a revocation", async () => {
    const { api, key } = await f.api(subscriptionId, { routes: [route("GET", "/a")] });
    const stale = await f.mutate("deleteApi", { id: api.id, expectedVersion: 9 }, "deletedApiId");
    expect(codes(stale)).toEqual(["CONFLICT expectedVersion"]);
    const payload = await f.mutate("deleteApi", { id: api.id }, "deletedApiId");
    expect(payload).toMatchObject({ deletedApiId: api.id, userErrors: [] });
    expect(await f.lastChanges()).toEqual([`remove key/${key.id} !`, `remove api/${api.id} !`]);
    expect([...(await f.resources()).keys()]).toEqual([`integration/${integrationId}`]);
    const gone = await f.run("query($a: ID!, $k: ID!) { api(id: $a) { id } apiKey(id: $k) { id } }", {
      a: api.id,
      k: key.id,
    });
    expect(gone).toEqual({ api: null, apiKey: null });
    expect(codes(await f.mutate("deleteApi", { id: api.id }, "deletedApiId"))).toEqual(["NOT_FOUND id"]);
  });
});

describe("listing APIs", () => {
  it("searches title, summary and paths, and filters by subscription and integration", async () => {
    const other = await f.subscription("Other");
    await f.api(subscriptionId, {
      title: "Alpha",
      summary: "Handles Invoices",
      routes: [route("GET", "/things/{id}")],
    });
    await f.api(subscriptionId, { title: "Beta" });
    await f.api(other, { title: "Gamma things" });
    const titles = async (args: string) =>
      (await f.run(`{ apis(${args}) { nodes { title } } }`)).apis.nodes.map(
        (n: { title: string }) => n.title,
      );
    expect(await titles('filter: {search: "INVOICES"}')).toEqual(["Alpha"]);
    expect(await titles('filter: {search: "things"}')).toEqual(["Alpha", "Gamma things"]);
    expect(await titles('filter: {search: "/things/ alpha"}')).toEqual(["Alpha"]);
    expect(await titles(`filter: {subscriptionId: "${other}"}`)).toEqual(["Gamma things"]);
    expect(await titles(`filter: {integrationId: "${integrationId}"}`)).toEqual(["Alpha"]);
    expect(await titles("orderBy: {field: TITLE, direction: DESC}, first: 2")).toEqual([
      "Gamma things",
      "Beta",
    ]);
  });

  it("finds paths as people type them, and ß by ss", async () => {
    await f.api(subscriptionId, { title: "Straße", routes: [route("GET", "/blåbær/{id}")] });
    const count = async (search: string) =>
      (await f.run("query($s: String) { apis(filter: {search: $s}) { totalCount } }", { s: search })).apis
        .totalCount;
    for (const search of ["blåbær", "/blåbær", "BLÅBÆR", "bl%C3%A5b", "STRASSE", "strasse"])
      expect([search, await count(search)]).toEqual([search, 1]);
  });

  it("reads a page of APIs with routes, integrations and subscriptions in a few queries", async () => {
    for (let i = 0; i < 20; i++)
      await f.api(subscriptionId, { title: `API ${i}`, routes: [route("GET", "/a"), route("GET", "/b")] });
    const queries: string[] = [];
    const db = f.db as unknown as { getExecutor(): { executeQuery(q: { sql: string }): unknown } };
    const executor = db.getExecutor();
    const original = executor.executeQuery;
    executor.executeQuery = function (this: unknown, query: { sql: string }, ...rest: unknown[]) {
      queries.push(query.sql);
      return original.call(this as never, query, ...(rest as []));
    } as never;
    const data = await f.run(
      "{ apis(first: 20) { nodes { routeCount subscription { name } routes { integration { name } api { title } } } } }",
    );
    expect(data.apis.nodes).toHaveLength(20);
    expect(queries.length).toBeGreaterThan(0);
    expect(queries.length).toBeLessThanOrEqual(6);
  });
});
