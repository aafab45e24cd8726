/** Limits of APIs, routes and integrations: what all keys share, over real nodes. */
import type { Resource } from "@latchkey/snapshot";
import { describe, expect, it } from "vitest";
import type { EngineName } from "../fronts/front-request.js";
import { aKey, anApi, anIntegration, aRoute, engines, World } from "../testing/world.js";

const HOUR_S = 3_600;
const of = (limit: number) => ({ limit, windowSeconds: HOUR_S, burst: 0 });
const one = aKey("key_1", "api_1");
const two = aKey("key_2", "api_1", { quota: of(100) });
const other = aKey("key_3", "api_2");

interface Limits {
  readonly api?: number;
  readonly route?: number;
  readonly integration?: number;
  readonly title?: string;
  readonly bodyBytesMax?: number;
}

const resources = (world: World, limits: Limits): Resource[] => {
  const quota = (limit: number | undefined) => (limit === undefined ? null : of(limit));
  return [
    anIntegration("int_1", world.upstream.url, { quota: quota(limits.integration) }),
    anApi(
      "api_1",
      [
        {
          ...aRoute("ANY", "/a", "int_1"),
          quota: quota(limits.route),
          requestBodyBytesMax: limits.bodyBytesMax ?? 0,
        },
        aRoute("ANY", "/b", "int_1"),
      ],
      { quota: quota(limits.api), title: limits.title ?? "One" },
    ),
    anApi("api_2", [aRoute("ANY", "/a", "int_1")]),
    ...[one, two, other].map(({ resource }) => resource),
  ];
};
const worldOf = (engine: EngineName, limits: Limits) =>
  World.of((world) => resources(world, limits), { engine });

const send = async (
  world: World,
  { secret }: { secret: string },
  path: string,
  body: string | ReadableStream | null = null,
) => {
  const stream = body instanceof ReadableStream ? { duplex: "half" } : {};
  const response = await fetch(world.url + path, {
    method: "POST",
    headers: { "connxio-api-key": secret },
    body,
    ...stream,
  } as RequestInit);
  await response.arrayBuffer();
  const state = response.headers.get("ratelimit")?.split(";t=")[0];
  return [response.status, response.headers.get("latchkey-error"), ...(state === undefined ? [] : [state])];
};

describe.each(engines)("limits of APIs, routes and integrations over %s", (engine) => {
  it("are shared by all keys; responses show the tightest, and a refused request is counted by none", async () => {
    await using world = await worldOf(engine, { api: 4, route: 2, integration: 10 });
    expect(await send(world, one, "/a")).toEqual([200, null, '"quota";r=1']);
    expect(await send(world, two, "/a")).toEqual([200, null, '"quota";r=0']);
    expect(await send(world, one, "/a")).toEqual([429, "route.quota_exhausted", '"quota";r=0']);
    expect(await send(world, two, "/a")).toEqual([429, "route.quota_exhausted", '"quota";r=0']);
    expect(await send(world, two, "/b")).toEqual([200, null, '"quota";r=1']);
    // A path without a route is counted for the API.
    expect(await send(world, one, "/nowhere")).toEqual([404, "route.not_found", '"quota";r=0']);
    expect(await send(world, one, "/b")).toEqual([429, "api.quota_exhausted", '"quota";r=0']);
    expect(await send(world, other, "/a")).toEqual([200, null, '"quota";r=6']);
  });

  it("go on counting when something else of their owner changes", async () => {
    await using world = await worldOf(engine, { api: 3, route: 1, integration: 2 });
    expect(await send(world, one, "/a")).toEqual([200, null, '"quota";r=0']);
    await world.change(resources(world, { api: 3, route: 1, integration: 2, title: "Renamed" }));
    expect(await send(world, one, "/a")).toEqual([429, "route.quota_exhausted", '"quota";r=0']);
    expect(await send(world, one, "/b")).toEqual([200, null, '"quota";r=0']);
    expect(await send(world, other, "/a")).toEqual([429, "integration.quota_exhausted", '"quota";r=0']);
    await world.change(resources(world, { api: 3, title: "Renamed" }));
    expect(await send(world, one, "/a")).toEqual([200, null, '"quota";r=0']);
    expect(await send(world, one, "/a")).toEqual([429, "api.quota_exhausted", '"quota";r=0']);
  });

  it("refuse a body that is larger than the route takes, with a length and without", async () => {
    await using world = await worldOf(engine, { bodyBytesMax: 10 });
    const chunks = (bytes: number) =>
      new ReadableStream({
        start(controller) {
          controller.enqueue(new Uint8Array(bytes));
          controller.close();
        },
      });
    expect(await send(world, one, "/a", "0123456789")).toEqual([200, null]);
    expect(await send(world, one, "/a", chunks(10))).toEqual([200, null]);
    expect(await send(world, one, "/a", "0123456789a")).toEqual([413, "request.body_too_large"]);
    expect(await send(world, one, "/a", chunks(11))).toEqual([413, "request.body_too_large"]);
    expect(await send(world, one, "/b", "0123456789a")).toEqual([200, null]);
  });
});
