import { describe, expect, it, vi } from "vitest";
import { aKey, anApi, anIntegration, aRoute, engines, World } from "../testing/world.js";
import { Target } from "./target.js";

const key = aKey("key_1", "api_1");
const header = { "connxio-api-key": key.secret };

describe.each(engines)("the message trail of %s", (engine) => {
  const start = (integration: (world: World) => ReturnType<typeof anIntegration>) =>
    World.of(
      (world) => [integration(world), anApi("api_1", [aRoute("ANY", "/{rest*}", "int_1")]), key.resource],
      {
        engine,
      },
    );
  const trail = async (world: World, interchangeId: string) => {
    const found = () =>
      world.server.usage
        .flatMap(({ samples }) => samples)
        .find((sample) => sample.interchangeId === interchangeId);
    await world.server.when(() => found() !== undefined);
    return found();
  };
  const ask = async (world: World, interchangeId: string, init: RequestInit = {}, path = "/a") => {
    const headers = { ...header, InterchangeId: interchangeId };
    const response = await fetch(`${world.url}${path}`, { headers, ...init });
    return [response.status, await response.text()] as const;
  };

  it("has one attempt with its times, the revision and the sizes, and neither query nor key", async () => {
    await using world = await start(({ upstream }) =>
      anIntegration("int_1", `${upstream.url}/in?code=hidden`),
    );
    const [status, text] = await ask(world, "first", { method: "POST", body: "four" }, "/a/b?secret=1");
    expect(status).toBe(200);
    const sample = await trail(world, "first");
    expect(sample).toMatchObject({
      apiId: "api_1",
      keyId: "key_1",
      integrationId: "int_1",
      method: "POST",
      path: "/a/b",
      status: 200,
      errorCode: "",
      requestBytes: 4n,
      responseBytes: BigInt(Buffer.byteLength(text)),
      epoch: BigInt(world.server.revision.epoch),
      number: BigInt(world.server.revision.number),
      attempts: [{ url: `${world.upstream.url}/in`, status: 200, errorCode: "" }],
    });
    const [attempt] = sample?.attempts ?? [];
    expect(attempt?.connectUs).toBeGreaterThan(0);
    expect(attempt?.firstByteUs).toBeGreaterThanOrEqual(attempt?.connectUs ?? 0);
    expect(attempt?.durationUs).toBeGreaterThanOrEqual(attempt?.firstByteUs ?? 0);
    expect(sample?.durationUs).toBeGreaterThanOrEqual(
      (attempt?.startedUs ?? 0) + (attempt?.firstByteUs ?? 0),
    );
    const told = JSON.stringify(sample, (_, value: unknown) =>
      typeof value === "bigint" ? String(value) : value,
    );
    for (const hidden of ["secret=1", "code=hidden", key.secret]) expect(told).not.toContain(hidden);
  });

  it("counts the wait for a connection within the time to the first byte, also when dispatching took long", async () => {
    await using world = await start(({ upstream }) => anIntegration("int_1", upstream.url));
    const clientOf = Object.getOwnPropertyDescriptor(Target.prototype, "client")?.get;
    using _ = vi.spyOn(Target.prototype, "client", "get").mockImplementation(function (this: Target) {
      const client = clientOf?.call(this) as Target["client"];
      return new Proxy(client, {
        get: (whole, name) =>
          name === "dispatch"
            ? (...args: Parameters<typeof whole.dispatch>) => {
                const request = whole.dispatch(...args);
                for (const until = performance.now() + 50; performance.now() < until; );
                return request;
              }
            : Reflect.get(whole, name, whole),
      });
    });
    expect((await ask(world, "slow"))[0]).toBe(200);
    const [attempt] = (await trail(world, "slow"))?.attempts ?? [];
    expect(attempt?.waitUs).toBeGreaterThan(50_000);
    expect(attempt?.firstByteUs).toBeGreaterThanOrEqual(attempt?.waitUs ?? 0);
  });

  it("has the failed attempt before the one that succeeded, with its code", async () => {
    const deadUrl = "http://127.0.0.1:1"; // nobody listens; a port that was closed may be another's at once
    await using world = await start(({ upstream }) =>
      anIntegration("int_1", deadUrl, { urls: [deadUrl, upstream.url] }),
    );
    expect((await ask(world, "second"))[0]).toBe(200);
    expect((await trail(world, "second"))?.attempts).toMatchObject([
      { url: deadUrl, status: 0, firstByteUs: 0, errorCode: "upstream.connect_refused" },
      { url: world.upstream.url, status: 200, errorCode: "" },
    ]);
  });

  it("has no attempt of a request that was refused, and why", async () => {
    await using world = await World.of(
      ({ upstream }) => [
        anIntegration("int_1", upstream.url),
        anApi("api_1", [aRoute("GET", "/a", "int_1")]),
        key.resource,
      ],
      { engine },
    );
    expect((await ask(world, "third", {}, "/none"))[0]).toBe(404);
    expect(await trail(world, "third")).toMatchObject({
      apiId: "api_1",
      keyId: "key_1",
      routeId: "",
      status: 404,
      errorCode: "route.not_found",
      attempts: [],
    });
  });
});
