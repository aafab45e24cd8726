/** No client, key, API or subscription takes an integration from the others, and none is blamed for what another does. */
import { noLimits } from "@latchkey/snapshot";
import { neverResponds, RawClient, Upstream } from "@latchkey/testkit";
import { describe, expect, it } from "vitest";
import type { IngressConfigInput } from "../config.js";
import type { EngineName } from "../fronts/front-request.js";
import { until } from "../testing/until.js";
import { aKey, anApi, anIntegration, aRoute, engines, World } from "../testing/world.js";

const key = aKey("key_1", "api_1");
const otherKey = aKey("key_2", "api_1");
const strangersKey = aKey("key_3", "api_2");
const anyRoute = aRoute("ANY", "/{rest*}", "int_1");

type Integration = ReturnType<typeof anIntegration>;

function start(
  engine: EngineName,
  config: IngressConfigInput = {},
  more: Partial<Integration> = {},
  url?: string,
): Promise<World> {
  return World.of(
    ({ upstream }) => [
      anIntegration("int_1", url ?? upstream.url, more),
      anIntegration("int_2", url ?? upstream.url, { ...more, subscriptionId: "sub_2" }),
      anApi("api_1", [anyRoute]),
      anApi("api_2", [aRoute("ANY", "/{rest*}", "int_2")], { subscriptionId: "sub_2" }),
      key.resource,
      otherKey.resource,
      strangersKey.resource,
    ],
    { engine, client: "http1", config },
  );
}

const head = (secret: string, more = ""): string =>
  `POST /a HTTP/1.1\r\nHost: a\r\nConnxio-Api-Key: ${secret}\r\n${more}\r\n`;

async function open(world: World, bytes: string): Promise<RawClient> {
  const client = await RawClient.connect(world.ingress.port);
  return client.send(bytes);
}

const codeOf = async (world: World, { secret }: { readonly secret: string }) => {
  const response = await fetch(`${world.url}/a`, { headers: { "connxio-api-key": secret } });
  await response.arrayBuffer();
  return [response.status, response.headers.get("latchkey-error"), response.headers.get("retry-after")];
};
const fine = [200, null, null];

describe.each(engines)("isolation over %s", (engine) => {
  it("bounds what one key has in flight, and only that key", async () => {
    await using world = await start(engine, { limits: { inFlightPerKeyMax: 2 } });
    world.upstream.behaviour = ({ body }) =>
      body.length > 0 ? new Promise(() => undefined) : { status: 200 };
    const held = [await open(world, `${head(key.secret, "Content-Length: 1\r\n")}x`)];
    held.push(await open(world, head(key.secret, "Content-Length: 9\r\n"))); // its body is still awaited
    await until(() => world.ingress.status().inFlight === 2);
    expect(await codeOf(world, key)).toEqual([429, "key.concurrency_limited", "1"]);
    expect(await codeOf(world, otherKey)).toEqual(fine);
    for (const client of held) client.socket.destroy();
    await until(async () => (await codeOf(world, key))[0] === 200);
  });

  it("gives an integration's places to a key that found none before its greedy neighbor gets another", async () => {
    const limits = { ...noLimits, concurrentRequestsMax: 4 };
    await using world = await start(engine, {}, { limits });
    world.upstream.behaviour = ({ body }) =>
      body.length > 0 ? new Promise(() => undefined) : { status: 200 };
    const hold = ({ secret }: { readonly secret: string }) =>
      open(world, `${head(secret, "Content-Length: 1\r\n")}x`);
    const held = await Promise.all([1, 2, 3, 4].map(() => hold(key)));
    await until(() => world.ingress.status().inFlight === 4);
    expect(await codeOf(world, otherKey)).toEqual([503, "upstream.overloaded", "1"]);
    held.pop()?.socket.destroy();
    await until(() => world.ingress.status().inFlight === 3);
    expect(await codeOf(world, key)).toEqual([503, "upstream.overloaded", "1"]);
    expect(await codeOf(world, otherKey)).toEqual(fine);
    for (const client of held) client.socket.destroy();
    await until(async () => (await codeOf(world, key))[0] === 200);
  });

  it("bounds what one subscription has in flight, and only that subscription", async () => {
    await using world = await start(engine, { limits: { inFlightPerSubscriptionMax: 1 } });
    world.upstream.behaviour = ({ body }) =>
      body.length > 0 ? new Promise(() => undefined) : { status: 200 };
    using held = await open(world, `${head(key.secret, "Content-Length: 1\r\n")}x`);
    await world.upstream.sawRequests(1);
    expect(await codeOf(world, otherKey)).toEqual([429, "subscription.concurrency_limited", "1"]);
    expect(await codeOf(world, strangersKey)).toEqual(fine);
    held.socket.destroy();
    await until(async () => (await codeOf(world, key))[0] === 200);
  });

  it("takes no connection before the beginning of a body is there", async () => {
    await using world = await start(engine);
    using small = await open(world, `${head(key.secret, "Content-Length: 10\r\n")}12345`);
    using chunked = await open(world, `${head(key.secret, "Transfer-Encoding: chunked\r\n")}5\r\n12345\r\n`);
    using large = await open(world, head(key.secret, "Content-Length: 1000000\r\n") + "x".repeat(60_000));
    await until(() => world.ingress.status().inFlight === 3);
    expect(await codeOf(world, key)).toEqual(fine);
    expect(world.upstream.connectionsMade).toBe(1);
    small.send("67890");
    chunked.send("5\r\n67890\r\n0\r\n\r\n");
    expect((await small.response()).status).toBe(200);
    expect((await chunked.response()).status).toBe(200);
    const bodies = world.upstream.seen.map(({ body }) => body.toString());
    expect(bodies.filter((body) => body === "1234567890")).toHaveLength(2);
    large.send("y".repeat(20_000)); // beyond what is read first: now it has a connection
    await until(() => world.upstream.openConnections >= 2);
    large.send("z".repeat(920_000));
    expect((await large.response()).status).toBe(200);
    expect(world.upstream.last.body.toString()).toBe(
      "x".repeat(60_000) + "y".repeat(20_000) + "z".repeat(920_000),
    );
  });

  it("sends a request to the integration that it began with, although that was replaced while its body was read", async () => {
    await using world = await start(engine);
    await using successor = await Upstream.start();
    using raw = await open(world, `${head(key.secret, "Content-Length: 10\r\n")}12345`);
    await until(() => world.ingress.status().inFlight === 1);
    await world.change([anIntegration("int_1", successor.url)]);
    expect(await codeOf(world, key)).toEqual(fine);
    raw.send("67890");
    expect((await raw.response()).status).toBe(200);
    expect([world.upstream.last.body.toString(), successor.seen.length]).toEqual(["1234567890", 1]);
    await until(() => world.upstream.openConnections === 0); // nobody uses that pool any more
  });

  it("sends bodies on as they come where nothing may be read first", async () => {
    await using world = await start(engine, { limits: { bodyBufferBytesMax: 0 } });
    using raw = await open(world, `${head(key.secret, "Content-Length: 10\r\n")}12345`);
    await until(() => world.upstream.connectionsMade === 1);
    raw.send("67890");
    expect((await raw.response()).status).toBe(200);
  });

  it("sends a body on at once when there is no room to read it first", async () => {
    await using world = await start(engine, { limits: { bufferedBytesMax: 3 } });
    using raw = await open(world, `${head(key.secret, "Content-Length: 10\r\n")}12345`);
    await until(() => world.upstream.connectionsMade === 1);
    raw.send("67890");
    expect((await raw.response()).status).toBe(200);
  });

  it("keeps the connections of subscriptions apart", async () => {
    await using world = await start(engine, { upstreams: { connectionsMax: 1 } });
    for (let i = 0; i < 3; i++) {
      expect(await codeOf(world, key)).toEqual(fine);
      expect(await codeOf(world, strangersKey)).toEqual(fine);
    }
    expect(world.upstream.connectionsMade).toBe(2);
  });

  it("says that no connection was free in a code of its own, early, and blames no target", async () => {
    await using world = await start(
      engine,
      { upstreams: { connectionsMax: 1, queueTimeoutMs: 500 } },
      { circuitBreaker: { failures: 1, openMs: 60_000 } },
    );
    world.upstream.behaviour = neverResponds;
    using held = await open(world, head(key.secret));
    await world.upstream.sawRequests(1);
    expect(await codeOf(world, key)).toEqual([503, "upstream.queue_timeout", "1"]);
    expect(await codeOf(world, key)).toEqual([503, "upstream.overloaded", "1"]); // it need not wait to see
    expect(await codeOf(world, otherKey)).toEqual([503, "upstream.queue_timeout", "1"]);
    world.upstream.behaviour = () => ({ status: 200 });
    held.socket.destroy();
    await until(() => world.upstream.openConnections === 0);
    expect(await codeOf(world, key)).toEqual(fine); // the circuit is closed
  });

  it("does not blame an integration that closes the connection while the client pauses in its upload", async () => {
    await using upstream = await Upstream.start({
      onHead: ({ method }, socket) => method === "POST" && socket.resetAndDestroy() !== undefined,
    });
    await using world = await start(
      engine,
      { limits: { bodyBufferBytesMax: 0 } },
      { circuitBreaker: { failures: 1, openMs: 60_000 } },
      upstream.url,
    );
    using raw = await open(world, `${head(key.secret, "Content-Length: 10\r\n")}12345`);
    expect((await raw.response()).status).toBe(502);
    using next = await open(world, `${head(key.secret, "Content-Length: 10\r\n")}12345`);
    expect((await next.response()).header("latchkey-error")).toBe("upstream.reset");
    for (const client of [raw, next]) client.send("67890"); // the connections are fit for the next request
  });

  it("refuses a request that comes back, at the first return", async () => {
    await using world = await start(engine);
    const nextHop = `${world.url}/again`;
    await world.change([
      anIntegration("int_1", nextHop),
      anIntegration("int_3", world.upstream.url),
      anApi("api_1", [anyRoute, aRoute("ANY", "/again", "int_1"), aRoute("ANY", "/other", "int_3")]),
    ]);
    // What a request brings back when an integration leads here.
    await fetch(`${world.url}/other`, { headers: { "connxio-api-key": key.secret } });
    const { last } = world.upstream;
    const pseudonym = last.header("cdn-loop") as string;
    expect(pseudonym).toMatch(/^latchkey-[0-9a-f]{10}$/);
    expect(last.all("via")).toEqual([`1.1 ${pseudonym}`]);
    for (const headers of [
      { via: `1.0 fred, 1.1 ${pseudonym}, 1.1 nginx` },
      { "cdn-loop": `foo.example, ${pseudonym}; hops=1` },
    ]) {
      const response = await fetch(`${world.url}/other`, {
        headers: { "connxio-api-key": key.secret, ...headers },
      });
      expect([response.status, response.headers.get("latchkey-error")]).toEqual([
        508,
        "upstream.loop_detected",
      ]);
    }
    const seen = world.upstream.seen.length;
    const others = { via: "1.1 latchkey-0000000000, 1.1 other", "cdn-loop": `x${pseudonym}` };
    const passed = await fetch(`${world.url}/other`, {
      headers: { "connxio-api-key": key.secret, ...others },
    });
    expect([passed.status, world.upstream.seen.length]).toEqual([200, seen + 1]);
    expect(world.upstream.last.all("cdn-loop")).toEqual([`x${pseudonym}`, pseudonym]);
  });
});

/** uWebSockets.js has times of its own. */
describe("slow clients over strict", () => {
  const engine = "strict";
  const tightLimits = { ...noLimits, firstByteTimeoutMs: 1_000 };
  const breaker = { failures: 1, openMs: 60_000 };

  it.each([
    ["in the beginning of its body", 10, "12345"],
    ["after the beginning of its body", 1_000_000, "x".repeat(100_000)],
  ])("are told so when one pauses %s, and the integration is not blamed", async (_where, length, begun) => {
    await using world = await start(
      engine,
      { limits: { bodyIdleTimeoutMs: 2_500 } },
      { limits: tightLimits, circuitBreaker: breaker },
    );
    using raw = await open(world, head(key.secret, `Content-Length: ${length}\r\n`) + begun);
    expect((await raw.response()).status).toBe(408);
    expect(await codeOf(world, key)).toEqual(fine);
  });

  it("are waited for as long as they may pause, whatever time the integration has for its response", async () => {
    await using world = await start(engine, {}, { limits: tightLimits, circuitBreaker: breaker });
    const length = 100_010;
    using raw = await open(world, head(key.secret, `Content-Length: ${length}\r\n`) + "x".repeat(100_000));
    await until(() => world.upstream.openConnections === 1);
    // By the clock of the time-outs, more than a second: another request that gets no response fails in the meantime.
    await using silent = await Upstream.start({ behaviour: neverResponds });
    await world.change([
      anIntegration("int_3", silent.url, { limits: { ...noLimits, firstByteTimeoutMs: 1_500 } }),
      anApi("api_3", [aRoute("ANY", "/{rest*}", "int_3")]),
      aKey("key_4", "api_3", {}, otherSecret.secret).resource,
    ]);
    expect((await codeOf(world, otherSecret))[0]).toBe(504);
    raw.send("y".repeat(10));
    expect((await raw.response()).status).toBe(200);
  });

  it("that read too slowly are cut, and the integration is not blamed", async () => {
    await using world = await start(
      engine,
      { upstreams: { bodyPausedTimeoutMs: 200 } },
      { circuitBreaker: breaker },
    );
    const piece = Buffer.alloc(64 * 1024);
    world.upstream.behaviour = ({ target }, socket) => {
      if (!target.includes("big")) return { status: 200 };
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
      const pump = (): void => {
        while (!socket.destroyed && socket.write(piece));
        if (!socket.destroyed) socket.once("drain", pump);
      };
      pump();
      return null;
    };
    using raw = await RawClient.connect(world.ingress.port);
    raw.socket.pause();
    raw.send(`GET /a?big HTTP/1.1\r\nHost: a\r\nConnxio-Api-Key: ${key.secret}\r\n\r\n`);
    await world.upstream.sawRequests(1);
    await until(() => world.upstream.connectionsClosed === 1);
    expect(await codeOf(world, key)).toEqual(fine);
  });

  it("that leave a quiet event stream end it at the integration", async () => {
    await using world = await start(engine);
    world.upstream.behaviour = (_request, socket) => {
      socket.write(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n7\r\ndata: 1\r\n",
      );
      return null;
    };
    const raw = await open(world, `GET /a HTTP/1.1\r\nHost: a\r\nConnxio-Api-Key: ${key.secret}\r\n\r\n`);
    await raw.bytes(20);
    raw.socket.end(); // FIN, as browsers and curl leave
    await until(() => world.upstream.connectionsClosed === 1);
    expect(world.ingress.status().inFlight).toBe(0);
  });
});

const otherSecret = aKey("key_4", "api_3");
