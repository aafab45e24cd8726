import { expect, it } from "vitest";
import { Fixture, SETUP_MS_MAX } from "../../testing/fixture.js";

it(
  "reads the first two routes of each API of a list",
  async () => {
    await using f = await Fixture.start();
    const subscriptionId = await f.subscription();
    const integrationId = await f.integration(subscriptionId);
    for (const [title, paths] of [
      ["Many", ["/c", "/a", "/b"]],
      ["None", []],
    ] as const)
      await f.mutate(
        "createApi",
        { title, subscriptionId, routes: paths.map((path) => ({ method: "GET", path, integrationId })) },
        "api { id }",
      );
    const { apis } = await f.run("{ apis(first: 10) { nodes { title routeCount routePreview { path } } } }");
    expect(apis.nodes).toEqual(
      expect.arrayContaining([
        { title: "Many", routeCount: 3, routePreview: [{ path: "/c" }, { path: "/a" }] },
        { title: "None", routeCount: 0, routePreview: [] },
      ]),
    );
  },
  SETUP_MS_MAX,
);

it(
  "finds routes of all APIs by words of method and path, and no more than asked for",
  async () => {
    await using f = await Fixture.start();
    const subscriptionId = await f.subscription();
    const integrationId = await f.integration(subscriptionId);
    const routes = ["/orders/{id}", "/Orders", "/100%25"].flatMap((path) =>
      ["GET", "PUT"].map((method) => ({ method, path, integrationId })),
    );
    await f.mutate("createApi", { title: "Shop", subscriptionId, routes }, "api { id }");
    const find = async (search: string, first = 10): Promise<string[]> =>
      (
        await f.run(
          "query ($search: String!, $first: Int!) { searchRoutes(search: $search, first: $first) { method path api { title } } }",
          { search, first },
        )
      ).searchRoutes.map(({ method, path }: { method: string; path: string }) => `${method} ${path}`);
    expect((await find("ORDERS")).toSorted()).toEqual([
      "GET /Orders",
      "GET /orders/{id}",
      "PUT /Orders",
      "PUT /orders/{id}",
    ]);
    expect(await find("put {id}")).toEqual(["PUT /orders/{id}"]);
    expect(await find("0%2")).toHaveLength(2);
    expect(await find("orders", 1)).toHaveLength(1);
    expect(await find("nothing")).toEqual([]);
  },
  SETUP_MS_MAX,
);
