/** Integrations that an import makes of the document's servers. */
import { describe, expect, it } from "vitest";
import { f, integrationId, subscriptionId } from "../../testing/api-fixture.js";
import { document, fates, importApi, ok, setUpImports } from "../../testing/import-fixture.js";

setUpImports();

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

  it("take WebSockets where the document says so", async () => {
    const live = {
      "/live": { get: { ...ok, description: "Prices.", "x-latchkey-web-sockets": true } },
      "/other": { get: ok },
    };
    const { api, userErrors } = await importPets({ document: document(live, more) });
    expect(userErrors).toEqual([]);
    const { routes } = (
      await f.run(`{ api(id: "${api.id}") { routes { path operation integration { webSockets } } } }`)
    ).api;
    expect(routes).toMatchObject([
      { path: "/api/v3/live", operation: { description: "Prices." }, integration: { webSockets: true } },
      { path: "/api/v3/other", integration: { webSockets: false } },
    ]);
    expect((await f.run(`{ api(id: "${api.id}") { openapi } }`)).api.openapi).toContain(
      "Prices. This route accepts WebSocket connections.",
    );
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

  it("take the place of those whose URL names a parameter that the document has renamed", async () => {
    const at = (name: string) => ({
      [`/pets/{${name}}`]: { get: { ...ok, parameters: [{ name, in: "path", required: true, schema: {} }] } },
    });
    const { api } = await importPets({ document: document(at("petId"), more) });
    const again = await importPets({ document: document(at("id"), more), apiId: api.id });
    expect([again.userErrors, fates(again)]).toEqual([[], ["changed GET /api/v3/pets/{id}"]]);
    expect(await routesOf(api.id)).toMatchObject([
      { integration: { urls: ["https://eu.pets.example/api/v3/pets/{id}"] } },
    ]);
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

  it("are made for each of thousands of operations in one transaction", async () => {
    const paths = Object.fromEntries(Array.from({ length: 2_200 }, (_, k) => [`/a${k}`, { get: ok }]));
    const { userErrors, integrations } = await importApi({
      document: document(paths, { servers: [{ url: "https://large.example" }] }),
      subscriptionId,
      integrations: "FROM_SERVERS",
    });
    expect(userErrors).toEqual([]);
    expect(integrations).toHaveLength(2_200);
    const { totalCount } = (
      await f.run('{ auditLog(filter: { action: "integration.create" }) { totalCount } }')
    ).auditLog;
    expect(totalCount).toBeGreaterThanOrEqual(2_200);
  });

  it("want no credential of a document of ours, whose key is the gateway's", async () => {
    const { api } = await importPets();
    const { openapi } = (await f.run(`{ api(id: "${api.id}") { openapi } }`)).api;
    const more = { subscriptionId: await f.subscription(), serverUrl: "https://mine.example" };
    const again = await importPets({ document: openapi, ...more });
    expect(again.userErrors).toEqual([]);
    expect(again.integrations).not.toEqual([]);
    expect(again.notes.map(({ code }: { code: string }) => code)).not.toContain("server.credential_wanted");
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
