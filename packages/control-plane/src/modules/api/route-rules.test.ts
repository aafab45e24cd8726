/** The rules of an API's routes, and the mutations of one route. */
import { describe, expect, it } from "vitest";
import { codes, f, route, setUpApis, subscriptionId } from "../../testing/api-fixture.js";
import { unknownId } from "../../testing/fixture.js";

setUpApis();

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
