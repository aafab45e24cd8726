/** Operations and schemas of an imported document: kept, checked, and merged with what an API has. */
import { compileValidator, type OperationSchemas } from "@latchkey/validation";
import { beforeEach, describe, expect, it } from "vitest";
import { f, subscriptionId } from "../../testing/api-fixture.js";
import { document, fates, importApi, ok, setUpImports } from "../../testing/import-fixture.js";

setUpImports();

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
