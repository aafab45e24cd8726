/** Requests that the gateway refuses reach the control plane: with their key where it is known, in few rows otherwise. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { generateApiKey } from "@latchkey/core";
import { RawClient } from "@latchkey/testkit";
import { describe, expect, it } from "vitest";
import { aKey, anApi, anIntegration, aRoute, engines, World } from "../testing/world.js";

const key = aKey("key_1", "api_1");
const disabled = aKey("key_disabled", "api_1", { active: false });
const expired = aKey("key_expired", "api_1", { expiresAtMs: 1_000 });

describe.each(engines)("refused requests over %s", (engine) => {
  const start = () =>
    World.of(
      ({ upstream }) => [
        anIntegration("int_1", upstream.url),
        anApi("api_1", [aRoute("ANY", "/{rest*}", "int_1")]),
        key.resource,
        disabled.resource,
        expired.resource,
      ],
      { engine, config: { limits: { bodyIdleTimeoutMs: 300 } } },
    );

  const requestsOf = (world: World, keyId: string, status: number): number =>
    world.server.usage
      .flatMap(({ counts }) => counts)
      .filter((count) => count.keyId === keyId && count.status === status)
      .reduce((sum, { count }) => sum + Number(count), 0);
  const samplesOf = (world: World) => world.server.usage.flatMap(({ samples }) => samples);
  const ask = async (world: World, secret: string | null, path = "/a") => {
    const headers = secret === null ? {} : { "connxio-api-key": secret };
    const response = await fetch(`${world.url}${path}`, { headers });
    await response.arrayBuffer();
    return response.status;
  };

  it("counts a disabled and an expired key's 403 for the key, with a sample", async () => {
    await using world = await start();
    expect(await ask(world, disabled.secret)).toBe(403);
    expect(await ask(world, expired.secret)).toBe(403);
    await world.server.when(
      () => requestsOf(world, "key_disabled", 403) === 1 && requestsOf(world, "key_expired", 403) === 1,
    );
    expect(samplesOf(world)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          apiId: "api_1",
          keyId: "key_disabled",
          status: 403,
          errorCode: "key.disabled",
        }),
        expect.objectContaining({
          apiId: "api_1",
          keyId: "key_expired",
          status: 403,
          errorCode: "key.expired",
        }),
      ]),
    );
  });

  it("counts requests without a known key in one row for each error code, samples a few, and shows no key", async () => {
    await using world = await start();
    const unknown = Array.from({ length: 40 }, () => generateApiKey());
    for (const secret of unknown) expect(await ask(world, secret, `/${unknown.indexOf(secret)}`)).toBe(401);
    expect(await ask(world, null)).toBe(401);
    await world.server.when(() => requestsOf(world, "", 401) === 41);
    for (const { counts, samples } of world.server.usage) {
      expect(counts.filter(({ keyId }) => keyId === "").length).toBeLessThanOrEqual(2); // one for each error code
      expect(samples.length).toBeLessThanOrEqual(5); // a quarter of usageSamplesPerSecond (20)
    }
    expect(samplesOf(world)[0]).toMatchObject({
      apiId: "",
      keyId: "",
      status: 401,
      errorCode: "key.unknown",
      path: "/0",
    });
    const told = JSON.stringify(world.server.usage, (_, value: unknown) =>
      typeof value === "bigint" ? String(value) : value,
    );
    for (const secret of unknown) expect(told).not.toContain(secret.slice(0, 12));
  });

  it("counts what the front itself refuses, in one row for each error code", async () => {
    await using world = await start();
    for (let i = 0; i < 2; i++) {
      using raw = await RawClient.connect(world.ingress.port);
      raw.send(`GET /${"a".repeat(9_000)} HTTP/1.1\r\nHost: a\r\nconnxio-api-key: ${key.secret}\r\n\r\n`);
      expect((await raw.response()).status).toBe(414);
    }
    await world.server.when(() => requestsOf(world, "", 414) === 2);
    const counts = world.server.usage.flatMap((batch) => batch.counts);
    for (const { apiId, errorCode } of counts)
      expect([apiId, errorCode]).toEqual(["", "request.uri_too_long"]);
  });

  it("counts a client that leaves while its token is looked at, everywhere", async () => {
    const keys = createServer(); // never responds
    const asked = once(keys, "request");
    await new Promise<void>((done) => keys.listen(0, "127.0.0.1", done));
    const { port } = keys.address() as AddressInfo;
    const issuer = "https://issuer.example";
    const bearer = { issuer, audience: "latchkey", jwksUrl: `http://127.0.0.1:${port}/keys` };
    await using world = await World.of(
      ({ upstream }) => [
        anIntegration("int_1", upstream.url),
        anApi("api_1", [aRoute("ANY", "/a", "int_1")], { bearerRequired: true }),
        key.resource,
      ],
      { engine, config: { bearer } },
    );
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const claims = { iss: issuer, aud: "latchkey", exp: Math.floor(Date.now() / 1_000) + 600 };
    const token = `${part({ alg: "ES256", kid: "k1" })}.${part(claims)}.${Buffer.alloc(64, 1).toString("base64url")}`;
    const raw = await RawClient.connect(world.ingress.port);
    raw.send(
      `GET /a HTTP/1.1\r\nHost: a\r\nconnxio-api-key: ${key.secret}\r\nAuthorization: Bearer ${token}\r\n\r\n`,
    );
    await asked;
    raw[Symbol.dispose]();
    await world.server.when(() => requestsOf(world, "key_1", 499) === 1);
    expect(samplesOf(world)).toMatchObject([{ keyId: "key_1", status: 499, errorCode: "" }]);
    const metrics = await (await fetch(`${world.adminUrl}/metrics`)).text();
    expect(metrics).toContain('latchkey_ingress_requests_total{status="client_closed"} 1\n');
    keys.closeAllConnections();
    keys.close();
  });

  it("counts a body that does not get on with the 408 that was sent, once", async () => {
    await using world = await start();
    using raw = await RawClient.connect(world.ingress.port);
    raw.send(
      `POST /a HTTP/1.1\r\nHost: a\r\nconnxio-api-key: ${key.secret}\r\nContent-Length: 100\r\n\r\nhalf`,
    );
    expect((await raw.response()).status).toBe(408);
    await world.server.when(() => requestsOf(world, "key_1", 408) === 1);
    expect(requestsOf(world, "key_1", 499)).toBe(0);
    expect(samplesOf(world)).toMatchObject([{ keyId: "key_1", status: 408, errorCode: "request.timeout" }]);
    const metrics = await (await fetch(`${world.adminUrl}/metrics`)).text();
    expect(metrics).toMatch(/latchkey_ingress_requests_total\{[^}]*4xx[^}]*\} 1\n/);
  });
});
