/** What a node grants a client before any request: so many connections, and so long without a request. */
import { RawClient } from "@latchkey/testkit";
import { describe, expect, it } from "vitest";
import { aKey, anApi, anIntegration, aRoute, engines, World } from "../testing/world.js";

const key = aKey("key_1", "api_1");
const ASK = `GET /a HTTP/1.1\r\nHost: a\r\nConnxio-Api-Key: ${key.secret}\r\n\r\n`;
const resources = ({ upstream }: World) => [
  anIntegration("int_1", upstream.url),
  anApi("api_1", [aRoute("ANY", "/{rest*}", "int_1")]),
  key.resource,
];

// uWebSockets.js knows its connections only by their requests, and closes idle ones after 10 s of its own.
describe.each(engines.filter((engine) => engine !== "uws"))("the engine %s", (engine) => {
  it("drops connections over limits.connectionsMax, serves those it has, and takes new ones when they are gone", async () => {
    await using world = await World.of(resources, { engine, config: { limits: { connectionsMax: 2 } } });
    const ask = async (client: RawClient) => {
      client.send(ASK);
      return (await client.answer()).status;
    };
    const first = await RawClient.connect(world.ingress.port);
    using second = await RawClient.connect(world.ingress.port);
    expect([await ask(first), await ask(second)]).toEqual([200, 200]);
    using third = await RawClient.connect(world.ingress.port);
    await third.closed();
    expect([await ask(first), await ask(second)]).toEqual([200, 200]);
    first[Symbol.dispose]();
    for (;;) {
      using fourth = await RawClient.connect(world.ingress.port);
      fourth.send(ASK);
      const status = await Promise.race([
        fourth.answer().then(
          (answer) => answer.status,
          () => 0,
        ),
        fourth.closed().then(() => 0),
      ]);
      if (status === 200) break;
    }
  });

  it("closes a connection that is idle for limits.keepAliveMs", async () => {
    await using world = await World.of(resources, { engine, config: { limits: { keepAliveMs: 200 } } });
    using client = await RawClient.connect(world.ingress.port);
    client.send(ASK);
    expect((await client.answer()).status).toBe(200);
    await client.closed();
  });
});

describe.each(engines)("any engine: %s", (engine) => {
  it("believes no proxy that is not in trustedProxies, although there are some", async () => {
    const config = { trustedProxies: ["192.0.2.0/24", "::1/128"] };
    await using world = await World.of(resources, { engine, config });
    const headers = {
      "connxio-api-key": key.secret,
      "x-forwarded-for": "203.0.113.9",
      forwarded: "for=203.0.113.9",
    };
    expect((await fetch(`${world.url}/a`, { headers })).status).toBe(200);
    expect(world.upstream.seen.at(-1)?.all("x-forwarded-for")).toEqual(["127.0.0.1"]);
    expect(world.upstream.seen.at(-1)?.raw.toString("latin1")).not.toContain("203.0.113.9");
  });
});
