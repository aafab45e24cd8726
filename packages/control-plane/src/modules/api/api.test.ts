import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Fixture, SETUP_MS_MAX, unknownId } from "../../testing/fixture.js";

let f: Fixture;
let subscriptionId: string;
let integrationId: string;
beforeEach(async () => {
  f = await Fixture.start();
  subscriptionId = await f.subscription();
  integrationId = await f.integration(subscriptionId);
}, SETUP_MS_MAX);
afterEach(() => f[Symbol.asyncDispose]());

const route = (method: string, path: string, more: Record<string, unknown> = {}) => ({
  method,
  path,
  integrationId,
  ...more,
});
const form = (api: { id: string; version: number }, more: Record<string, unknown>) => ({
  id: api.id,
  expectedVersion: api.version,
  title: "Orders API",
  summary: "",
  routes: [],
  ...more,
});
const codes = (payload: { userErrors: { code: string; field: string[] }[] }) =>
  payload.userErrors.map(({ code, field }) => `${code} ${field.slice(1).join(".")}`);

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

describe("the rules of routes", () => {
  const refusals = async (...routes: object[]) =>
    codes(await f.mutate("createApi", { subscriptionId, title: "X", routes }, "api { id }"));

  it("two routes with the same method and the same path but for parameter names are duplicates", async () => {
    expect(await refusals(route("GET", "/a/{x}"), route("POST", "/a/{x}"), route("GET", "/a/{y}/"))).toEqual([
      "DUPLICATE_ROUTE routes.2.path",
    ]);
    expect(await refusals(route("GET", "/%61"), route("GET", "/a"), route("GET", "/A"))).toEqual([
      "DUPLICATE_ROUTE routes.1.path",
    ]);
    expect(await refusals(route("ANY", "/a/{x*}"), route("ANY", "/a/{y*}"))).toEqual([
      "DUPLICATE_ROUTE routes.1.path",
    ]);
  });

  it("a parameter may be a part of its segment; many segments with several that start alike are refused", async () => {
    expect(await refusals(route("GET", "/{id}.json"), route("GET", "/{sid}.json"))).toEqual([
      "DUPLICATE_ROUTE routes.1.path",
    ]);
    const paths = ["/a/{id}.json", "/a/{id}.xml", "/a/{id}", "/b/{x}-{y}", "/report-{year}.csv"];
    const { api } = await f.api(subscriptionId, { routes: paths.map((path) => route("GET", path)) });
    expect(api.routes.map(({ path }: { path: string }) => path)).toEqual(paths);
    const alike = Array.from({ length: 17 }, (_, k) => route("GET", `/{x}${"-".repeat(k + 1)}{y}`));
    expect(await refusals(...alike)).toEqual(["TOO_MANY routes.16.path"]);
  });

  it("a static, a parameter, a rest, ANY and a named method live side by side", async () => {
    const { api } = await f.api(subscriptionId, {
      routes: [route("GET", "/a/b"), route("GET", "/a/{x}"), route("GET", "/a/{x*}"), route("ANY", "/a/{x}")],
    });
    expect(api.routes).toHaveLength(4);
  });

  it("an integration must be there, be of the same subscription, and be one that can be routed to", async () => {
    const other = await f.integration(await f.subscription("Other"));
    const queue = await f.integration(subscriptionId, { inboundKind: "QUEUE", urls: [] });
    expect(
      await refusals(
        route("GET", "/a", { integrationId: unknownId("integration") }),
        route("GET", "/b", { integrationId: other }),
        route("GET", "/c", { integrationId: queue }),
        route("GET", "/d", { integrationId: "" }),
        route("GET", "/e"),
      ),
    ).toEqual([
      "INTEGRATION_UNKNOWN routes.0.integrationId",
      "INTEGRATION_OF_OTHER_SUBSCRIPTION routes.1.integrationId",
      "INTEGRATION_NOT_ROUTABLE routes.2.integrationId",
      "REQUIRED routes.3.integrationId",
    ]);
  });

  it.each(["CONNECT", "TRACE", "get", "PROPFIND", "", "G(E)T"])(
    "the method %j is none that a route can have",
    async (method) => {
      await expect(refusals(route(method, "/a"))).rejects.toThrow("enum");
    },
  );

  it.each([
    "",
    "a",
    "//",
    "/a//b",
    "/a/../b",
    "/{id",
    "/{a}{b}",
    "/{x*}/y",
    "/a?b",
    "/:id",
    "/{i}/{I}",
    "/%zz",
    "/a\\b",
  ])("the path %j is malformed", async (path) => {
    expect(await refusals(route("GET", path))).toEqual(["PATH_MALFORMED routes.0.path"]);
  });

  it("operation ids are unique, made when missing, and given when wanted", async () => {
    const payload = await f.api(subscriptionId, {
      routes: [
        route("GET", "/a/{id}"),
        route("GET", "/a/b", { operationId: "get-a-b" }),
        route("ANY", "/a/id"),
      ],
    });
    const { api } = await f.run("query($id: ID!) { api(id: $id) { routes { operationId } } }", {
      id: payload.api.id,
    });
    const ids = api.routes.map((r: { operationId: string }) => r.operationId);
    expect(new Set(ids).size).toBe(3);
    expect(ids[1]).toBe("get-a-b");
    expect(
      await refusals(route("GET", "/a", { operationId: "x" }), route("GET", "/b", { operationId: "x" })),
    ).toEqual(["INVALID routes.1.operationId"]);
    expect(await refusals(route("GET", "/a", { operationId: "1 2" }))).toEqual([
      "INVALID routes.0.operationId",
    ]);
  });
});

describe("updateApi", () => {
  it("takes the whole form: routes keep their ids by id or by what they match, others come and go", async () => {
    const other = await f.integration(subscriptionId, { name: "Other" });
    const { api } = await f.api(subscriptionId, {
      routes: [route("GET", "/a/{x}"), route("GET", "/b"), route("GET", "/c")],
    });
    const [a, b] = api.routes;
    const payload = await f.mutate(
      "updateApi",
      form(api, {
        title: "New",
        summary: "S",
        routes: [
          { id: b.id, method: "PUT", path: "/b2", integrationId: other },
          route("GET", "/a/{renamed}"),
          route("POST", "/d"),
        ],
      }),
      "api { title summary version routes { id method path integrationId integration { name } api { id } } }",
    );
    expect(payload.api).toMatchObject({
      title: "New",
      summary: "S",
      version: 2,
      routes: [
        {
          id: b.id,
          method: "PUT",
          path: "/b2",
          integrationId: other,
          integration: { name: "Other" },
          api: { id: api.id },
        },
        { id: a.id, path: "/a/{renamed}" },
        { method: "POST", path: "/d" },
      ],
    });
    expect(await f.lastChanges()).toEqual([`upsert api/${api.id}`]);
    expect((await f.resources()).get(`api/${api.id}`)).toMatchObject({
      title: "New",
      routes: [{ pattern: "/b2" }, { pattern: "/a/{renamed}" }, { pattern: "/d" }],
    });
  });

  it("swaps the integrations of two routes, and two paths, without a clash on the way", async () => {
    const { api } = await f.api(subscriptionId, { routes: [route("GET", "/a"), route("GET", "/b")] });
    const [a, b] = api.routes;
    const payload = await f.mutate(
      "updateApi",
      form(api, { routes: [route("GET", "/b", { id: a.id }), route("GET", "/a", { id: b.id })] }),
      "api { routes { id path } }",
    );
    expect(payload.api.routes).toEqual([
      { id: a.id, path: "/b" },
      { id: b.id, path: "/a" },
    ]);
  });

  it("takes a route of another API for a new one", async () => {
    const one = await f.api(subscriptionId, { routes: [route("GET", "/a")] });
    const two = await f.api(subscriptionId, {});
    const payload = await f.mutate(
      "updateApi",
      form(two.api, { routes: [route("GET", "/x", { id: one.api.routes[0].id })] }),
      "api { routes { id } }",
    );
    expect(payload.api.routes[0].id).not.toBe(one.api.routes[0].id);
    expect(
      (
        await f.run("query($id: ID!) { node(id: $id) { ... on Route { path } } }", {
          id: one.api.routes[0].id,
        })
      ).node,
    ).toEqual({ path: "/a" });
  });

  it("refuses a lost update with the version and the object as they are now, and changes nothing", async () => {
    const { api } = await f.api(subscriptionId);
    await f.mutate("updateApi", form(api, { title: "First" }), "api { id }");
    const data = await f.run(
      `mutation($input: UpdateApiInput!) { updateApi(input: $input) { api { id } revision { number }
        userErrors { code field currentVersion current { ... on Api { title version } } } } }`,
      { input: form(api, { title: "Second" }) },
    );
    expect(data.updateApi).toEqual({
      api: null,
      revision: null,
      userErrors: [
        {
          code: "CONFLICT",
          field: ["input", "expectedVersion"],
          currentVersion: 2,
          current: { title: "First", version: 2 },
        },
      ],
    });
  });

  it("one of two simultaneous updates wins, the other conflicts", async () => {
    const { api } = await f.api(subscriptionId);
    const payloads = await Promise.all(
      ["A", "B", "C"].map((title) => f.mutate("updateApi", form(api, { title }), "api { title }")),
    );
    expect(payloads.filter((payload) => payload.api !== null)).toHaveLength(1);
    expect(payloads.flatMap(codes)).toEqual(["CONFLICT expectedVersion", "CONFLICT expectedVersion"]);
  });

  it("makes no revision for a summary alone, and no version for nothing", async () => {
    const { api } = await f.api(subscriptionId);
    const before = await f.revision();
    const summary = await f.mutate("updateApi", form(api, { summary: "words" }), "api { version }");
    expect(summary).toMatchObject({ api: { version: 2 }, revision: { number: before } });
    const nothing = await f.mutate(
      "updateApi",
      form({ ...api, version: 2 }, { summary: "words" }),
      "api { version }",
    );
    expect(nothing).toMatchObject({ api: { version: 2 } });
    expect(await f.revision()).toBe(before);
  });

  it("moves an API to another subscription only together with its routes", async () => {
    const { api } = await f.api(subscriptionId, { routes: [route("GET", "/a")] });
    const target = await f.subscription("Target");
    const targetIntegration = await f.integration(target);
    const refused = await f.mutate(
      "updateApi",
      form(api, { subscriptionId: target, routes: [route("GET", "/a")] }),
      "api { id }",
    );
    expect(codes(refused)).toEqual(["INTEGRATION_OF_OTHER_SUBSCRIPTION routes.0.integrationId"]);
    const moved = await f.mutate(
      "updateApi",
      form(api, {
        subscriptionId: target,
        routes: [route("GET", "/a", { integrationId: targetIntegration })],
      }),
      "api { subscription { name } }",
    );
    expect(moved.api.subscription).toEqual({ name: "Target" });
  });
});

describe("a partial updateApi", () => {
  it("leaves what it does not name as it was, without a version", async () => {
    const { api } = await f.api(subscriptionId, {
      title: "Orders",
      summary: "words",
      bearerRequired: true,
      routes: [route("GET", "/a", { validate: true }), route("POST", "/b")],
    });
    const payload = await f.mutate(
      "updateApi",
      { id: api.id, title: "Renamed" },
      "api { title summary bearerRequired version routes { id method path operationId validate } }",
    );
    expect(payload.api).toMatchObject({
      title: "Renamed",
      summary: "words",
      bearerRequired: true,
      version: 2,
    });
    expect(payload.api.routes.map(({ id }: { id: string }) => id)).toEqual(
      api.routes.map(({ id }: { id: string }) => id),
    );
    expect(payload.api.routes).toMatchObject([
      { method: "GET", path: "/a", validate: true },
      { method: "POST", path: "/b", validate: false },
    ]);
  });

  it("refuses null for what an API cannot be without, and takes it for an empty summary", async () => {
    const { api } = await f.api(subscriptionId, {
      title: "Orders",
      summary: "words",
      bearerRequired: true,
      routes: [route("GET", "/a")],
    });
    const update = (more: object) =>
      f.mutate("updateApi", { id: api.id, ...more }, "api { title summary bearerRequired version }");
    for (const field of [
      "title",
      "routes",
      "subscriptionId",
      "versionLabel",
      "recoverable",
      "bearerRequired",
      "openapiServed",
    ])
      expect(codes(await update({ [field]: null, summary: "not kept" }))).toEqual([`REQUIRED ${field}`]);
    expect((await update({ summary: null })).api).toEqual({
      title: "Orders",
      summary: "",
      bearerRequired: true,
      version: 2,
    });
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

describe("the mutations of one route", () => {
  const ROUTE = "route { id method path operationId validate operation } api { version routes { id path } }";
  const operation = { parameters: [{ name: "id", in: "path", required: true, schema: { type: "integer" } }] };
  const add = (apiId: string, path: string, more: object = {}) =>
    f.mutate("addRoute", { apiId, route: route("GET", path), ...more }, ROUTE);

  it("add at a place or at the end, change what is named, and remove, leaving the others alone", async () => {
    const { api } = await f.api(subscriptionId, { routes: [route("GET", "/a"), route("GET", "/b")] });
    const last = await add(api.id, "/c");
    expect(last.api.routes.map(({ path }: { path: string }) => path)).toEqual(["/a", "/b", "/c"]);
    const first = await add(api.id, "/first/{id}", { position: 0 });
    expect(first.route.path).toBe("/first/{id}");
    expect(first.api.routes.map(({ path }: { path: string }) => path)).toEqual([
      "/first/{id}",
      "/a",
      "/b",
      "/c",
    ]);
    const described = await f.mutate("updateRoute", { id: first.route.id, operation, validate: true }, ROUTE);
    const moved = await f.mutate("updateRoute", { id: first.route.id, path: "/moved/{id}" }, ROUTE);
    expect(moved.route).toEqual({ ...described.route, path: "/moved/{id}" });
    expect(moved.route).toMatchObject({ validate: true, operation, operationId: first.route.operationId });
    const bare = await f.mutate("updateRoute", { id: first.route.id, operation: null }, ROUTE);
    expect(bare.route.operation).toBeNull();
    const removed = await f.mutate(
      "removeRoute",
      { id: first.route.id },
      "removedRouteId api { routes { id path } }",
    );
    expect(removed.removedRouteId).toBe(first.route.id);
    expect(removed.api.routes).toEqual(last.api.routes);
  });

  it("name a mistake at the field of the route's own input", async () => {
    const { api } = await f.api(subscriptionId, { routes: [route("GET", "/a"), route("GET", "/b")] });
    expect(codes(await add(api.id, "/{broken"))).toEqual(["PATH_MALFORMED route.path"]);
    expect(codes(await add(api.id, "/a", { position: 0 }))).toEqual(["DUPLICATE_ROUTE route.path"]);
    expect(codes(await add(unknownId("api"), "/a"))).toEqual(["NOT_FOUND apiId"]);
    const [, second] = api.routes;
    const update = (more: object) => f.mutate("updateRoute", { id: second.id, ...more }, ROUTE);
    expect(codes(await update({ path: "/a" }))).toEqual(["DUPLICATE_ROUTE path"]);
    expect(codes(await update({ integrationId: unknownId("integration") }))).toEqual([
      "INTEGRATION_UNKNOWN integrationId",
    ]);
    expect(codes(await f.mutate("updateRoute", { id: unknownId("route") }, ROUTE))).toEqual(["NOT_FOUND id"]);
    expect(codes(await f.mutate("removeRoute", { id: unknownId("route") }, "api { id }"))).toEqual([
      "NOT_FOUND id",
    ]);
    for (const field of ["method", "path", "integrationId", "operationId", "validate", "responseValidation"])
      expect(codes(await update({ [field]: null }))).toEqual([`REQUIRED ${field}`]);
    await f.mutate("updateRoute", { id: second.id, path: "/c" }, ROUTE);
    expect(codes(await update({ path: "/d", expectedVersion: 1 }))).toEqual(["CONFLICT expectedVersion"]);
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
