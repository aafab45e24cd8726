/** Which keys are taken, from where, and from when on. */
import { generateApiKey, keyDigest } from "@latchkey/core";
import { RawClient } from "@latchkey/testkit";
import { describe, expect, it } from "vitest";
import { api, disabled, expired, header, key, problemOf, startThings, webhook } from "../testing/things.js";
import {
  aKey,
  anApi,
  anIntegration,
  aRoute,
  combinations,
  served,
  type WorldOptions,
} from "../testing/world.js";

describe.each(combinations)("keys over $name", ({ engine, client }) => {
  const start = (more: WorldOptions = {}) => startThings({ engine, client, ...more });

  it("refuses a missing, an unknown and a mistyped key with 401, and says which header is wanted", async () => {
    await using world = await start();
    const bare = await fetch(`${world.url}/things/1`);
    expect([bare.status, await problemOf(bare)]).toEqual([401, "key.missing"]);
    expect(bare.headers.get("www-authenticate")).toBe('ApiKey header="connxio-api-key"');
    for (const secret of [generateApiKey(), `${key.secret.slice(0, -1)}!`, "x", "lk_"]) {
      const response = await fetch(`${world.url}/things/1`, { headers: { "connxio-api-key": secret } });
      expect([response.status, await problemOf(response)]).toEqual([401, "key.unknown"]);
    }
    expect(world.upstream.seen).toHaveLength(0);
  });

  it("refuses a disabled and an expired key with 403", async () => {
    await using world = await start();
    for (const [secret, code] of [
      [disabled.secret, "key.disabled"],
      [expired.secret, "key.expired"],
    ] as const) {
      const response = await fetch(`${world.url}/things/1`, { headers: { "connxio-api-key": secret } });
      expect([response.status, await problemOf(response)]).toEqual([403, code]);
    }
  });

  it("asks anew what may be done with a key, although a client says the same lines again and again", async () => {
    await using world = await start();
    using raw = await RawClient.connect(world.ingress.port);
    const ask = async (path = "/things/1") => {
      raw.send(`GET ${path} HTTP/1.1\r\nHost: a\r\nX-Own: o\r\nConnxio-Api-Key: ${key.secret}\r\n\r\n`);
      return (await raw.response()).status;
    };
    const askOften = async () => new Set([await ask(), await ask("/things/2"), await ask(), await ask()]);
    expect(await askOften()).toEqual(new Set([200]));
    expect(world.upstream.last.headers.join("|")).toContain("|x-own|o|");
    await world.change([{ ...key.resource, active: false }]);
    expect(await askOften()).toEqual(new Set([403]));
    await world.change([key.resource]);
    expect(await askOften()).toEqual(new Set([200]));
    await world.change([], [{ kind: "key", id: "key_header" }]);
    expect(await askOften()).toEqual(new Set([401]));
    await world.change([aKey("key_other", "api_1", {}, key.secret).resource]);
    expect(await askOften()).toEqual(new Set([200]));

    // Another table, which does not know the key.
    world.server.restore(
      world.server.revision.epoch + 1,
      served(anIntegration("int_1", world.upstream.url), api, webhook.resource),
    );
    await world.server.acked();
    expect(await askOften()).toEqual(new Set([401]));
    world.server.restore(
      world.server.revision.epoch + 1,
      served(anIntegration("int_1", world.upstream.url), api, key.resource),
    );
    await world.server.acked();
    expect(await askOften()).toEqual(new Set([200]));
  });

  it("refuses a key that is sent twice", async () => {
    await using world = await start();
    using raw = await RawClient.connect(world.ingress.port);
    raw.send(
      `GET /things/1 HTTP/1.1\r\nHost: a\r\nconnxio-api-key: ${key.secret}\r\nConnxio-Api-Key: ${key.secret}\r\n\r\n`,
    );
    expect((await raw.response()).status).toBe(400);
  });

  it("takes a webhook key from query and flag, and lets neither through", async () => {
    await using world = await start();
    const url = `${world.url}/things?a=1&Connxio-Api-Key=${webhook.secret}&b=%20x&connxio-api-WEBHOOK=true&c`;
    const response = await fetch(url, { method: "POST", body: "payload" });
    expect(response.status).toBe(200);
    expect(world.upstream.last.target).toBe("/in?a=1&b=%20x&c");
    expect(world.upstream.last.raw.toString("latin1").toLowerCase()).not.toContain("connxio-api");
  });

  it("takes a webhook key from the two headers, and from the key's header alone", async () => {
    await using world = await start();
    const headers = { "Connxio-Api-Key": webhook.secret };
    const both = await fetch(`${world.url}/things/1`, {
      headers: { ...headers, "connxio-api-webhook": "true" },
    });
    expect(both.status).toBe(200);
    expect(world.upstream.last.raw.toString("latin1").toLowerCase()).not.toContain("connxio-api");
    const alone = await fetch(`${world.url}/things/1`, { headers });
    expect(alone.status).toBe(200);
    expect(world.upstream.last.raw.toString("latin1").toLowerCase()).not.toContain("connxio-api");
  });

  it("never takes a header key from the query, and never a query key without its flag", async () => {
    await using world = await start();
    const cases = [
      [`Connxio-Api-Key=${key.secret}&Connxio-Api-Webhook=true`, "key.unknown"],
      [`Connxio-Api-Key=${key.secret}`, "key.missing"],
      [`Connxio-Api-Key=${webhook.secret}`, "key.missing"],
      [`Connxio-Api-Key=${webhook.secret}&Connxio-Api-Webhook=false`, "key.missing"],
    ] as const;
    for (const [query, code] of cases) {
      const response = await fetch(`${world.url}/things/1?${query}`);
      expect([response.status, await problemOf(response)]).toEqual([401, code]);
    }
  });

  it("strips every spelling of the key and flag parameters although the key came by header", async () => {
    await using world = await start();
    const query = `x=1&connxio%2Dapi-key=${webhook.secret}&CONNXIO-API-KEY=secret&Connxio-Api-Webhook=true&y=2`;
    const response = await fetch(`${world.url}/things/1?${query}`, { headers: header });
    expect(response.status).toBe(200);
    expect(world.upstream.last.target).toBe("/in?x=1&y=2");
  });

  it("takes both secrets within an overlap and only the new one after it", async () => {
    await using world = await start();
    const old = generateApiKey();
    const fresh = generateApiKey();
    const regenerated = (notAfterMs: number) =>
      aKey("key_2", "api_1", {
        secrets: [
          { digest: keyDigest(fresh), notAfterMs: 0 },
          { digest: keyDigest(old), notAfterMs },
        ],
      }).resource;
    const statusOf = async (secret: string) =>
      (await fetch(`${world.url}/things/1`, { headers: { "connxio-api-key": secret } })).status;
    await world.change([regenerated(Date.now() + 600_000)]);
    expect([await statusOf(old), await statusOf(fresh)]).toEqual([200, 200]);
    // The control plane learns whether clients still use the old secret.
    const counts = () => world.server.usage.flatMap((batch) => batch.counts);
    const countOf = (isPrevious: boolean) =>
      counts().filter(({ keyId, previousSecret }) => keyId === "key_2" && previousSecret === isPrevious)
        .length;
    await world.server.when(() => countOf(true) + countOf(false) === 2);
    expect([countOf(true), countOf(false)]).toEqual([1, 1]);
    await world.change([regenerated(Date.now() - 60_000)]);
    expect([await statusOf(old), await statusOf(fresh)]).toEqual([401, 200]);
  });

  it("enforces a change at once, also for a secret that it has just seen", async () => {
    await using world = await start();
    const statusOf = async () => (await fetch(`${world.url}/things/1`, { headers: header })).status;
    expect(await statusOf()).toBe(200);
    await world.change([{ ...key.resource, active: false }]);
    expect(await statusOf()).toBe(403);
    await world.change([key.resource]);
    expect(await statusOf()).toBe(200);
    await world.change([], [{ kind: "key", id: key.resource.id }]);
    expect(await statusOf()).toBe(401);
    await world.change([key.resource]);
    await world.change([], [{ kind: "api", id: "api_1" }]);
    expect(await statusOf()).toBe(503);
  });

  it("reaches each key's own integration although the paths are the same", async () => {
    await using world = await start();
    const other = aKey("key_other", "api_2");
    await world.change([
      anIntegration("int_2", `${world.upstream.url}/second`, { method: "PUT" }),
      anApi("api_2", [aRoute("GET", "/things/{thingId}", "int_2")]),
      other.resource,
    ]);
    await fetch(`${world.url}/things/1`, { headers: header });
    expect([world.upstream.last.method, world.upstream.last.target]).toEqual(["POST", "/in"]);
    await fetch(`${world.url}/things/1`, { headers: { "connxio-api-key": other.secret } });
    expect([world.upstream.last.method, world.upstream.last.target]).toEqual(["PUT", "/second"]);
    expect(world.upstream.last.header("configcorrelationid")).toBe("int_2");
  });

  it("says nothing of keys in its log", async () => {
    await using world = await start();
    await fetch(`${world.url}/things/1`, { headers: header });
    await fetch(`${world.url}/things?Connxio-Api-Key=${webhook.secret}&Connxio-Api-Webhook=true`, {
      method: "POST",
    });
    const log = world.logLines.join("");
    for (const { secret } of [key, webhook, disabled]) expect(log).not.toContain(secret);
  });
});
