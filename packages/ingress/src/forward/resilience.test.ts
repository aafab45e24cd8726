import { closesAtOnce, neverResponds, Upstream } from "@latchkey/testkit";
import { describe, expect, it } from "vitest";
import type { IngressConfigInput } from "../config.js";
import { until } from "../testing/until.js";
import { aKey, anApi, anIntegration, aRoute, World } from "../testing/world.js";

const key = aKey("key_1", "api_1");
const header = { "connxio-api-key": key.secret };

/** Two live upstreams, and one that nobody listens at. */
class Fleet implements AsyncDisposable {
  private constructor(
    readonly a: Upstream,
    readonly b: Upstream,
    readonly deadUrl: string,
  ) {}

  static async start(): Promise<Fleet> {
    const deadUrl = "http://127.0.0.1:1"; // nobody listens; a port that was closed may be another's at once
    return new Fleet(await Upstream.start(), await Upstream.start(), deadUrl);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.a.close();
    await this.b.close();
  }
}

describe("resilience", () => {
  const start = (integration: ReturnType<typeof anIntegration>, config: IngressConfigInput = {}) =>
    World.of(() => [integration, anApi("api_1", [aRoute("ANY", "/{rest*}", "int_1")]), key.resource], {
      config,
    });
  const ask = async (world: World, init: RequestInit = {}) => {
    const response = await fetch(`${world.url}/a`, { headers: header, ...init });
    await response.arrayBuffer();
    return [response.status, response.headers.get("latchkey-error")];
  };

  it("goes round several URLs", async () => {
    await using fleet = await Fleet.start();
    await using world = await start(
      anIntegration("int_1", fleet.a.url, { urls: [fleet.a.url, fleet.b.url] }),
    );
    for (let i = 0; i < 10; i++) expect(await ask(world)).toEqual([200, null]);
    expect([fleet.a.seen.length, fleet.b.seen.length]).toEqual([5, 5]);
  });

  it("prefers the URL with fewer requests in flight", async () => {
    await using fleet = await Fleet.start();
    fleet.a.behaviour = neverResponds;
    await using world = await start(
      anIntegration("int_1", fleet.a.url, {
        urls: [fleet.a.url, fleet.b.url],
        loadBalancing: "least-requests",
      }),
    );
    const abort = new AbortController();
    const held: Promise<unknown>[] = [];
    while (fleet.a.seen.length === 0) {
      held.push(fetch(`${world.url}/a`, { headers: header, signal: abort.signal }).catch(() => undefined));
      await new Promise(setImmediate);
      await Promise.race([fleet.a.sawRequests(1), fleet.b.sawRequests(fleet.b.seen.length + 1)]);
    }
    const before = fleet.b.seen.length;
    for (let i = 0; i < 5; i++) expect(await ask(world)).toEqual([200, null]);
    expect([fleet.a.seen.length, fleet.b.seen.length - before]).toEqual([1, 5]);
    abort.abort();
    await Promise.all(held);
  });

  it("tries another URL when nothing was sent, also for a POST with a body, and loses no request", async () => {
    await using fleet = await Fleet.start();
    await using world = await start(
      anIntegration("int_1", fleet.a.url, { urls: [fleet.deadUrl, fleet.a.url] }),
    );
    for (let i = 0; i < 20; i++)
      expect(await ask(world, { method: "POST", body: `body ${i}` })).toEqual([200, null]);
    expect(fleet.a.seen.map(({ body }) => body.toString())).toEqual(
      Array.from({ length: 20 }, (_, i) => `body ${i}`),
    );
  });

  it("does not repeat a POST that may have arrived, with retries allowed or not", async () => {
    await using fleet = await Fleet.start();
    fleet.a.behaviour = closesAtOnce;
    fleet.b.behaviour = closesAtOnce;
    await using world = await start(
      anIntegration("int_1", fleet.a.url, {
        urls: [fleet.a.url, fleet.b.url],
        retry: { attemptsMax: 3, budgetPercent: 100 },
      }),
    );
    expect(await ask(world, { method: "POST", body: "once" })).toEqual([502, "upstream.reset"]);
    expect(fleet.a.seen.length + fleet.b.seen.length).toBe(1);
  });

  it("repeats what is idempotent, with its body, within the attempts allowed", async () => {
    await using fleet = await Fleet.start();
    fleet.a.behaviour = closesAtOnce;
    await using world = await start(
      anIntegration("int_1", fleet.a.url, {
        method: "PUT",
        urls: [fleet.a.url, fleet.b.url],
        retry: { attemptsMax: 1, budgetPercent: 100 },
      }),
    );
    expect(await ask(world, { method: "POST", body: "payload" })).toEqual([200, null]);
    expect(fleet.b.last.body.toString()).toBe("payload");
  });

  it("stops repeating when the budget is used up", async () => {
    await using fleet = await Fleet.start();
    fleet.a.behaviour = closesAtOnce;
    await using world = await start(
      anIntegration("int_1", fleet.a.url, { method: "PUT", retry: { attemptsMax: 1, budgetPercent: 10 } }),
    );
    for (let i = 0; i < 40; i++) expect((await ask(world))[0]).toBe(502);
    // 10 saved, and one for each ten requests.
    expect(fleet.a.seen.length).toBeLessThanOrEqual(40 + 10 + 4);
    expect(fleet.a.seen.length).toBeGreaterThanOrEqual(40 + 10);
  });

  it("takes a failing URL out of rotation", async () => {
    await using fleet = await Fleet.start();
    await using world = await start(
      anIntegration("int_1", fleet.a.url, {
        urls: [fleet.a.url, fleet.b.url],
        circuitBreaker: { failures: 2, openMs: 60_000 },
      }),
    );
    fleet.a.behaviour = () => ({ status: 503 });
    for (let i = 0; i < 4; i++) await ask(world);
    expect(fleet.a.seen.length).toBe(2);
    for (let i = 0; i < 10; i++) expect(await ask(world)).toEqual([200, null]);
    expect(fleet.a.seen.length).toBe(2);
  });

  it("takes a URL back into rotation that works again", async () => {
    await using fleet = await Fleet.start();
    await using world = await start(
      anIntegration("int_1", fleet.a.url, {
        urls: [fleet.a.url, fleet.b.url],
        circuitBreaker: { failures: 2, openMs: 1 },
      }),
    );
    fleet.a.behaviour = () => ({ status: 503 });
    while (fleet.a.seen.length < 2) await ask(world);
    fleet.a.behaviour = () => ({ status: 200 });
    while (fleet.a.seen.length < 5) await ask(world);
    expect(await ask(world)).toEqual([200, null]);
  });

  it("responds with 503 while the only URL's circuit is open, without asking it", async () => {
    await using fleet = await Fleet.start();
    await using world = await start(
      anIntegration("int_1", fleet.a.url, { circuitBreaker: { failures: 3, openMs: 60_000 } }),
    );
    fleet.a.behaviour = closesAtOnce;
    for (let i = 0; i < 3; i++) expect((await ask(world))[0]).toBe(502);
    for (let i = 0; i < 5; i++) expect(await ask(world)).toEqual([503, "upstream.ejected"]);
    expect(fleet.a.seen).toHaveLength(3);
  });

  it("does not blame the integration for a client that goes away", async () => {
    await using fleet = await Fleet.start();
    await using world = await start(
      anIntegration("int_1", fleet.a.url, { circuitBreaker: { failures: 1, openMs: 60_000 } }),
    );
    fleet.a.behaviour = neverResponds;
    for (let i = 0; i < 3; i++) {
      const abort = new AbortController();
      const asked = fetch(`${world.url}/a`, { headers: header, signal: abort.signal }).catch(() => "aborted");
      await fleet.a.sawRequests(i + 1);
      abort.abort();
      expect(await asked).toBe("aborted");
    }
    fleet.a.behaviour = () => ({ status: 200 });
    await until(() => !(world.ingress.status().inFlight > 0));
    expect(await ask(world)).toEqual([200, null]);
  });

  it("takes an unhealthy URL out by active checks, and back in", async () => {
    await using fleet = await Fleet.start();
    let isHealthy = false;
    fleet.a.behaviour = ({ target }) =>
      target === "/health" ? { status: isHealthy ? 200 : 500 } : { status: 200 };
    const healthCheck = {
      path: "/health",
      intervalMs: 100,
      timeoutMs: 1000,
      unhealthyAfter: 2,
      healthyAfter: 2,
    };
    await using world = await start(
      anIntegration("int_1", fleet.a.url, { urls: [fleet.a.url, fleet.b.url], healthCheck }),
    );
    const requests = () => fleet.a.seen.filter(({ target }) => target !== "/health").length;
    await ask(world);
    const checks = () => fleet.a.seen.filter(({ target }) => target === "/health").length;
    await until(() => !(checks() < 3));
    const before = requests();
    for (let i = 0; i < 10; i++) expect(await ask(world)).toEqual([200, null]);
    expect(requests()).toBe(before);
    isHealthy = true;
    while (requests() === before) expect(await ask(world)).toEqual([200, null]);
  });

  it("logs once why a target became unhealthy, and once that it is healthy again", async () => {
    await using fleet = await Fleet.start();
    let isHealthy = false;
    fleet.a.behaviour = () => (isHealthy ? { status: 204 } : { status: 500 });
    fleet.b.behaviour = (request, socket) =>
      request.target.startsWith("/health") ? neverResponds(request, socket) : { status: 200 };
    const urls = [fleet.a.url, fleet.b.url, fleet.deadUrl];
    const healthCheck = {
      path: "/health?token=hush",
      intervalMs: 100,
      timeoutMs: 150,
      unhealthyAfter: 1,
      healthyAfter: 1,
    };
    await using world = await start(anIntegration("int_1", fleet.a.url, { urls, healthCheck }));
    await ask(world);
    const told = (message: string) =>
      world.logLines.filter((line) => line.includes(message)).map((line) => JSON.parse(line));
    await until(() => told("is unhealthy").length === urls.length);
    const checks = fleet.a.seen.length;
    await until(() => fleet.a.seen.length > checks + 2);
    isHealthy = true;
    await until(() => told("is healthy again").length === 1);
    const lines = told("is unhealthy");
    const hostOf = (url: string) => new URL(url).host;
    const line = (url: string) => lines.find(({ host }) => host === hostOf(url));
    expect(lines).toHaveLength(3);
    expect(line(fleet.a.url)).toMatchObject({ integrationId: "int_1", failure: "status", status: 500 });
    expect(line(fleet.b.url)).toMatchObject({ failure: "timeout", timeoutMs: 150 });
    expect(line(fleet.deadUrl)).toMatchObject({ failure: "connect_refused" });
    expect(told("is healthy again")[0]).toMatchObject({
      integrationId: "int_1",
      host: hostOf(fleet.a.url),
    });
    expect(world.logLines.join("")).not.toContain("hush");
  });

  it("limits a key's rate, and tells it by the draft's headers", async () => {
    await using fleet = await Fleet.start();
    await using world = await start(anIntegration("int_1", fleet.a.url));
    const limited = aKey("key_2", "api_1", {
      rateLimit: { limit: 60, windowSeconds: 60, burst: 3 },
      quota: { limit: 100, windowSeconds: 86_400, burst: 0 },
    });
    await world.change([limited.resource]);
    const asked = () => fetch(`${world.url}/a`, { headers: { "connxio-api-key": limited.secret } });
    for (let left = 2; left >= 0; left--) {
      const response = await asked();
      expect(response.status).toBe(200);
      expect(response.headers.get("ratelimit")).toMatch(
        new RegExp(`^"rate";r=${left};t=\\d+, "quota";r=\\d+;t=\\d+$`),
      );
    }
    const refused = await asked();
    expect([refused.status, refused.headers.get("latchkey-error")]).toEqual([429, "key.rate_limited"]);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(refused.headers.get("ratelimit-policy")).toBe('"rate";q=60;w=60, "quota";q=100;w=86400');
    expect(await ask(world)).toEqual([200, null]); // another key is not concerned
  });

  it("tells the limits in every response to a request that was counted, refused ones included", async () => {
    await using world = await start(anIntegration("int_1", "http://127.0.0.1:1"));
    const policy = { rateLimit: null, quota: { limit: 9, windowSeconds: 86_400, burst: 0 } };
    const [counted, disabled] = [aKey("key_2", "api_1", policy), aKey("key_3", "api_1", policy)];
    await world.change([counted.resource, { ...disabled.resource, active: false }]);
    const told = async (secret: string, path: string) => {
      const response = await fetch(`${world.url}${path}`, { headers: { "connxio-api-key": secret } });
      const problem = (await response.json()) as { code: string };
      return [problem.code, response.headers.get("ratelimit")?.split(";t=")[0]];
    };
    for (const left of [8, 7])
      expect(await told(counted.secret, "/a")).toEqual(["upstream.connect_refused", `"quota";r=${left}`]);
    expect(await told(disabled.secret, "/a")).toEqual(["key.disabled", undefined]);
    expect(await told(counted.secret, "/a%00")).toEqual(["request.path_invalid", undefined]);
  });

  it("keeps its connections when an integration changes, and retires them when it goes", async () => {
    await using fleet = await Fleet.start();
    const integration = anIntegration("int_1", fleet.a.url);
    await using world = await start(integration, { upstreams: { connectionsMax: 1 } });
    await ask(world);
    await world.change([{ ...integration, name: "renamed" }]);
    await ask(world);
    expect(fleet.a.connectionsMade).toBe(1);
    let release: (() => void) | undefined;
    fleet.a.behaviour = () => new Promise((resolve) => (release = () => resolve({ status: 200 })));
    const inFlight = ask(world);
    await fleet.a.sawRequests(3);
    await world.change([anIntegration("int_1", fleet.b.url)]);
    expect(await ask(world)).toEqual([200, null]);
    expect(fleet.b.seen).toHaveLength(1);
    release?.();
    expect(await inFlight).toEqual([200, null]); // what was in flight finished on the old one
    await until(() => !(fleet.a.openConnections > 0));
  });
});
