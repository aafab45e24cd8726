import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
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
    "api { id title summary version versionLabel routes { id method path integrationId operationId validate operation } } key { id } secret dryRun integrations { id requestSchema responseSchema requestContentTypes examples { direction value } } routes { method path fate integrationId } notes { severity code pointer message }",
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

describe("bodies in importOpenApi", () => {
  const schema = { type: "object", required: ["sku"], properties: { sku: { type: "string" } } };
  const body = (type: string, more: object) => ({ content: { [type]: more } });
  const described = {
    requestBody: { required: true, ...body("application/json", { schema, example: { sku: "A-1" } }) },
    responses: {
      200: { description: "ok", ...body("application/json", { schema: { type: "array", items: {} } }) },
    },
  };
  const contracts = (payload: { notes: { code: string; pointer: string }[] }) =>
    payload.notes
      .filter(({ code }) => code.startsWith("contract."))
      .map(({ code, pointer }) => `${code} ${pointer}`);
  let empty: string;
  beforeEach(async () => {
    empty = await f.integration(subscriptionId, { name: "Empty" });
  });
  const importInto = (paths: Record<string, unknown>, more: Record<string, unknown> = {}) =>
    importApi({ document: document(paths), subscriptionId, mapping: { default: empty }, ...more });

  it("are taken by an integration that has none", async () => {
    const payload = await importInto({
      "/a": { post: described },
      "/b": { get: { responses: described.responses } },
    });
    expect(payload.userErrors).toEqual([]);
    expect(contracts(payload)).toEqual([]);
    expect(payload.integrations).toEqual([
      {
        id: empty,
        requestSchema: JSON.stringify(schema),
        responseSchema: '{"type":"array","items":{}}',
        requestContentTypes: [],
        examples: [{ direction: "REQUEST", value: '{"sku":"A-1"}' }],
      },
    ]);
    expect(await f.lastChanges()).toContain(`upsert integration/${empty}`);
  });

  it("are shown and not taken by a dry run, and not at all when integrations are to stay", async () => {
    const before = await f.revision();
    const dry = await importInto({ "/a": { post: described } }, { dryRun: true });
    expect(dry.integrations).toMatchObject([{ id: empty, requestSchema: JSON.stringify(schema) }]);
    expect(await f.revision()).toBe(before);
    const kept = await importInto({ "/a": { post: described } }, { contracts: "KEEP" });
    expect(kept.integrations).toEqual([]);
    expect(contracts(kept)).toEqual([
      "contract.kept /paths/~1a/post/requestBody/content/application~1json",
      "contract.kept /paths/~1a/post/responses/200/content/application~1json",
    ]);
  });

  it("are not taken where operations disagree, or where other routes would change with it", async () => {
    const other = { ...described, requestBody: body("text/plain", { schema: { type: "string" } }) };
    const differing = await importInto(
      { "/a": { post: described }, "/b": { post: other } },
      { dryRun: true },
    );
    expect(contracts(differing)).toEqual([
      "contract.differs /paths/~1a/post/requestBody/content/application~1json",
      "contract.differs /paths/~1b/post/requestBody/content/text~1plain",
    ]);
    expect(differing.integrations).toMatchObject([
      { requestSchema: null, responseSchema: expect.any(String) },
    ]);
    await f.api(subscriptionId, {
      title: "Another",
      routes: [{ method: "GET", path: "/x", integrationId: empty }],
    });
    const shared = await importInto({ "/a": { post: described } });
    expect(shared.integrations).toEqual([]);
    expect(contracts(shared)).toEqual([
      "contract.shared /paths/~1a/post/requestBody/content/application~1json",
      "contract.shared /paths/~1a/post/responses/200/content/application~1json",
    ]);
  });

  it("take the place of others only when that is asked for", async () => {
    const { api } = await importInto({ "/a": { post: described } });
    const changed = {
      "/a": {
        post: {
          ...described,
          requestBody: { required: true, ...body("application/json", { schema: { type: "array" } }) },
        },
      },
    };
    const again = { apiId: api.id, subscriptionId: undefined };
    expect(contracts(await importInto(changed, again))).toEqual([
      "contract.kept /paths/~1a/post/requestBody/content/application~1json",
    ]);
    const replaced = await importInto(changed, { ...again, contracts: "REPLACE" });
    expect(replaced.integrations).toMatchObject([{ requestSchema: '{"type":"array"}', examples: [] }]);
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
    expect(payload.api.routes).toMatchObject([{ operation: null }]);
  });

  it("survive export, import and export, in both versions and formats, with validation and parameters", async () => {
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
        expect.objectContaining({
          severity: "DOCUMENTATION",
          code: "no_counterpart",
          pointer: "/externalDocs",
        }),
        expect.objectContaining({
          severity: "DOCUMENTATION",
          code: "contract.kept",
          pointer: "/paths/~1a/post/requestBody/content/application~1json",
        }),
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

  it("answers others while it reads a big document", { timeout: 60_000 }, async () => {
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
    order.push("answered");
    expect((await importing).userErrors).toEqual([]);
    expect(order).toEqual(["answered", "imported"]);
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
