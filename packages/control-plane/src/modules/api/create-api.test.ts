/** `createApi`: what it makes, what it refuses, and what nodes get of it. */
import { describe, expect, it } from "vitest";
import { codes, f, integrationId, route, setUpApis, subscriptionId } from "../../testing/api-fixture.js";

setUpApis();

describe("createApi", () => {
  it("creates the API, its routes and a key in one revision, and returns the secret once", async () => {
    const before = await f.revision();
    const { api, key, secret, revision } = await f.api(subscriptionId, {
      title: "Orders",
      summary: "All of them",
      routes: [route("GET", "/orders/{id}/"), route("ANY", "/files/{path*}")],
    });
    expect(secret).toMatch(/^lk_[0-9A-Za-z]{49}$/);
    expect(key.display).toBe(`${secret.slice(0, 9)}…`);
    expect(api).toMatchObject({
      title: "Orders",
      version: 1,
      routes: [
        { method: "GET", path: "/orders/{id}" },
        { method: "ANY", path: "/files/{path*}" },
      ],
    });
    expect(revision.number).toBe(before + 1);
    expect(await f.lastChanges()).toEqual([`upsert api/${api.id}`, `upsert key/${key.id}`]);
    const resources = await f.resources();
    expect(resources.get(`api/${api.id}`)).toMatchObject({
      title: "Orders",
      versionLabel: "v1",
      subscriptionId,
      bearerRequired: false,
      openapiJson: null,
      routes: [
        { id: api.routes[0].id, method: "GET", pattern: "/orders/{id}", integrationId, validate: false },
        { method: "ANY" },
      ],
    });
    expect(resources.get(`key/${key.id}`)).toMatchObject({
      apiId: api.id,
      active: true,
      mode: "header",
      expiresAtMs: 0,
    });
    const everything = JSON.stringify(await f.db.selectFrom("api_key").selectAll().execute());
    expect(everything).not.toContain(secret);
  });

  const order = { type: "object", properties: { total: { $ref: "#/components/schemas/Money" } } };
  const money = { type: "object", properties: { currency: { $ref: "#/components/schemas/Currency" } } };
  const schemas = { Order: order, Money: money, Currency: { enum: ["DKK"] }, Unused: { type: "string" } };
  const operation = {
    summary: "Change an order",
    tags: ["orders"],
    deprecated: true,
    parameters: [
      { name: "id", in: "path", required: true, description: "Number.", schema: { type: "integer" } },
      { name: "tags", in: "query", explode: false, schema: { type: "array", items: { type: "string" } } },
    ],
    requestBody: {
      required: true,
      description: "The order.",
      content: {
        "application/json": { schema: { $ref: "#/components/schemas/Order" }, example: { total: null } },
      },
    },
    responses: {
      "202": { description: "Accepted.", content: { "text/plain": { schema: { type: "string" } } } },
      default: { description: "Anything else." },
    },
  };

  it("keeps an operation with the schemas and tags it shares, word for word", async () => {
    const tags = [{ name: "orders", description: "About orders." }, { name: "other" }];
    const { api } = await f.api(subscriptionId, {
      schemas,
      tags,
      routes: [route("PUT", "/a/{id}", { operation })],
    });
    const read = await f.run(
      `{ api(id: "${api.id}") { schemas tags routes { operation responseValidation } } }`,
    );
    expect(JSON.stringify(read.api)).toBe(
      JSON.stringify({ schemas, tags, routes: [{ operation, responseValidation: "OFF" }] }),
    );
  });

  it("tells nodes only what requests and responses are checked by, with the schemas that it reaches", async () => {
    const { api } = await f.api(subscriptionId, {
      schemas,
      routes: [
        route("PUT", "/a/{id}", { operation, validate: true }),
        route("PUT", "/b/{id}", { operation }),
        route("PUT", "/c/{id}", { operation, responseValidation: "REFUSE" }),
        route("PUT", "/d/{id}", { operation, validate: true, responseValidation: "REPORT" }),
        route("PUT", "/e", { operation: { summary: "Says nothing to check." }, validate: true }),
      ],
    });
    const resource = (await f.resources()).get(`api/${api.id}`);
    if (resource?.kind !== "api") throw new Error("no API");
    const requests = {
      parameters: [
        { name: "id", in: "path", required: true, schema: { type: "integer" } },
        { name: "tags", in: "query", explode: false, schema: { type: "array", items: { type: "string" } } },
      ],
      requestBody: {
        required: true,
        content: { "application/json": { schema: { $ref: "#/components/schemas/Order" } } },
      },
    };
    const responses = {
      "202": { content: { "text/plain": { schema: { type: "string" } } } },
      default: {},
    };
    expect(
      resource.routes.map(({ operation: text, responseValidation }) => [
        text === null ? null : JSON.parse(text),
        responseValidation,
      ]),
    ).toEqual([
      [requests, "off"],
      [null, "off"],
      [{ responses }, "refuse"],
      [{ ...requests, responses }, "report"],
      [null, "off"],
    ]);
    const { Unused: _, ...reached } = schemas;
    expect(JSON.parse(resource.schemas ?? "")).toEqual(reached);
  });

  it("makes no revision for what nodes do not check", async () => {
    const { api } = await f.api(subscriptionId, {
      schemas,
      routes: [route("PUT", "/a/{id}", { operation, validate: true })],
    });
    const before = await f.revision();
    const words = await f.mutate(
      "updateApi",
      {
        id: api.id,
        schemas: { ...schemas, Unused: { type: "integer" } },
        tags: [{ name: "orders" }],
        routes: [route("PUT", "/a/{id}", { operation: { ...operation, summary: "Other words" } })],
      },
      "api { version }",
    );
    expect(words).toMatchObject({ userErrors: [], api: { version: 2 } });
    expect(await f.revision()).toBe(before);
    await f.mutate(
      "updateApi",
      { id: api.id, schemas: { ...schemas, Currency: { enum: ["EUR"] } } },
      "api { id }",
    );
    expect(await f.lastChanges()).toEqual([`upsert api/${api.id}`]);
    expect(await f.revision()).toBe(before + 1);
  });

  it("leaves operations, schemas and tags as they are when a form says nothing of them", async () => {
    const tags = [{ name: "orders" }];
    const { api } = await f.api(subscriptionId, {
      schemas,
      tags,
      routes: [route("PUT", "/a/{id}", { operation, validate: true, responseValidation: "REPORT" })],
    });
    const [stored] = (await f.run(`{ api(id: "${api.id}") { routes { id } } }`)).api.routes;
    const CONTENT = "api { schemas tags routes { path operation validate responseValidation } }";
    const moved = await f.mutate(
      "updateApi",
      { id: api.id, title: "New", routes: [route("POST", "/b/{id}", { id: stored.id }), route("GET", "/c")] },
      CONTENT,
    );
    const kept = { path: "/b/{id}", operation, validate: true, responseValidation: "REPORT" };
    expect(moved.api).toMatchObject({ schemas, tags, routes: [kept, { operation: null }] });
    const copy = await f.mutate("duplicateApi", { id: api.id }, CONTENT);
    expect(copy.api).toEqual(moved.api);
    const emptied = await f.mutate(
      "updateApi",
      { id: api.id, schemas: null, tags: null, routes: [route("POST", "/b/{id}", { operation: null })] },
      CONTENT,
    );
    expect(emptied.api).toMatchObject({ schemas: null, tags: [], routes: [{ operation: null }] });
  });

  it("refuses operations, schemas and tags that are none, each at its place", async () => {
    const before = await f.revision();
    const wrong = [
      { parameters: [{ name: "id", in: "path", schema: { type: "nope" } }] },
      {
        parameters: [
          { name: "a", in: "query", schema: {} },
          { name: "b", in: "query", schema: { pattern: "(?=x)" } },
        ],
      },
      { parameters: [{ name: "a", in: "query", required: "yes", schema: {} }] },
      {
        parameters: [
          { name: "a", in: "query", schema: {} },
          { name: "a", in: "query", schema: {} },
        ],
      },
      { parameters: [{ name: "a", in: "query" }] },
      {
        requestBody: {
          content: { "application/json": { schema: { $ref: "#/components/schemas/Missing" } } },
        },
      },
      {
        responses: { "200": { description: "d", content: { "*/*": { schema: { $ref: "other.yaml#/A" } } } } },
      },
      { responses: { "2xx": { description: "d" } } },
      { operationId: "mine" },
      { security: [] },
      { description: "x".repeat(262_144) },
    ];
    const payload = await f.mutate(
      "createApi",
      {
        subscriptionId,
        title: "Orders",
        schemas: {
          "a b": {},
          Nope: { type: "nope" },
          Gone: { $ref: "#/components/schemas/Missing" },
          Text: "text",
        },
        tags: [{ name: "a" }, { name: "a" }, { description: "nameless" }],
        routes: wrong.map((operation, i) => route("GET", `/${i}`, { operation })),
      },
      "api { id }",
    );
    expect(codes(payload)).toEqual([
      "INVALID schemas.a b",
      "INVALID schemas.Nope",
      "INVALID schemas.Gone.$ref",
      "INVALID schemas.Text",
      "INVALID tags.1.name",
      "INVALID tags.2.name",
      "INVALID routes.0.operation.parameters.0.schema",
      "INVALID routes.1.operation.parameters.1.schema",
      "INVALID routes.2.operation.parameters.0.required",
      "INVALID routes.3.operation.parameters.1",
      "INVALID routes.4.operation.parameters.0",
      "INVALID routes.5.operation.requestBody.content.application/json.schema.$ref",
      "INVALID routes.6.operation.responses.200.content.*/*.schema.$ref",
      "INVALID routes.7.operation.responses.2xx",
      "INVALID routes.8.operation.operationId",
      "INVALID routes.9.operation.security",
      "TOO_LONG routes.10.operation",
    ]);
    expect(await f.revision()).toBe(before);
  });

  it("refuses to take away a schema that a stored operation refers to", async () => {
    const { api } = await f.api(subscriptionId, {
      schemas,
      routes: [route("PUT", "/a/{id}", { operation })],
    });
    const { Order: _, ...others } = schemas;
    const payload = await f.mutate("updateApi", { id: api.id, schemas: others }, "api { id }");
    expect(codes(payload)).toEqual([
      "INVALID routes.0.operation.requestBody.content.application/json.schema.$ref",
    ]);
    expect(payload.userErrors[0].message).toContain('"Order"');
  });

  it("refuses operations of more than 16 MiB together", async () => {
    const operation = { description: "x".repeat(200_000) };
    const routes = Array.from({ length: 84 }, (_, i) => route("GET", `/r/${i}`, { operation }));
    const create = (count: number) =>
      f.mutate("createApi", { subscriptionId, title: "Big", routes: routes.slice(0, count) }, "api { id }");
    expect(codes(await create(83))).toEqual([]);
    expect(codes(await create(84))).toEqual(["TOO_LONG routes"]);
  });

  it("refuses schemas of more than 8 MiB", async () => {
    const payload = await f.mutate(
      "createApi",
      { subscriptionId, title: "Big", schemas: { A: { description: "x".repeat(8 * 1024 * 1024) } } },
      "api { id }",
    );
    expect(codes(payload)).toEqual(["TOO_LONG schemas"]);
  });

  it("takes a reference in an example for data", async () => {
    const operation = {
      requestBody: {
        content: { "application/json": { schema: {}, example: { $ref: "#/components/schemas/Missing" } } },
      },
    };
    const { api } = await f.api(subscriptionId, {
      routes: [route("POST", "/a", { operation, validate: true })],
    });
    expect((await f.resources()).get(`api/${api.id}`)).toMatchObject({ schemas: null });
  });

  it("takes settings for the key that is made along, and blames the right field of it", async () => {
    const made = await f.api(subscriptionId, {
      key: { name: "Hook", mode: "WEBHOOK", rateLimit: { limit: 5, windowSeconds: 60 } },
    });
    expect((await f.resources()).get(`key/${made.key.id}`)).toMatchObject({
      mode: "webhook",
      rateLimit: { limit: 5, windowSeconds: 60, burst: 0 },
    });
    const payload = await f.mutate(
      "createApi",
      { subscriptionId, title: "X", key: { quota: { limit: 0, windowSeconds: 60 } } },
      "api { id } secret",
    );
    expect(payload).toMatchObject({ api: null, secret: null });
    expect(codes(payload)).toEqual(["INVALID key.quota.limit"]);
    expect((await f.run("{ apis { totalCount } }")).apis.totalCount).toBe(1);
  });

  it.each([
    [{ title: "" }, ["REQUIRED title"]],
    [{ title: "x".repeat(201) }, ["TOO_LONG title"]],
    [{ summary: "x".repeat(10_001) }, ["TOO_LONG summary"]],
    [{ versionLabel: "version one" }, ["INVALID versionLabel"]],
    [{ subscriptionId: "sub_000000000000000000000000" }, ["NOT_FOUND subscriptionId"]],
  ])("refuses %j", async (more, expected) => {
    const payload = await f.mutate("createApi", { subscriptionId, title: "Orders", ...more }, "api { id }");
    expect(codes(payload)).toEqual(expected);
    expect(payload.api).toBeNull();
  });

  it("takes 200 characters of title, 10,000 of summary with line breaks, and 5,000 routes, but no more", async () => {
    const routes = Array.from({ length: 5000 }, (_, i) => route("GET", `/r/${i}`));
    const { api } = await f.api(subscriptionId, {
      title: "t".repeat(200),
      summary: "s\n".repeat(5_000).trimEnd(),
      routes,
    });
    expect(api.routes).toHaveLength(5000);
    const payload = await f.mutate(
      "createApi",
      { subscriptionId, title: "X", routes: [...routes, route("GET", "/more")] },
      "api { id }",
    );
    expect(codes(payload)).toEqual(["TOO_MANY routes"]);
  });
});
