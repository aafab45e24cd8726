/** Limits over all nodes: real nodes, a real Redis server, and what holds while it is away. */
import { hasRedis, RedisServer, TcpRelay } from "@latchkey/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Program } from "../testing/program.js";
import { until } from "../testing/until.js";
import {
  aKey,
  anApi,
  anIntegration,
  aRoute,
  engines,
  served,
  type TestKey,
  World,
} from "../testing/world.js";

const isPossible = hasRedis();
if (!isPossible)
  console.warn("shared-limits.test.ts is skipped: there is no redis-server (Debian package redis-server)");

/** So slow that nothing comes back during a test. */
const HOUR_S = 3_600;
const ANY_WINDOW_S = 1_000_000;
const limit = (requests: number, windowSeconds: number, burst = 0) => ({
  limit: requests,
  windowSeconds,
  burst,
});

const rated = (requests: number): TestKey =>
  aKey(`key_rate_${requests}`, "api_1", { rateLimit: limit(requests, HOUR_S) });

function resources(world: World, keys: readonly TestKey[]) {
  return [
    anIntegration("int_1", world.upstream.url),
    anApi("api_1", [aRoute("ANY", "/{rest*}", "int_1")]),
    ...keys.map((key) => key.resource),
  ];
}

interface Received {
  readonly status: number;
  readonly policy: string | null;
  readonly state: string | null;
  readonly retryAfter: string | null;
}

async function ask(port: number, key: TestKey): Promise<Received> {
  const response = await fetch(`http://127.0.0.1:${port}/a`, { headers: { "connxio-api-key": key.secret } });
  await response.arrayBuffer();
  return {
    status: response.status,
    policy: response.headers.get("ratelimit-policy"),
    state: response.headers.get("ratelimit"),
    retryAfter: response.headers.get("retry-after"),
  };
}

describe.skipIf(!isPossible)("limits counted over all nodes", () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await RedisServer.start();
  });
  afterAll(async () => {
    await redis[Symbol.asyncDispose]();
  });

  it("let as many requests through in all as the key has, whichever node they come to", {
    timeout: 120_000,
  }, async () => {
    const few = rated(6);
    const many = rated(50);
    const quota = aKey("key_quota", "api_1", { quota: limit(4, ANY_WINDOW_S) });
    const both = aKey("key_both", "api_1", { rateLimit: limit(9, HOUR_S, 2), quota: limit(4, ANY_WINDOW_S) });
    await using world = await World.empty();
    world.server.load(served(...resources(world, [few, many, quota, both])));
    const env = { LATCHKEY_INGRESS_SHARED_LIMITS_URL: redis.url, LATCHKEY_INGRESS_ENGINE: "strict" };
    await using first = new Program(world, { ...env, LATCHKEY_INGRESS_SHARED_LIMITS_TIMEOUT_MS: "5000" });
    const firstPorts = await first.ports();
    await using second = new Program(world, {
      ...env,
      LATCHKEY_INGRESS_DATA_DIR: `${world.dataDir}/second`,
      LATCHKEY_INGRESS_SHARED_LIMITS_TIMEOUT_MS: "5000",
    });
    const secondPorts = await second.ports();
    const ports = [firstPorts.port, secondPorts.port] as const;
    for (const { adminPort } of [firstPorts, secondPorts])
      await until(async () => (await fetch(`http://127.0.0.1:${adminPort}/readyz`)).status === 200);

    // One after the other, by turns: every field to the letter.
    const policy = `"rate";q=6;w=${HOUR_S}`;
    const sinceMs = performance.now();
    for (let i = 0; i < 6; i++) {
      const { state, ...rest } = await ask(ports[(i % 2) as 0 | 1], few);
      expect(rest).toEqual({ status: 200, policy, retryAfter: null });
      expect(state).toMatch(new RegExp(`^"rate";r=${5 - i};t=\\d+$`));
      expectCountdown(state?.split(";t=")[1], 600 * (i + 1), sinceMs);
    }
    for (const port of ports)
      for (let again = 0; again < 2; again++) {
        const { state, retryAfter, ...rest } = await ask(port, few);
        expect(rest).toEqual({ status: 429, policy });
        expect(state).toMatch(/^"rate";r=0;t=\d+$/);
        expectCountdown(state?.split(";t=")[1], HOUR_S, sinceMs);
        expectCountdown(retryAfter, 600, sinceMs);
      }

    // All at once.
    const responses = await Promise.all(
      Array.from({ length: 120 }, (_, i) => ask(ports[(i % 2) as 0 | 1], many)),
    );
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(50);
    expect(responses.filter(({ status }) => status === 429)).toHaveLength(70);

    // A quota, by turns.
    for (let i = 0; i < 4; i++) {
      const { status, state } = await ask(ports[(i % 2) as 0 | 1], quota);
      expect([status, state?.split(";t=")[0]]).toEqual([200, `"quota";r=${3 - i}`]);
    }
    for (const port of ports) {
      const refused = await ask(port, quota);
      const seconds = Number(refused.state?.split(";t=")[1]);
      expect(refused).toMatchObject({ status: 429, policy: `"quota";q=4;w=${ANY_WINDOW_S}` });
      expect(refused.state).toBe(`"quota";r=0;t=${seconds}`);
      expect(refused.retryAfter).toBe(String(seconds));
      expect(Math.abs(seconds - secondsLeft(ANY_WINDOW_S))).toBeLessThanOrEqual(1);
    }

    // The quota pays nothing for what the rate refused.
    const states: string[] = [];
    for (const port of [...ports, ...ports])
      states.push(`${(await ask(port, both)).state}`.replace(/;t=\d+/g, ""));
    expect(states).toEqual(['"rate";r=1, "quota";r=3', ...Array(3).fill('"rate";r=0, "quota";r=2')]);

    const decided = async ({ adminPort }: { adminPort: number }, by: string) => {
      const text = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
      return Number(new RegExp(`shared_limits_total\\{by="${by}"\\} (\\d+)`).exec(text)?.[1]);
    };
    expect((await decided(firstPorts, "server")) + (await decided(secondPorts, "server"))).toBe(
      10 + 120 + 6 + 4,
    );
    expect((await decided(firstPorts, "node")) + (await decided(secondPorts, "node"))).toBe(0);
    for (const { errors } of [first, second]) expect(errors).not.toContain(redis.password);
  });

  it("let a node with workers pass as many as the key has, to whichever worker they come", {
    timeout: 120_000,
  }, async () => {
    const key = aKey("key_workers", "api_1", { rateLimit: limit(20, HOUR_S) });
    await using world = await World.empty();
    world.server.load(served(...resources(world, [key])));
    await using node = new Program(world, {
      LATCHKEY_INGRESS_SHARED_LIMITS_URL: redis.url,
      LATCHKEY_INGRESS_SHARED_LIMITS_TIMEOUT_MS: "5000",
      LATCHKEY_INGRESS_ENGINE: "strict",
      LATCHKEY_INGRESS_WORKERS: "2",
    });
    const { port, adminPort } = await node.ports();
    await world.server.acked();
    const statuses = await Promise.all(
      Array.from({ length: 60 }, async () => {
        const headers = { "connxio-api-key": key.secret, connection: "close" };
        const response = await fetch(`http://127.0.0.1:${port}/a`, { headers });
        await response.arrayBuffer();
        return response.status;
      }),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(20);
    expect(statuses.filter((status) => status === 429)).toHaveLength(40);
    await until(async () =>
      (await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text()).includes(
        'shared_limits_total{by="server"} 60',
      ),
    );
  });

  it("go on within each node's part while the server is gone, and together when it is back", async () => {
    const key = rated(8);
    const other = rated(20);
    await using own = await RedisServer.start();
    await using world = await World.empty();
    world.server.load(served(...resources(world, [key, other])));
    const ingress = await world.startIngress({
      sharedLimits: { url: own.url, nodes: 4, retryMs: 20, timeoutMs: 5_000 },
    });
    await world.server.acked();
    expect((await ask(ingress.port, key)).state).toBe(`"rate";r=7;t=450`);
    await own.kill();
    await until(() => world.logLines.some((line) => line.includes("counts for itself")));
    // One was counted by the server; each costs four now, so one more fits into eight.
    expect((await ask(ingress.port, key)).status).toBe(200);
    expect((await ask(ingress.port, key)).status).toBe(429);
    // A key that was not asked for before: a quarter of 20.
    const statuses = [];
    for (let i = 0; i < 7; i++) statuses.push((await ask(ingress.port, other)).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);

    await own.start();
    await until(async () => {
      await ask(ingress.port, other);
      return world.logLines.some((line) => line.includes("counted over all nodes again"));
    });
    const metrics = await (await fetch(`${world.adminUrl}/metrics`)).text();
    expect(metrics).toMatch(/latchkey_ingress_shared_limits_total\{by="node"\} [1-9]/);
    expect(world.logLines.join("")).not.toContain(own.password);
  });

  it.each(["redis://:wrong@127.0.0.1", "redis://127.0.0.1"])(
    "serve when the server does not let %s in",
    async (start) => {
      const key = rated(3);
      await using world = await World.empty();
      world.server.load(served(...resources(world, [key])));
      const ingress = await world.startIngress({ sharedLimits: { url: `${start}:${redis.port}` } });
      await world.server.acked();
      const statuses = [];
      for (let i = 0; i < 4; i++) statuses.push((await ask(ingress.port, key)).status);
      expect(statuses).toEqual([200, 200, 200, 429]);
    },
  );

  describe.each(engines)("with the engine %s", (engine) => {
    it("hold no request longer than the time-out when the server stands still", async () => {
      const key = rated(100);
      await using relay = await TcpRelay.start(() => ({ host: "127.0.0.1", port: redis.port }));
      await using world = await World.empty({ engine });
      world.server.load(served(...resources(world, [key])));
      const sharedLimits = {
        url: redis.urlAt(relay.port),
        timeoutMs: 50,
        retryMs: 60_000,
        prefix: `${engine}:`,
      };
      const ingress = await world.startIngress({ sharedLimits });
      await world.server.acked();
      await ask(ingress.port, key);
      relay.freeze();
      // The first waits for the time-out, the rest for nothing: a wait for the server itself would last for ever.
      const statuses = await Promise.all(Array.from({ length: 20 }, () => ask(ingress.port, key)));
      expect(statuses.map(({ status }) => status)).toEqual(Array(20).fill(200));
      expect((await ask(ingress.port, key)).status).toBe(200);
    });

    it("deliver a request's body whole, and let nobody through whose key was disabled while it waited", async () => {
      const key = aKey("key_1", "api_1", { rateLimit: limit(100, HOUR_S) });
      await using relay = await TcpRelay.start(() => ({ host: "127.0.0.1", port: redis.port }));
      await using world = await World.empty({ engine });
      world.server.load(served(...resources(world, [key])));
      const sharedLimits = { url: redis.urlAt(relay.port), timeoutMs: 5_000, prefix: `${engine}-held:` };
      const ingress = await world.startIngress({ sharedLimits });
      await world.server.acked();
      const send = (body: string) =>
        fetch(`http://127.0.0.1:${ingress.port}/a`, {
          method: "POST",
          body,
          headers: { "connxio-api-key": key.secret },
        });
      for (const length of [0, 1, 70_000, 1_000_000]) {
        const body = "b".repeat(length);
        expect((await send(body)).status).toBe(200);
        expect(world.upstream.seen.at(-1)?.body.toString()).toBe(body);
      }

      const seenBefore = world.upstream.seen.length;
      await redis.pauseWrites();
      relay.resetCounters();
      const held = send("late");
      const heldEmpty = ask(ingress.port, key);
      await until(() => relay.bytesUp > 2 * 150); // both are waiting for the count: a ping is far smaller
      await world.change([{ ...key.resource, active: false }]);
      await redis.unpause();
      expect([(await held).status, (await heldEmpty).status]).toEqual([403, 403]);
      expect(world.upstream.seen).toHaveLength(seenBefore);
    });
  });
});

/** Seconds that were `full` and have been running down since: they are told rounded up. */
function expectCountdown(told: string | null | undefined, full: number, sinceMs: number): void {
  const goneSeconds = (performance.now() - sinceMs) / 1000;
  expect(Number(told)).toBeLessThanOrEqual(full);
  // One more: the node and the server know the time in whole milliseconds, each by its own clock.
  expect(Number(told)).toBeGreaterThanOrEqual(full - goneSeconds - 1);
}

function secondsLeft(windowSeconds: number): number {
  return windowSeconds - (Math.floor(Date.now() / 1000) % windowSeconds);
}
