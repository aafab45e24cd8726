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
