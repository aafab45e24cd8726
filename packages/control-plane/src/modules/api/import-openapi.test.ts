/** `importOpenApi`: what becomes of a document, in a dry run and for real. */
import { describe, expect, it } from "vitest";
import { f, integrationId, route, subscriptionId } from "../../testing/api-fixture.js";
import { unknownId } from "../../testing/fixture.js";
import { document, fates, importApi, ok, setUpImports } from "../../testing/import-fixture.js";

setUpImports();

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

  it("changes nothing when an API's own document is imported into it", async () => {
    const parameters = ["query q", "path id"].map((text) => {
      const [place = "", name = ""] = text.split(" ");
      return { name, in: place, required: true, description: text, schema: { type: "integer" } };
    });
    const given = document({
      "/orders/{id}": { get: { ...ok, parameters }, put: { ...ok, summary: "Replace", parameters } },
      "/orders": { get: { ...ok, description: "All." } },
    });
    const plain = await f.integration(subscriptionId, { name: "Plain" });
    const { api } = await importApi({ document: given, subscriptionId, mapping: { default: plain } });
    for (const version of ["V3_0", "V3_1"]) {
      const found = await f.run(`query($id: ID!) { api(id: $id) { openapi(version: ${version}) } }`, {
        id: api.id,
      });
      const again = await importApi({ apiId: api.id, document: found.api.openapi, replace: true });
      expect(fates(again).sort()).toEqual([
        "unchanged GET /orders",
        "unchanged GET /orders/{id}",
        "unchanged PUT /orders/{id}",
      ]);
    }
  });

  it("gives a new route the limits that a document of ours says, and a stored one keeps its own", async () => {
    const limited =
      "All. The gateway limits request bodies of this route to 1024 bytes. " +
      "The gateway's rate limit of this route is 10 requests in 60 seconds, at most 5 at once. " +
      "The gateway's quota of this route is 9 requests in 86400 seconds.";
    const limits = {
      requestBodyBytesMax: 1024,
      rateLimit: { limit: 10, windowSeconds: 60, burst: 5 },
      quota: { limit: 9, windowSeconds: 86_400 },
    };
    const given = document({
      "/orders": { get: { ...ok, description: limited, "x-latchkey-limits": limits } },
    });
    const { api } = await importApi({ document: given, subscriptionId, mapping: { default: integrationId } });
    const stored = async () => {
      const fields =
        "id requestBodyBytesMax rateLimit { limit windowSeconds burst } quota { limit windowSeconds burst }";
      const found = await f.run(`{ api(id: "${api.id}") { openapi routes { ${fields} } } }`);
      return { text: found.api.openapi as string, route: found.api.routes[0] };
    };
    const { route, text } = await stored();
    expect(route).toMatchObject({ ...limits, quota: { ...limits.quota, burst: 0 } });
    expect(text).toContain(limited);
    await f.mutate("updateRoute", { id: route.id, quota: null, requestBodyBytesMax: 2048 }, "route { id }");
    const changed = await stored();
    expect(changed.text).toMatch(/to 2048 bytes\.(?!.*quota of this route)/s);
    expect(fates(await importApi({ apiId: api.id, document: text }))).toEqual(["unchanged GET /orders"]);
    expect((await stored()).route).toEqual(changed.route);
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

  it.each([
    ["a new API", false],
    ["an API that is there", true],
  ])("makes nothing of a document none of whose operations can be a route: %s", async (_, isThere) => {
    const { api } = isThere ? await f.api(subscriptionId, { routes: [route("GET", "/a")] }) : { api: null };
    const before = await f.revision();
    const input = {
      document: document({ "/{a}{b}": { get: ok } }, { info: { title: "Shop", version: "v1" } }),
      ...(api === null ? { subscriptionId } : { apiId: api.id, replace: true }),
      integrations: "FROM_SERVERS",
      serverUrl: "https://shop.example",
    };
    for (const dryRun of [true, false]) {
      const payload = await importApi({ ...input, dryRun });
      expect(payload).toMatchObject({ api: null, key: null, secret: null, integrations: [], routes: [] });
      expect(payload.userErrors).toMatchObject([
        {
          code: "IMPORT_FAILED",
          message: expect.stringMatching(/^No operation .* can be a route.*two param/),
        },
      ]);
      expect(payload.notes).toMatchObject([{ code: "document.no_routes" }, { code: "path.unsupported" }]);
    }
    expect(await f.revision()).toBe(before);
  });

  it("needs an API or a subscription", async () => {
    const payload = await importApi({ document: document({}) });
    expect(payload.userErrors).toMatchObject([{ code: "REQUIRED", field: ["input", "subscriptionId"] }]);
  });

  it("makes an API of a document whose texts have characters that cannot be shown, and says so", async () => {
    const of = (info: object) =>
      importApi({
        document: document({ "/a": { get: ok } }, { info: { version: "v1", ...info } }),
        subscriptionId,
        integrations: "FROM_SERVERS",
        serverUrl: "https://shop.example",
      });
    // Block scalars of YAML end with a line break.
    const plain = await of({ title: "Shop\n", description: "One\n\n\ttwo\n" });
    expect([plain.userErrors, plain.notes]).toEqual([[], []]);
    expect(plain.api).toMatchObject({ title: "Shop", summary: "One\n\n\ttwo" });
    const odd = await of({ title: "Our\tnew\u2028\u202eshop\u0000", description: "One\u0085two\u0007" });
    expect(odd.userErrors).toEqual([]);
    expect(odd.api).toMatchObject({ title: "Our new shop", summary: "One\ntwo" });
    expect(odd.notes).toMatchObject(
      ["/info/title", "/info/description"].map((pointer) => ({
        severity: "DOCUMENTATION",
        code: "text.respelled",
        pointer,
      })),
    );
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
