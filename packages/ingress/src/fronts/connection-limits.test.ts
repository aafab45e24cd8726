/** What a node grants a client before any request: so many connections, and so long without a request. */
import { RawClient } from "@latchkey/testkit";
import { describe, expect, it } from "vitest";
import { resolveIngressConfig } from "../config.js";
import { until } from "../testing/until.js";
import { aKey, anApi, anIntegration, aRoute, engines, World } from "../testing/world.js";

const key = aKey("key_1", "api_1");
const ASK = `GET /a HTTP/1.1\r\nHost: a\r\nConnxio-Api-Key: ${key.secret}\r\n\r\n`;
const resources = ({ upstream }: World) => [
  anIntegration("int_1", upstream.url),
  anApi("api_1", [aRoute("ANY", "/{rest*}", "int_1")]),
  key.resource,
];

/** Resolves when a new connection gets its response. */
async function servedAgain(port: number): Promise<void> {
  for (;;) {
    using client = await RawClient.connect(port);
    client.send(ASK);
    const status = await Promise.race([
      client.response().then(
        (response) => response.status,
        () => 0,
      ),
      client.closed().then(() => 0),
    ]);
    if (status === 200) return;
  }
}

/** A metric with a label, as the admin port shows it. */
async function refusedConnections(world: World, reason: string): Promise<number> {
  const text = await (await fetch(`${world.adminUrl}/metrics`)).text();
  const name = `latchkey_ingress_connections_refused_total{reason="${reason}"} `;
  return Number(
    text
      .split("\n")
      .find((line) => line.startsWith(name))
      ?.slice(name.length),
  );
}

describe("the engine strict", () => {
  it("says 503 to connections over a limit, counts and logs them", async () => {
    const limits = { connectionsMax: 2, connectionsPerAddressMax: 1 };
    await using world = await World.of(resources, { engine: "strict", config: { limits } });
    const { port } = world.ingress;
    using first = await RawClient.connect(port);
    first.send(ASK);
    expect((await first.response()).status).toBe(200);
    for (let i = 0; i < 3; i++) {
      using second = await RawClient.connect(port);
      const refused = await second.response();
      expect([refused.status, refused.header("latchkey-error"), refused.header("connection")]).toEqual([
        503,
        "gateway.overloaded",
        "close",
      ]);
      expect(JSON.parse(refused.body.toString())).toMatchObject({
        detail: expect.stringContaining("address"),
      });
      await second.closed();
    }
    expect(await refusedConnections(world, "address_full")).toBe(3);
    expect(await refusedConnections(world, "server_full")).toBe(0);
    const lines = world.logLines.filter((line) => line.includes("address_full"));
    expect(lines).toHaveLength(1); // at most one in ten seconds
    expect(lines[0]).toContain("trustedProxies");
  });

  it("limits what one address may hold by default", () => {
    expect(resolveIngressConfig({}).limits.connectionsPerAddressMax).toBe(1_000);
  });

  it("keeps an idle connection for longer than load balancers do, by default", () => {
    expect(resolveIngressConfig({}).limits.keepAliveMs).toBe(75_000);
  });

  it("cancels the upstream request of a client that leaves a quiet event stream", async () => {
    await using world = await World.of(resources, { engine: "strict" });
    world.upstream.behaviour = (_request, socket) => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n");
      return null;
    };
    const client = await RawClient.connect(world.ingress.port);
    client.send(ASK);
    await client.bytes(100);
    client.socket.end();
    await until(() => world.upstream.openConnections === 0 && world.ingress.status().inFlight === 0);
  });
});

// uWebSockets.js knows its connections only by their requests, and closes idle ones after 10 s of its own.
describe("the engine strict", () => {
  const engine = "strict";
  it("drops connections over limits.connectionsMax, serves those it has, and takes new ones when they are gone", async () => {
    await using world = await World.of(resources, { engine, config: { limits: { connectionsMax: 2 } } });
    const ask = async (client: RawClient) => {
      client.send(ASK);
      return (await client.response()).status;
    };
    const first = await RawClient.connect(world.ingress.port);
    using second = await RawClient.connect(world.ingress.port);
    expect([await ask(first), await ask(second)]).toEqual([200, 200]);
    using third = await RawClient.connect(world.ingress.port);
    await third.closed();
    expect([await ask(first), await ask(second)]).toEqual([200, 200]);
    first[Symbol.dispose]();
    await servedAgain(world.ingress.port);
  });

  it("closes what one address opens over limits.connectionsPerAddressMax, but not what a trusted proxy opens", async () => {
    const limits = { connectionsPerAddressMax: 2 };
    const status = async (client: RawClient) => {
      client.send(ASK);
      return (await client.response()).status;
    };
    {
      await using world = await World.of(resources, { engine, config: { limits } });
      const { port } = world.ingress;
      const first = await RawClient.connect(port);
      using second = await RawClient.connect(port);
      expect([await status(first), await status(second)]).toEqual([200, 200]);
      using third = await RawClient.connect(port);
      await third.closed();
      expect(await status(second)).toBe(200);
      first[Symbol.dispose]();
      await servedAgain(port);
    }
    await using world = await World.of(resources, {
      engine,
      config: { limits, trustedProxies: ["127.0.0.0/8"] },
    });
    const clients = await Promise.all([1, 2, 3].map(() => RawClient.connect(world.ingress.port)));
    for (const client of clients) expect(await status(client)).toBe(200);
    for (const client of clients) client[Symbol.dispose]();
  });

  it("closes a connection that is idle for limits.keepAliveMs", async () => {
    await using world = await World.of(resources, { engine, config: { limits: { keepAliveMs: 200 } } });
    using client = await RawClient.connect(world.ingress.port);
    client.send(ASK);
    expect((await client.response()).status).toBe(200);
    await client.closed();
  });
});

describe.runIf(engines.includes("uws"))("the engine uws", () => {
  const engine = "uws";

  it("refuses requests over limits.connectionsMax with 503, and takes new ones when others are done", async () => {
    await using world = await World.of(resources, { engine, config: { limits: { connectionsMax: 2 } } });
    const waiting: (() => void)[] = [];
    world.upstream.behaviour = () =>
      new Promise((resolve) => waiting.push(() => resolve({ status: 200, body: "late" })));
    const clients = [
      await RawClient.connect(world.ingress.port),
      await RawClient.connect(world.ingress.port),
    ];
    for (const client of clients) client.send(ASK);
    await until(() => waiting.length === 2);
    using third = await RawClient.connect(world.ingress.port);
    third.send(ASK);
    const refused = await third.response();
    expect([refused.status, refused.header("latchkey-error")]).toEqual([503, "gateway.overloaded"]);
    for (const respond of waiting) respond();
    for (const client of clients) expect((await client.response()).status).toBe(200);
    world.upstream.behaviour = () => ({ status: 200, body: "soon" });
    using fourth = await RawClient.connect(world.ingress.port);
    fourth.send(ASK);
    expect((await fourth.response()).status).toBe(200);
    for (const client of clients) client[Symbol.dispose]();
  });

  it("refuses requests over limits.connectionsPerAddressMax with 503, but not those of a trusted proxy", async () => {
    const limits = { connectionsPerAddressMax: 1 };
    const statuses = async (trustedProxies: string[]) => {
      await using world = await World.of(resources, { engine, config: { limits, trustedProxies } });
      const waiting: (() => void)[] = [];
      world.upstream.behaviour = () =>
        new Promise((resolve) => waiting.push(() => resolve({ status: 200, body: "late" })));
      using first = await RawClient.connect(world.ingress.port);
      first.send(ASK);
      await until(() => waiting.length === 1);
      using second = await RawClient.connect(world.ingress.port);
      second.send(ASK);
      if (trustedProxies.length > 0) await until(() => waiting.length === 2);
      for (const respond of waiting) respond();
      const seen = [(await first.response()).status, (await second.response()).status];
      world.upstream.behaviour = () => ({ status: 200, body: "soon" });
      using third = await RawClient.connect(world.ingress.port);
      third.send(ASK);
      expect((await third.response()).status).toBe(200);
      if (trustedProxies.length > 0) return seen;
      expect(world.logLines.join("")).toContain('"reason":"address_full"');
      const metrics = await (await fetch(`${world.adminUrl}/metrics`)).text();
      expect(metrics).toMatch(/refused\w*\{[^}]*reason="address_full"[^}]*\} 1/);
      return seen;
    };
    expect(await statuses([])).toEqual([200, 503]);
    expect(await statuses(["127.0.0.0/8"])).toEqual([200, 200]);
  });

  it("closes a connection that is idle, or whose head stands still, after its own 10 s", {
    timeout: 60_000,
  }, async () => {
    await using world = await World.of(resources, { engine });
    using idle = await RawClient.connect(world.ingress.port);
    idle.send(ASK);
    expect((await idle.response()).status).toBe(200);
    using head = await RawClient.connect(world.ingress.port);
    head.send("GET /a HTTP/1.1\r\nHost: a\r\nx: ");
    await Promise.all([idle.closed(), head.closed()]);
    await until(() => world.ingress.status().inFlight === 0);
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
