import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { compileValidator, type OperationSchemas } from "@latchkey/validation";
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
    "api { id title summary version versionLabel routes { id method path integrationId operationId validate operation } } key { id } secret dryRun integrations { id name } routes { method path fate integrationId } notes { severity code pointer message } noteGroups { severity code title count examples { pointer } }",
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

describe("operations in importOpenApi", () => {
  const order = { type: "object", required: ["sku"], properties: { sku: { type: "string" } } };
  const body = (type: string, more: object) => ({ content: { [type]: more } });
  const described = {
    summary: "Place an order",
    deprecated: true,
    requestBody: { ...body("application/json", { schema: { $ref: "#/components/schemas/Order" } }) },
    responses: {
      202: {
        description: "Accepted.",
        ...body("application/json", { schema: { type: "array", items: {} } }),
      },
    },
  };
  const components = { components: { schemas: { Order: order } } };
  let empty: string;
  beforeEach(async () => {
    empty = await f.integration(subscriptionId, { name: "Empty" });
  });
  const importInto = (paths: Record<string, unknown>, more: Record<string, unknown> = {}) =>
    importApi({
      document: document(paths, components),
      subscriptionId,
      mapping: { default: empty },
      ...more,
    });
  const stored = async (id: string) =>
    (
      await f.run(
        `{ api(id: "${id}") { version schemas tags routes { id path operation validate operationId integrationId } } }`,
      )
    ).api;

  it("belong to routes, with the schemas they share; integrations stay as they are", async () => {
    const before = await f.run(`{ integration(id: "${empty}") { version requestSchema } }`);
    const payload = await importInto({ "/a": { post: described } });
    expect(payload.userErrors).toEqual([]);
    expect(payload.integrations).toEqual([]);
    expect(await stored(payload.api.id)).toMatchObject({
      schemas: { Order: order },
      routes: [{ path: "/a", operation: described }],
    });
    expect(await f.run(`{ integration(id: "${empty}") { version requestSchema } }`)).toEqual(before);
  });

  it("are checked without a schema that is too large with all it refers to, and the import says so", async () => {
    const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
    const properties = Object.fromEntries(
      Array.from({ length: 200 }, (_, k) => [`f${k}`, { type: "string" }]),
    );
    const parts = Array.from({ length: 40 }, (_, k) => `Part${k}`);
    const schemas = {
      ...Object.fromEntries(parts.map((name) => [name, { type: "object", properties }])),
      All: { type: "object", properties: Object.fromEntries(parts.map((name) => [name, ref(name)])) },
    };
    const post = {
      parameters: [{ name: "limit", in: "query", schema: { type: "integer" } }],
      requestBody: body("application/json", { schema: ref("All") }),
      responses: { 200: { description: "ok" } },
    };
    const payload = await importApi({
      document: document({ "/all": { post } }, { components: { schemas } }),
      subscriptionId,
      mapping: { default: empty },
      validate: "ON",
    });
    expect(payload).toMatchObject({ userErrors: [], api: { id: expect.any(String) } });
    expect(payload.notes).toContainEqual(
      expect.objectContaining({
        severity: "BEHAVIOR",
        code: "schema.too_large_to_check",
        message: expect.stringContaining("POST /all"),
      }),
    );
    const resource = (await f.resources()).get(`api/${payload.api.id}`);
    if (resource?.kind !== "api") throw new Error("no API");
    // As a node compiles it.
    const operation = JSON.parse(resource.routes[0]?.operation ?? "") as OperationSchemas;
    const shared = JSON.parse(resource.schemas ?? "{}") as Record<string, unknown>;
    const compiled = compileValidator({ ...operation, schemas: shared });
    expect(compiled).toMatchObject({ ok: true });
    expect(operation.parameters).toMatchObject([{ name: "limit", schema: { type: "integer" } }]);
  });

  it("keep the route's check of requests, operation id and integration when a document is imported again", async () => {
    const other = await f.integration(subscriptionId, { name: "Other" });
    const { api } = await importInto({ "/a": { post: { ...described, operationId: "first" } } });
    const [route] = (await stored(api.id)).routes;
    await f.mutate("updateRoute", { id: route.id, validate: true, integrationId: other }, "route { id }");
    const again = await importInto(
      { "/a": { post: { ...described, operationId: "second", summary: "Other words" } } },
      { apiId: api.id },
    );
    expect(fates(again)).toEqual(["changed POST /a"]);
    expect((await stored(api.id)).routes).toMatchObject([
      {
        id: route.id,
        validate: true,
        operationId: "first",
        integrationId: other,
        operation: { summary: "Other words" },
      },
    ]);
    const same = await importInto(
      { "/a": { post: { ...described, operationId: "second", summary: "Other words" } } },
      { apiId: api.id },
    );
    expect(fates(same)).toEqual(["unchanged POST /a"]);
  });

  it("are checked, or not, where the import says so", async () => {
    const paths = { "/a": { post: described }, "/b": { post: described } };
    const { api } = await importInto(paths, { validate: "ON" });
    const validated = async () =>
      (await stored(api.id)).routes.map(({ validate }: { validate: boolean }) => validate);
    expect(await validated()).toEqual([true, true]);
    await importInto({ "/a": { post: described } }, { apiId: api.id, validate: "OFF" });
    expect(await validated()).toEqual([false, true]);
    const added = await importInto({ ...paths, "/c": { post: described } }, { apiId: api.id });
    expect(added.userErrors).toEqual([]);
    expect(await validated()).toEqual([false, true, false]);
  });

  it("that were not read do not count as absent", async () => {
    const paths = {
      "/a": { get: described, put: described },
      "/b": { get: described },
      "/c": { get: described },
    };
    const { api } = await importInto(paths);
    const broken = { "/a": { get: described, put: null }, "/b": null };
    const dry = await importInto(broken, { apiId: api.id, replace: true, dryRun: true });
    expect(fates(dry).sort()).toEqual(["kept GET /b", "kept PUT /a", "removed GET /c", "unchanged GET /a"]);
    expect(
      dry.notes
        .filter(({ code }: { code: string }) => code === "route.spared")
        .map((note: { message: string }) => note.message),
    ).toEqual([expect.stringContaining("PUT /a"), expect.stringContaining("GET /b")]);
    expect((await stored(api.id)).routes).toHaveLength(4);
    await importInto(broken, { apiId: api.id, replace: true });
    expect((await stored(api.id)).routes).toHaveLength(3);
  });

  it("keep the schemas and tags of routes that stay, and say which of them become the document's", async () => {
    const { api } = await importInto({ "/a": { post: described } });
    const changed = { type: "object", properties: { sku: { type: "integer" } } };
    const next = (replace: boolean) =>
      importApi({
        apiId: api.id,
        document: document({ "/b": { post: described } }, { components: { schemas: { Order: changed } } }),
        mapping: { default: empty },
        replace,
      });
    const added = await next(false);
    expect(added.notes).toContainEqual(
      expect.objectContaining({
        severity: "BEHAVIOR",
        code: "schema.replaced",
        pointer: "/components/schemas/Order",
      }),
    );
    expect((await stored(api.id)).schemas).toEqual({ Order: changed });
    const other = await importApi({
      apiId: api.id,
      document: document({ "/c": { get: ok } }),
      mapping: { default: empty },
    });
    expect(other.userErrors).toEqual([]);
    expect((await stored(api.id)).schemas).toEqual({ Order: changed });
    await importApi({
      apiId: api.id,
      document: document({ "/c": { get: ok } }),
      mapping: { default: empty },
      replace: true,
    });
    expect(await stored(api.id)).toMatchObject({ schemas: null, routes: [{ path: "/c" }] });
  });

  it("leave out a pattern that requests cannot be held to, and say where it is", async () => {
    const paths = {
      "/a/{id}": {
        post: {
          ...described,
          parameters: [
            { name: "id", in: "path", required: true, schema: { type: "string", pattern: "^(?=a)" } },
          ],
          requestBody: {
            required: true,
            ...body("application/json", { schema: { type: "string", pattern: "(a)\\1" } }),
          },
        },
      },
    };
    const payload = await importInto(paths);
    expect(payload.userErrors).toEqual([]);
    expect(
      payload.notes.filter(({ code }: { code: string }) => code === "schema.pattern_dropped"),
    ).toMatchObject([
      { pointer: "/paths/~1a~1{id}/post/parameters/0/schema/pattern" },
      { pointer: "/paths/~1a~1{id}/post/requestBody/content/application~1json/schema/pattern" },
    ]);
    expect(payload.notes.some(({ code }: { code: string }) => code === "schema.unusable")).toBe(false);
    expect(payload.api.routes).toMatchObject([
      {
        operation: {
          requestBody: { content: { "application/json": { schema: { type: "string" } } } },
        },
      },
    ]);
  });

  it("survive export, import and export, in both versions and formats, with validation and parameters", {
    timeout: 120_000,
  }, async () => {
    const full = await f.integration(subscriptionId, {
      name: "Full",
      requestSchema: JSON.stringify({
        $defs: { sku: { type: "string", pattern: "^[A-Z]-[0-9]+$" } },
        type: "object",
        properties: {
          sku: { $ref: "#/$defs/sku" },
          note: { type: ["string", "null"] },
          kind: { const: "x" },
        },
        required: ["sku"],
      }),
      responseSchema: '{"type":"array","items":{"type":"integer"}}',
      requestContentTypes: ["application/json", "application/vnd.acme+json"],
      examples: [
        { name: "One", direction: "REQUEST", value: '{"sku":"A-1"}' },
        { name: "Two", direction: "RESPONSE", value: "[1,2]" },
      ],
    });
    const operation = {
      parameters: [
        {
          name: "id",
          in: "path",
          required: true,
          description: "Number.",
          schema: { type: "integer", minimum: 1 },
        },
        { name: "state", in: "query", required: true, schema: { enum: ["open", "closed"] } },
        { name: "tag", in: "query", schema: { type: "array", items: { type: "string" } } },
      ],
    };
    const { api } = await f.api(subscriptionId, {
      routes: [
        { method: "POST", path: "/orders/{id}", integrationId: full, validate: true, operation },
        { method: "ANY", path: "/files/{path*}", integrationId: full },
      ],
    });
    for (const version of ["V3_0", "V3_1"]) {
      for (const format of ["JSON", "YAML"]) {
        const exported = async (id: string) =>
          (
            await f.run(
              `query($id: ID!) { api(id: $id) { openapi(version: ${version}, format: ${format}) } }`,
              { id },
            )
          ).api.openapi as string;
        const first = await exported(api.id);
        const elsewhere = await f.subscription(`Elsewhere ${version} ${format}`);
        await f.integration(elsewhere, { name: "Full" });
        const copy = await importApi({ subscriptionId: elsewhere, document: first });
        expect(copy.userErrors).toEqual([]);
        expect(copy.notes).toEqual([]);
        expect(await exported(copy.api.id)).toBe(first);
        const again = await importApi({ apiId: copy.api.id, document: first, replace: true });
        expect([again.notes, again.integrations]).toEqual([[], []]);
        expect(new Set(fates(again).map((fate) => fate.split(" ")[0]))).toEqual(new Set(["unchanged"]));
      }
    }
  });
});

describe("integrations made of servers", () => {
  const pets = {
    "/pets/{petId}": {
      get: {
        ...ok,
        parameters: [{ name: "petId", in: "path", required: true, schema: { type: "integer" } }],
      },
      delete: {
        ...ok,
        parameters: [{ name: "petId", in: "path", required: true, schema: { type: "integer" } }],
      },
    },
    "/pets": { get: { ...ok, security: [] } },
    "/status": { get: { ...ok, servers: [{ url: "https://status.example/" }] } },
  };
  const more = {
    servers: [
      { url: "https://{region}.pets.example/api/v3/", variables: { region: { default: "eu" } } },
      { url: "https://test.pets.example/api/v3" },
    ],
    security: [{ token: [] }],
    components: { securitySchemes: { token: { type: "oauth2", flows: {} } } },
  };
  const importPets = (input: Record<string, unknown> = {}) =>
    importApi({ document: document(pets, more), subscriptionId, integrations: "FROM_SERVERS", ...input });
  const routesOf = async (id: string) =>
    (await f.run(`{ api(id: "${id}") { routes { method path integration { id name urls method } } } }`)).api
      .routes;

  it("are one for each URL of server and path, which a dry run shows", async () => {
    const dry = await importPets({ dryRun: true });
    expect(dry.userErrors).toEqual([]);
    const names = ["Shop /api/v3/pets/{petId}", "Shop /api/v3/pets", "Shop /status"];
    expect(dry.integrations.map(({ name }: { name: string }) => name)).toEqual(names);
    expect((await f.run("{ integrations { totalCount } }")).integrations.totalCount).toBe(1);

    const { api, userErrors } = await importPets();
    expect(userErrors).toEqual([]);
    // Operations without a summary show the integration's name.
    const { openapi } = (await f.run(`{ api(id: "${api.id}") { openapi } }`)).api;
    expect(openapi).not.toMatch(/(?:pets|status)\.example/);
    const routes = await routesOf(api.id);
    expect(
      routes.map((r: { method: string; path: string; integration: { urls: string[]; method: string } }) => [
        r.method,
        r.path,
        ...r.integration.urls,
        r.integration.method,
      ]),
    ).toEqual([
      ["GET", "/api/v3/pets/{petId}", "https://eu.pets.example/api/v3/pets/{petId}", "AS_RECEIVED"],
      ["DELETE", "/api/v3/pets/{petId}", "https://eu.pets.example/api/v3/pets/{petId}", "AS_RECEIVED"],
      ["GET", "/api/v3/pets", "https://eu.pets.example/api/v3/pets", "AS_RECEIVED"],
      ["GET", "/api/v3/status", "https://status.example/status", "AS_RECEIVED"],
    ]);
    expect((await f.run("{ integrations { totalCount } }")).integrations.totalCount).toBe(4);
  });

  it("are used again when the document is imported again, into the API or a new one", async () => {
    const { api } = await importPets();
    const before = await f.revision();
    const again = await importPets({ apiId: api.id });
    expect([again.userErrors, again.integrations]).toEqual([[], []]);
    expect(new Set(fates(again).map((fate) => fate.split(" ")[0]))).toEqual(new Set(["unchanged"]));
    expect(await f.revision()).toBe(before);
    const copy = await importPets({ title: "Copy" });
    expect(copy.integrations).toEqual([]);
    expect(await routesOf(copy.api.id)).toEqual(await routesOf(api.id));
  });

  it("say which servers are not used and which credentials are wanted", async () => {
    const { notes, noteGroups } = await importPets({ dryRun: true });
    const texts = (code: string) =>
      notes
        .filter((note: { code: string }) => note.code === code)
        .map(({ pointer, message }: { pointer: string; message: string }) => `${pointer} ${message}`);
    expect(texts("server.first_used")).toEqual([
      "/servers Requests go to the first server, https://eu.pets.example/api/v3; another one is not used.",
    ]);
    expect(texts("server.credential_wanted")).toEqual([
      "/components/securitySchemes/token The servers want an OAuth 2.0 token for 3 routes; the integrations send what the client sends.",
    ]);
    expect(texts("servers.replaced")).toEqual([]);
    expect(noteGroups[0]).toMatchObject({ severity: "BEHAVIOR", count: 1 });
  });

  it("take another server and prefix where the import names them", async () => {
    const { api, userErrors } = await importPets({ serverUrl: "https://mine.example/pets", pathPrefix: "" });
    expect(userErrors).toEqual([]);
    expect((await routesOf(api.id))[0]).toMatchObject({
      path: "/pets/{petId}",
      integration: { urls: ["https://mine.example/pets/pets/{petId}"] },
    });
    // The routes have no prefix, so the document gets none either.
    const again = await importPets({ apiId: api.id });
    expect(new Set(fates(again).map((fate) => fate.split(" ")[0]))).toEqual(new Set(["unchanged"]));
  });

  it("need a server with an address, and give way to mapped integrations", async () => {
    const relative = { document: document(pets, { servers: [{ url: "/v1" }] }) };
    const without = await importPets(relative);
    expect(without.userErrors).toMatchObject([{ code: "IMPORT_FAILED", field: ["input", "document"] }]);
    expect(without.notes[0]).toMatchObject({ severity: "ERROR", code: "server.missing" });
    const mapped = await importPets({ ...relative, mapping: { default: integrationId } });
    expect([mapped.userErrors, mapped.integrations]).toEqual([[], []]);
    expect((await routesOf(mapped.api.id))[0].path).toBe("/v1/pets/{petId}");
  });

  it("are refused where an address must not be reached, and nothing is changed", async () => {
    const payload = await importPets({ serverUrl: "http://169.254.169.254" });
    expect(payload.userErrors).toMatchObject([{ code: "URL_ADDRESS_REFUSED", field: ["input", "document"] }]);
    expect((await f.run("{ apis { totalCount } integrations { totalCount } }")).apis.totalCount).toBe(0);
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
      "changed GET /c",
      "removed GET /b",
    ]);
    const payload = await importApi(input);
    expect(payload.userErrors).toEqual([]);
    expect(fates(payload)).toEqual(["changed GET /a/{y}", "kept GET /b", "changed GET /c", "added GET /d"]);
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
      expect(new Set(fates(again).map((fate) => fate.split(" ")[0]))).not.toContain("added");
      expect(again.api).toBeNull();
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
        expect.objectContaining({
          severity: "DOCUMENTATION",
          code: "no_counterpart",
          pointer: "/externalDocs",
        }),
      ]),
    );
  });

  it.each([
    ["no document", { document: "nonsense" }, "IMPORT_FAILED", ["input", "document"]],
    ["Swagger 1", { document: '{"swagger":"1.2","paths":{}}' }, "IMPORT_FAILED", ["input", "document"]],
    [
      "a prefix with a parameter",
      { document: document({}), pathPrefix: "/{tenant}" },
      "INVALID",
      ["input", "pathPrefix"],
    ],
    [
      "a server without a scheme",
      { document: document({}), integrations: "FROM_SERVERS", serverUrl: "pets.example" },
      "INVALID",
      ["input", "serverUrl"],
    ],
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

  it("responds to others while it reads a big document", { timeout: 60_000 }, async () => {
    const path = createRequire(import.meta.url).resolve("@blockfrost/openapi/openapi.yaml");
    const order: string[] = [];
    const importing = importApi({
      document: readFileSync(path, "utf8"),
      subscriptionId,
      mapping: { default: integrationId },
      dryRun: true,
    }).then((payload) => {
      order.push("imported");
      return payload;
    });
    for (let i = 0; i < 5; i++) await f.run("{ apis { totalCount } }");
    order.push("responded");
    expect((await importing).userErrors).toEqual([]);
    expect(order).toEqual(["responded", "imported"]);
  });

  it("says so when a document takes too long, and changes nothing", async () => {
    await using hasty = await Fixture.start({ threadLimits: { cpuMsMax: 1 } });
    const payload = await hasty.mutate(
      "importOpenApi",
      { subscriptionId: await hasty.subscription(), document: document({}) },
      "api { id } notes { severity code pointer message }",
    );
    expect(payload.userErrors).toMatchObject([{ code: "IMPORT_FAILED", field: ["input", "document"] }]);
    expect(payload.notes).toMatchObject([{ severity: "ERROR", code: "document.too_slow", pointer: "" }]);
  });

  it("shows routes in a dry run before anything says which integrations serve them", async () => {
    const { api } = await f.api(subscriptionId, {
      routes: [route("GET", "/a", { operation: { summary: "Old", tags: ["x"] } }), route("GET", "/old/gone")],
    });
    const payload = await f.mutate(
      "importOpenApi",
      {
        apiId: api.id,
        document: document(
          {
            "/a": { get: { ...ok, summary: "Read", tags: ["reads"] } },
            "/b": { post: ok },
            "/{a}{b}": { get: { ...ok, operationId: "lost" } },
          },
          { servers: [{ url: "https://shop.example" }] },
        ),
        replace: true,
        dryRun: true,
      },
      "documentTitle routes { fate method path match pointer summary tags serverUrl integrationId integration { id } } unreadOperations { method path operationId pointer }",
    );
    expect(payload.userErrors).toMatchObject([{ code: "IMPORT_FAILED" }]);
    expect(payload.documentTitle).toBe("Shop");
    const serverUrl = "https://shop.example";
    expect(payload.routes).toMatchObject([
      {
        fate: "CHANGED",
        path: "/a",
        match: "GET /a",
        pointer: "/paths/~1a/get",
        summary: "Read",
        tags: ["reads"],
        serverUrl,
        integration: { id: integrationId },
      },
      { fate: "ADDED", path: "/b", match: "POST /b", integrationId: null, integration: null, serverUrl },
      { fate: "REMOVED", path: "/old/gone", match: null, pointer: null, serverUrl: null },
    ]);
    expect(payload.unreadOperations).toEqual([
      { method: "GET", path: "/{a}{b}", operationId: "lost", pointer: "/paths/~1{a}{b}/get" },
    ]);
    const stored = await f.run(`{ api(id: "${api.id}") { version routes { path } } }`);
    expect(stored.api).toMatchObject({ version: 1, routes: [{ path: "/a" }, { path: "/old/gone" }] });
  });

  it.each([
    ["JSON", '{\n  "openapi": "3.0.3",\n  "info" {}\n}', { line: 3, column: 10 }],
    ["YAML", "openapi: 3.0.3\ninfo: [\npaths: {}\n", { line: 3, column: 1 }],
    ["a key twice", "openapi: 3.0.3\npaths: {}\npaths: {}\n", { line: 3, column: 1 }],
    [
      "a remote reference",
      "openapi: 3.0.3\ninfo: {title: A, version: v1}\npaths:\n  /a:\n    get:\n      $ref: ./other.yaml\n",
      { line: 6, column: 7 },
    ],
  ])("says where the text is broken: %s", async (_, text, place) => {
    const payload = await f.mutate(
      "importOpenApi",
      { subscriptionId, document: text, dryRun: true },
      "notes { severity message line column }",
    );
    expect(payload.notes[0]).toMatchObject({ severity: "ERROR", ...place });
  });

  it("needs an API or a subscription", async () => {
    const payload = await importApi({ document: document({}) });
    expect(payload.userErrors).toMatchObject([{ code: "REQUIRED", field: ["input", "subscriptionId"] }]);
  });

  it("tells of the document's version only when it is not taken", async () => {
    const versionNotes = (payload: { notes: { pointer: string; message: string }[] }) =>
      payload.notes.filter(({ pointer }) => pointer === "/info/version").map(({ message }) => message);
    const of = (version: string, more: Record<string, unknown>) =>
      importApi({
        document: document({ "/a": { get: ok } }, { info: { title: "Shop", version } }),
        mapping: { default: integrationId },
        ...more,
      });
    const taken = await of("2.1.0", { subscriptionId });
    expect([taken.api.versionLabel, versionNotes(taken)]).toEqual(["2.1.0", []]);
    const odd = await of("first, of three", { subscriptionId, title: "Odd" });
    expect([odd.api.versionLabel, versionNotes(odd)]).toEqual([
      "v1",
      ["This cannot be the version of an API, which is v1 now."],
    ]);
    const update = await of("3.0.0", { apiId: taken.api.id });
    expect([update.api.versionLabel, versionNotes(update)]).toEqual([
      "2.1.0",
      ["The API keeps its own version."],
    ]);
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
