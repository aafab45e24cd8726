import { describe, expect, it } from "vitest";
import type { EngineName } from "../fronts/front-request.js";
import { aKey, anApi, anIntegration, aRoute, engines, World } from "../testing/world.js";

const rules = (allow: string[], deny: string[] = []) => ({ allow, deny });
const open = aKey("key_open", "api_1");
const inside = aKey("key_inside", "api_1", { ipRules: rules(["127.0.0.0/8"]) });
const outside = aKey("key_outside", "api_1", { ipRules: rules(["203.0.113.0/24", "2001:db8::/32"]) });
const closed = aKey("key_closed", "api_2");
const scoped = aKey("key_scoped", "api_1", {
  scopes: [
    { method: "GET", pattern: "/orders/{id}" },
    { method: "ANY", pattern: "/files/{rest*}" },
  ],
});

const worldOf = (engine: EngineName, trustedProxyHeader?: "x-forwarded-for" | "forwarded") =>
  World.of(
    ({ upstream }) => [
      anIntegration("int_1", upstream.url, { method: "AS_RECEIVED" }),
      anApi("api_1", [
        aRoute("ANY", "/orders/{id}", "int_1"),
        aRoute("ANY", "/orders", "int_1"),
        aRoute("ANY", "/files/{rest*}", "int_1"),
      ]),
      anApi("api_2", [aRoute("ANY", "/orders", "int_1")], { ipRules: rules([], ["127.0.0.0/8"]) }),
      ...[open, inside, outside, closed, scoped].map(({ resource }) => resource),
    ],
    {
      engine,
      config:
        trustedProxyHeader === undefined
          ? {}
          : { trustedProxies: ["127.0.0.1", "192.0.2.0/24"], trustedProxyHeader },
    },
  );

const send = async (
  world: World,
  { secret }: { secret: string },
  path = "/orders",
  init: { method?: string; headers?: Record<string, string> } = {},
) => {
  const response = await fetch(world.url + path, {
    ...init,
    headers: { "connxio-api-key": secret, ...init.headers },
  });
  return [response.status, response.headers.get("latchkey-error")];
};
const PASSED = [200, null];
const DENIED = [403, "request.address_denied"];
const OUT_OF_SCOPE = [403, "key.scope_denied"];

describe.each(engines)("client policies over %s", (engine) => {
  it("admit addresses by the lists of key and API", async () => {
    await using world = await worldOf(engine);
    expect(await send(world, open)).toEqual(PASSED);
    expect(await send(world, inside)).toEqual(PASSED);
    expect(await send(world, outside)).toEqual(DENIED);
    expect(await send(world, closed)).toEqual(DENIED);
    // What a client says of its address counts for nothing.
    expect(await send(world, outside, "/orders", { headers: { "x-forwarded-for": "203.0.113.7" } })).toEqual(
      DENIED,
    );
    expect(world.upstream.seen).toHaveLength(2);
    await world.change([anApi("api_2", [aRoute("ANY", "/orders", "int_1")])]);
    expect(await send(world, closed)).toEqual(PASSED);
  });

  it.each([
    ["x-forwarded-for", (...list: string[]) => list.join(", ")],
    [
      "forwarded",
      (...list: string[]) => list.map((a) => `for="${a.includes(":") ? `[${a}]` : a}"`).join(", "),
    ],
  ] as const)("go by the address that trusted proxies wrote in %s", async (header, format) => {
    await using world = await worldOf(engine, header);
    const via = (...list: string[]) =>
      send(world, outside, "/orders", { headers: { [header]: format(...list) } });
    expect(await via("203.0.113.7")).toEqual(PASSED);
    expect(await via("2001:db8::7")).toEqual(PASSED);
    expect(await via("198.51.100.1")).toEqual(DENIED);
    // The client wrote the first, the proxy the last; one of two proxies is not the client.
    expect(await via("203.0.113.7", "198.51.100.1")).toEqual(DENIED);
    expect(await via("198.51.100.1", "203.0.113.7", "192.0.2.9")).toEqual(PASSED);
    expect(await send(world, outside)).toEqual(DENIED);
    // Where a proxy cannot name its peer, what the client wrote before it counts for nothing.
    for (const unreadable of ["unknown", "unix:", "203.0.113.256"]) {
      const name = header === "forwarded" ? `for="${unreadable}"` : unreadable;
      for (const value of [name, `${format("203.0.113.7")}, ${name}`])
        expect(await send(world, outside, "/orders", { headers: { [header]: value } })).toEqual(DENIED);
      expect(
        await send(world, outside, "/orders", { headers: { [header]: `${name}, ${format("203.0.113.7")}` } }),
      ).toEqual(PASSED);
    }
  });

  it("hold a key to its scopes, whatever routes exist, before its quota is used", async () => {
    await using world = await worldOf(engine);
    expect(await send(world, scoped, "/orders/1")).toEqual(PASSED);
    expect(await send(world, scoped, "/files/a/b", { method: "DELETE" })).toEqual(PASSED);
    expect(await send(world, scoped, "/files/none")).toEqual(PASSED);
    expect(await send(world, scoped, "/orders")).toEqual(OUT_OF_SCOPE);
    expect(await send(world, scoped, "/orders/1", { method: "PUT" })).toEqual(OUT_OF_SCOPE);
    expect(await send(world, scoped, "/orders/1/2")).toEqual(OUT_OF_SCOPE);
    expect(await send(world, scoped, "/nowhere")).toEqual(OUT_OF_SCOPE);
    expect(await send(world, scoped, "/.well-known/openapi.json")).toEqual(OUT_OF_SCOPE);
    const limited = aKey(
      "key_scoped",
      "api_1",
      { ...scoped.resource, quota: { limit: 1, windowSeconds: 3600, burst: 0 } },
      scoped.secret,
    );
    await world.change([limited.resource]);
    expect(await send(world, scoped, "/nowhere")).toEqual(OUT_OF_SCOPE);
    expect(await send(world, scoped, "/orders/1")).toEqual(PASSED);
    expect(await send(world, scoped, "/orders/1")).toEqual([429, "key.quota_exhausted"]);
  });
});
