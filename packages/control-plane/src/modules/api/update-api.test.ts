/** `updateApi`, with the whole form and with a part of it. */
import { sql } from "kysely";
import { describe, expect, it } from "vitest";
import { codes, f, form, route, setUpApis, subscriptionId } from "../../testing/api-fixture.js";

setUpApis();

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

  it("writes the routes that change, and no others", async () => {
    const { api } = await f.api(subscriptionId, {
      routes: [route("GET", "/a"), route("GET", "/b"), route("GET", "/c")],
    });
    // A row that is written again gets another rowid.
    const rows = async () =>
      (
        await sql<{ rowid: number; pattern: string }>`
          select rowid, pattern from route where api_id = ${api.id} order by position
        `.execute(f.db)
      ).rows;
    const before = await rows();
    const [a] = api.routes;
    await f.mutate("updateRoute", { id: a.id, path: "/changed" }, "route { path }");
    const after = await rows();
    expect(after.map(({ pattern }) => pattern)).toEqual(["/changed", "/b", "/c"]);
    expect(after.slice(1)).toEqual(before.slice(1));
    expect(after[0]?.rowid).not.toBe(before[0]?.rowid);
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
