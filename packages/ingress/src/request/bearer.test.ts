import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, RawClient, Upstream } from "@latchkey/testkit";
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { aKey, anApi, anIntegration, aRoute, engines, World } from "../testing/world.js";

const key = aKey("key_1", "api_1");
const webhook = aKey("key_2", "api_1", { mode: "webhook" });
/** Of an API that demands no token. */
const free = aKey("key_3", "api_2");

async function issuer() {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  return { jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: "k1", alg: "ES256" }] }, privateKey };
}

const tokenOf = (privateKey: CryptoKey, claims: { aud?: string; iss?: string; exp?: number } = {}) =>
  new SignJWT({})
    .setProtectedHeader({ alg: "ES256", kid: "k1" })
    .setIssuer(claims.iss ?? "https://issuer.example")
    .setAudience(claims.aud ?? "latchkey")
    .setExpirationTime(claims.exp ?? Math.floor(Date.now() / 1000) + 600)
    .sign(privateKey);

describe.each(engines)("bearer tokens over %s", (engine) => {
  const start = async (bearer: object, more: object = {}) =>
    World.of(
      ({ upstream }) => [
        anIntegration("int_1", upstream.url, more),
        anApi("api_2", [aRoute("ANY", "/{rest*}", "int_1")]),
        free.resource,
        anApi("api_1", [aRoute("ANY", "/{rest*}", "int_1")], { bearerRequired: true }),
        key.resource,
        webhook.resource,
      ],
      { engine, config: { bearer: { issuer: "https://issuer.example", audience: "latchkey", ...bearer } } },
    );
  const ask = async (world: World, token: string | null, body = "payload") => {
    const response = await fetch(`${world.url}/a`, {
      method: "POST",
      headers: {
        "connxio-api-key": key.secret,
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body,
    });
    await response.arrayBuffer();
    return [response.status, response.headers.get("latchkey-error")];
  };

  it("are demanded beside a header key, verified once, and waived by a webhook key", async () => {
    const { jwks, privateKey } = await issuer();
    const other = await issuer();
    const file = join(mkdtempSync(join(tmpdir(), "latchkey-jwks-")), "jwks.json");
    writeFileSync(file, JSON.stringify(jwks));
    await using world = await start({ jwksFile: file });
    expect(await ask(world, null)).toEqual([401, "token.invalid"]);
    expect(await ask(world, "garbage")).toEqual([401, "token.invalid"]);
    const good = await tokenOf(privateKey);
    expect(await ask(world, good, "first body")).toEqual([200, null]);
    expect(world.upstream.last.body.toString()).toBe("first body");
    expect(await ask(world, good, "x".repeat(500_000))).toEqual([200, null]);
    expect(world.upstream.last.body.length).toBe(500_000);
    expect(await ask(world, await tokenOf(privateKey, { aud: "other" }))).toEqual([401, "token.invalid"]);
    expect(await ask(world, await tokenOf(privateKey, { iss: "other" }))).toEqual([401, "token.invalid"]);
    expect(await ask(world, await tokenOf(privateKey, { exp: 1000 }))).toEqual([401, "token.invalid"]);
    expect(await ask(world, await tokenOf(other.privateKey))).toEqual([401, "token.invalid"]);
    const none = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${good.split(".")[1]}.`;
    expect(await ask(world, none)).toEqual([401, "token.invalid"]);
    const url = `${world.url}/a?Connxio-Api-Key=${webhook.secret}&Connxio-Api-Webhook=true`;
    expect((await fetch(url, { method: "POST", body: "hook" })).status).toBe(200);
    expect(world.logLines.join("")).not.toContain(good.slice(0, 40));
  });

  it("stay at the gateway unless the integration asks for them, and only verified ones go on", async () => {
    const { jwks, privateKey } = await issuer();
    const file = join(mkdtempSync(join(tmpdir(), "latchkey-jwks-")), "jwks.json");
    writeFileSync(file, JSON.stringify(jwks));
    const good = `Bearer ${await tokenOf(privateKey)}`;
    const forged = `Bearer ${await tokenOf((await issuer()).privateKey)}`;
    for (const forwardAuthorization of [false, true]) {
      await using world = await start({ jwksFile: file }, { forwardAuthorization });
      /** What the integration got; null: the gateway refused the request. */
      const seenOf = async (headers: Record<string, string>, query = "") => {
        const response = await fetch(`${world.url}/a${query}`, { headers });
        await response.arrayBuffer();
        return response.status === 200 ? world.upstream.last.all("authorization") : response.status;
      };
      const header = { "connxio-api-key": key.secret };
      // The second time the lines are known.
      for (let i = 0; i < 2; i++)
        expect(await seenOf({ ...header, authorization: good })).toEqual(forwardAuthorization ? [good] : []);
      expect(await seenOf({ ...header, authorization: forged })).toBe(401);
      // A webhook's sender is not asked for a token, so that what it sends was never verified.
      const query = `?Connxio-Api-Key=${webhook.secret}&Connxio-Api-Webhook=true`;
      expect(await seenOf({ authorization: forged }, query)).toEqual([]);
      const flagged = { "connxio-api-key": webhook.secret, "connxio-api-webhook": "true" };
      expect(await seenOf({ ...flagged, authorization: forged })).toEqual([]);
      // Its key in the plain header has the rules of the HEADER mode.
      const plain = { "connxio-api-key": webhook.secret };
      expect(await seenOf(plain)).toBe(401);
      expect(await seenOf({ ...plain, authorization: good })).toEqual(forwardAuthorization ? [good] : []);
      // The other API demands none: the client's header is the integration's.
      expect(await seenOf({ "connxio-api-key": free.secret, authorization: "Basic eDp5" })).toEqual([
        "Basic eDp5",
      ]);
    }
  });

  it("do not pass when a forged one comes with a good one, in either order", async () => {
    const { jwks, privateKey } = await issuer();
    const file = join(mkdtempSync(join(tmpdir(), "latchkey-jwks-")), "jwks.json");
    writeFileSync(file, JSON.stringify(jwks));
    await using world = await start({ jwksFile: file }, { forwardAuthorization: true });
    const lines = [
      `Authorization: Bearer ${await tokenOf(privateKey)}`,
      `Authorization: Bearer ${await tokenOf((await issuer()).privateKey)}`,
    ];
    for (const order of [lines, lines.toReversed()]) {
      using raw = await RawClient.connect(world.ingress.port);
      raw.send(
        `GET /a HTTP/1.1\r\nHost: a\r\nConnxio-Api-Key: ${key.secret}\r\n${order.join("\r\n")}\r\n\r\n`,
      );
      expect((await raw.response()).status).toBe(400);
    }
    expect(world.upstream.seen).toHaveLength(0);
  });

  it("are checked against keys that are fetched and cached, and the issuer's failure is not the client's", async () => {
    const { jwks, privateKey } = await issuer();
    await using keys = await Upstream.start({ behaviour: () => ({ status: 500 }) });
    await using world = await start({ jwksUrl: `${keys.url}/jwks` });
    expect(await ask(world, await tokenOf(privateKey))).toEqual([503, "token.issuer_unavailable"]);
    keys.behaviour = () => ({ headers: ["content-type", "application/json"], body: JSON.stringify(jwks) });
    const before = keys.seen.length;
    const token = await tokenOf(privateKey, { exp: Math.floor(Date.now() / 1000) + 601 });
    await eventually(
      async () => ((await ask(world, token))[0] === 200 ? true : undefined),
      "the issuer is asked again, a while after its failure",
    );
    for (let i = 0; i < 5; i++) expect(await ask(world, token)).toEqual([200, null]);
    expect(keys.seen.length).toBe(before + 1);
  });
});

describe("an issuer's keys", () => {
  it.each([
    ["http://issuer.example/jwks?code=hidden", true],
    ["http://127.0.0.1:1/jwks", false],
    ["https://issuer.example/jwks", false],
  ])("from %s: a warning about missing TLS is %s", async (jwksUrl, isWarned) => {
    const bearer = { issuer: "https://issuer.example", audience: "latchkey", jwksUrl };
    await using world = await World.of(() => [], { config: { bearer } });
    const warnings = world.logLines.filter((line) => line.includes("bearer.jwksUrl has no TLS"));
    expect(warnings.length > 0).toBe(isWarned);
    expect(world.logLines.join("")).not.toContain("hidden");
  });
});
