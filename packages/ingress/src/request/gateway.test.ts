import { generateApiKey, keyDigest } from "@latchkey/core";
import { RawClient } from "@latchkey/testkit";
import { describe, expect, it } from "vitest";
import { aKey, anApi, anIntegration, aRoute, combinations, served, World } from "../testing/world.js";

const key = aKey("key_header", "api_1");
const webhook = aKey("key_webhook", "api_1", { mode: "webhook" });
const disabled = aKey("key_disabled", "api_1", { active: false });
const expired = aKey("key_expired", "api_1", { expiresAtMs: 1_000 });

const api = anApi("api_1", [
  aRoute("GET", "/things/{thingId}", "int_1"),
  aRoute("POST", "/things", "int_1"),
  aRoute("ANY", "/any/{rest*}", "int_1"),
  aRoute("GET", "/gone", "int_gone"),
]);

describe.each(combinations)("requests over $name", ({ engine, client }) => {
  const start = (more: Partial<Parameters<typeof World.of>[1]> = {}) =>
    World.of(
      ({ upstream }) => [
        anIntegration("int_1", `${upstream.url}/in`),
        api,
        key.resource,
        webhook.resource,
        disabled.resource,
        expired.resource,
      ],
      { engine, client, ...more },
    );

  const problemOf = async (response: Response) => {
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    const body = (await response.json()) as { code: string; status: number; requestId: string; type: string };
    expect(body.status).toBe(response.status);
    expect(response.headers.get("latchkey-error")).toBe(body.code);
    expect(body.type).toBe(`urn:latchkey:problem:${body.code}`);
    expect(body.requestId).toMatch(/^[0-9a-f-]{36}$/);
    return body.code;
  };
  const header = { "connxio-api-key": key.secret };

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
      world.server.version.epoch + 1,
      served(anIntegration("int_1", world.upstream.url), api, webhook.resource),
    );
    await world.server.acked();
    expect(await askOften()).toEqual(new Set([401]));
    world.server.restore(
      world.server.version.epoch + 1,
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

  it("responds with 404 for no route and 405 with Allow for another method", async () => {
    await using world = await start();
    const none = await fetch(`${world.url}/nothing/here`, { headers: header });
    expect([none.status, await problemOf(none)]).toEqual([404, "route.not_found"]);
    const other = await fetch(`${world.url}/things/1`, { method: "DELETE", headers: header });
    expect([other.status, await problemOf(other)]).toEqual([405, "route.method_not_allowed"]);
    expect(other.headers.get("allow")).toBe("GET");
  });

  it("responds with 400 for a path whose meaning is ambiguous", async () => {
    await using world = await start();
    for (const path of ["/any/%00", "/any/a/..;/b", "/any/%zz", "/any/a\\b", "/any/%ff"]) {
      using raw = await RawClient.connect(world.ingress.port);
      raw.send(`GET ${path} HTTP/1.1\r\nHost: a\r\nconnxio-api-key: ${key.secret}\r\n\r\n`);
      const response = await raw.response();
      // The strict front refuses the bare backslash before anybody looks at the path.
      const code = engine === "strict" && path.includes("\\") ? "request.malformed" : "request.path_invalid";
      expect([path, response.status, response.header("latchkey-error")]).toEqual([path, 400, code]);
    }
    expect(world.upstream.seen).toHaveLength(0);
  });

  it("responds with 503 for a route whose integration is not there", async () => {
    await using world = await start();
    const response = await fetch(`${world.url}/gone`, { headers: header });
    expect([response.status, await problemOf(response)]).toEqual([503, "integration.unavailable"]);
    expect(response.headers.get("retry-after")).toBe("1");
  });

  it("does not let a client set what the gateway sets", async () => {
    await using world = await start();
    await fetch(`${world.url}/things/real`, {
      headers: {
        ...header,
        configcorrelationid: "forged",
        "cx-path-thingid": "forged",
        "cx-path-other": "forged",
        forwarded: "for=forged",
        "x-forwarded-for": "forged",
        // This build of uWebSockets.js takes no underscore in a name: it closes such a connection without a response.
        ...(engine === "uws" ? {} : { X_Forwarded_For: "forged" }),
        "x-forwarded-host": "forged",
        "x-forwarded-port": "forged",
        traceparent: "forged",
        tracestate: "forged",
        interchangeid: "not a valid id!",
      },
    });
    const seen = world.upstream.last;
    expect(seen.raw.toString("latin1")).not.toContain("forged");
    expect(seen.all("ConfigCorrelationId")).toEqual(["int_1"]);
    expect(seen.all("cx-path-thingid")).toEqual(["real"]);
    expect(seen.all("interchangeid")).toHaveLength(1);
    expect(seen.all("x-forwarded-for")).toEqual(["127.0.0.1"]);
    expect(seen.all("x-forwarded-host")).toEqual([new URL(world.url).host]);
    expect(seen.all("x-forwarded-proto")).toEqual(["http"]);
    expect(seen.all("forwarded")).toEqual([`for=127.0.0.1;host="${new URL(world.url).host}";proto=http`]);
    expect(seen.header("via")).toMatch(/^1\.1 latchkey-[0-9a-f]{10}$/);
    expect(seen.all("host")).toEqual([new URL(world.upstream.url).host]);
  });

  it("carries on what a trusted proxy says, and appends to it", async () => {
    await using world = await start({ config: { trustedProxies: ["127.0.0.0/8"] } });
    await fetch(`${world.url}/things/1`, {
      headers: {
        ...header,
        forwarded: "for=192.0.2.1;proto=https",
        "x-forwarded-for": "192.0.2.1",
        "x-forwarded-proto": "https",
        "x-forwarded-host": "api.example.com",
        "x-forwarded-port": "443",
      },
    });
    const seen = world.upstream.last;
    expect(seen.header("x-forwarded-for")).toBe("192.0.2.1, 127.0.0.1");
    expect(seen.header("x-forwarded-proto")).toBe("https");
    expect(seen.header("x-forwarded-host")).toBe("api.example.com");
    expect(seen.header("x-forwarded-port")).toBe("443");
    expect(seen.header("forwarded")).toMatch(/^for=192\.0\.2\.1, for=127\.0\.0\.1;host=/);
  });

  it("takes what clients send without encoding, in a path as encoded, in a query as it came", async () => {
    await using world = await start();
    const query = `where={"a":1}&filter[name]=x&ids[]=1&a=1|2&b=<c>&d=^\`\\&e=%F6&f=%zz&g=100%&h=b?c&&i`;
    for (const [target, upstream, value] of [
      [`/things/1?${query}`, `/in?${query}`, "1"],
      [`/things/a"<>[]^\`{|}`, "/in", "a%22%3C%3E%5B%5D%5E%60%7B%7C%7D"],
    ] as const) {
      using raw = await RawClient.connect(world.ingress.port);
      raw.send(`GET ${target} HTTP/1.1\r\nHost: a\r\nconnxio-api-key: ${key.secret}\r\n\r\n`);
      const response = await raw.response();
      expect([target, response.status, response.header("latchkey-error")]).toEqual([target, 200, undefined]);
      expect([world.upstream.last.target, world.upstream.last.header("cx-path-thingid")]).toEqual([
        upstream,
        value,
      ]);
    }
    // Not these: they end a line or a word, or begin a fragment.
    // (uWebSockets.js closes the connection for some, without a response.)
    for (const query of engine === "uws" ? ["a#b"] : ["a#b", "a\tb", "a\u00f6"]) {
      using raw = await RawClient.connect(world.ingress.port);
      raw.send(`GET /things/1?${query} HTTP/1.1\r\nHost: a\r\nconnxio-api-key: ${key.secret}\r\n\r\n`);
      expect([query, (await raw.response()).status]).toEqual([query, 400]);
    }
  });

  it("tells the integration the client's method and URL, without key and flag", async () => {
    for (const trustedProxies of [[], ["127.0.0.0/8"]]) {
      await using world = await start({ config: { trustedProxies } });
      const query = `Retry=1&Connxio-Api-Key=${webhook.secret}&Connxio-Api-Webhook=true&To=%2B47`;
      await fetch(`${world.url}/any/sms/%6eorth/?${query}`, {
        method: "PUT",
        headers: { "x-forwarded-method": "forged", "x-forwarded-path": "/forged" },
      });
      const seen = world.upstream.last;
      expect(seen.method).toBe("POST");
      expect(seen.all("x-forwarded-method")).toEqual(["PUT"]);
      expect(seen.all("x-forwarded-path")).toEqual(["/any/sms/%6eorth/?Retry=1&To=%2B47"]);
      await fetch(`${world.url}/any/x`, { headers: header });
      expect(world.upstream.last.all("x-forwarded-path")).toEqual(["/any/x"]);
    }
  });

  it("gives every response the id of its request", async () => {
    await using world = await start();
    world.upstream.behaviour = () => ({ headers: ["InterchangeId", "of-the-integration"] });
    const responseTo = async (line: string, more = `Connxio-Api-Key: ${key.secret}`) => {
      using raw = await RawClient.connect(world.ingress.port);
      raw.send(`${line} HTTP/1.1\r\nHost: a\r\n${more}\r\n\r\n`);
      return await raw.response(line.startsWith("HEAD"));
    };
    const passed = await responseTo("GET /things/1");
    expect(passed.all("interchangeid")).toEqual([world.upstream.last.header("interchangeid")]);
    const own = await responseTo("GET /things/1", `Connxio-Api-Key: ${key.secret}\r\nInterchangeId: msg-7`);
    expect(own.all("interchangeid")).toEqual(["msg-7"]);
    for (const [line, more, status] of [
      ["GET /things/1", "X-Own: 1", 401],
      ["GET /none", undefined, 404],
      ["DELETE /things/1", undefined, 405],
      ["GET /gone", undefined, 503],
      ["GET /any/%00", undefined, 400],
      ["HEAD /any/x", undefined, 200],
      ["OPTIONS /things/1", `Connxio-Api-Key: ${key.secret}\r\nMax-Forwards: 0`, 204],
      // Refused by the front, before the gateway sees it.
      ["GET /things/1", `Connxio-Api-Key: ${key.secret}\r\nContent-Length: x`, 400],
    ] as const) {
      if (engine === "uws" && more?.includes("Content-Length") === true) continue; // closed without a response
      const response = await responseTo(line, more);
      expect([line, response.status, response.all("interchangeid")]).toEqual([
        line,
        status,
        [expect.stringMatching(/^[0-9a-f-]{36}$/)],
      ]);
      if (response.body.length > 0)
        expect(JSON.parse(response.body.toString()).requestId).toBe(response.header("interchangeid"));
    }
  });

  it("keeps a valid interchange id and trace context", async () => {
    await using world = await start();
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    await fetch(`${world.url}/things/1`, {
      headers: { ...header, InterchangeId: "msg:2026-11.24_a", traceparent, tracestate: "a=1" },
    });
    const seen = world.upstream.last;
    expect(seen.header("interchangeid")).toBe("msg:2026-11.24_a");
    expect(seen.header("traceparent")).toBe(traceparent);
    expect(seen.header("tracestate")).toBe("a=1");
  });

  it("takes no interchange id that has an API key in it, for it is logged and goes to the integration", async () => {
    await using world = await start();
    for (const id of [key.secret, `msg-${key.secret}.7`, generateApiKey()]) {
      const response = await fetch(`${world.url}/things/1`, { headers: { ...header, InterchangeId: id } });
      expect(response.headers.get("interchangeid")).toMatch(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      expect(world.upstream.last.all("interchangeid")).toEqual([response.headers.get("interchangeid")]);
    }
    const refused = await fetch(`${world.url}/things/1`, { headers: { InterchangeId: key.secret } });
    expect(refused.status).toBe(401);
    expect(`${await refused.text()}${refused.headers.get("interchangeid")}`).not.toContain(key.secret);
  });

  it("forwards end-to-end headers as they came and drops hop-by-hop ones", async () => {
    await using world = await start();
    using raw = await RawClient.connect(world.ingress.port);
    raw.send(
      [
        "POST /things HTTP/1.1",
        "Host: client.example",
        `Connxio-Api-Key: ${key.secret}`,
        "X-Hub-Signature-256: sha256=abc",
        "X-GitHub-Event: push",
        "Accept: a/b",
        "Accept: c/d",
        "Cookie: a=b; c=d",
        "Authorization: Bearer of-the-client",
        "Content-Type: application/json; charset=utf-8",
        "Content-Encoding: identity",
        "Content-Disposition: attachment; filename=x",
        "X-Latin: caf\u00c3\u00a9s",
        "Connection: x-hop, keep-alive",
        "X-Hop: secret",
        "Keep-Alive: timeout=5",
        "TE: trailers",
        "Upgrade: h2c",
        "Proxy-Authorization: Basic x",
        "Content-Length: 2",
        "",
        "{}",
      ].join("\r\n"),
    );
    expect((await raw.response()).status).toBe(200);
    const seen = world.upstream.last;
    expect(seen.header("x-hub-signature-256")).toBe("sha256=abc");
    expect(seen.header("x-github-event")).toBe("push");
    expect(seen.all("accept")).toEqual(["a/b", "c/d"]);
    expect(seen.header("cookie")).toBe("a=b; c=d");
    expect(seen.header("authorization")).toBe("Bearer of-the-client");
    expect(seen.header("content-type")).toBe("application/json; charset=utf-8");
    expect(seen.header("content-encoding")).toBe("identity");
    expect(seen.header("content-disposition")).toBe("attachment; filename=x");
    expect(seen.header("x-latin")).toBe("caf\u00c3\u00a9s");
    for (const name of ["x-hop", "keep-alive", "te", "upgrade", "proxy-authorization"])
      expect([name, seen.header(name)]).toEqual([name, undefined]);
  });

  it("refuses an expectation that it does not know with 417", async () => {
    await using world = await start();
    using raw = await RawClient.connect(world.ingress.port);
    raw.send(`GET /things/1 HTTP/1.1\r\nHost: a\r\nExpect: tea\r\nconnxio-api-key: ${key.secret}\r\n\r\n`);
    expect((await raw.response()).status).toBe(417);
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

  it("serves an API's description to its key when the owner has it served", async () => {
    await using world = await start();
    const path = `${world.url}/.well-known/openapi.json`;
    expect((await fetch(path, { headers: header })).status).toBe(404);
    await world.change([{ ...api, openapiJson: Buffer.from('{"openapi":"3.1.1"}') }]);
    const response = await fetch(path, { headers: header });
    expect([response.status, await response.json()]).toEqual([200, { openapi: "3.1.1" }]);
    expect((await fetch(path)).status).toBe(401);
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

describe("a node without a revision", () => {
  it("is not ready and responds with 503, never 404", async () => {
    await using world = await World.empty();
    world.server.isMute = true;
    await world.startIngress();
    expect((await fetch(`${world.adminUrl}/readyz`)).status).toBe(503);
    expect((await fetch(`${world.adminUrl}/healthz`)).status).toBe(200);
    const response = await fetch(`${world.url}/things/1`, { headers: { "connxio-api-key": key.secret } });
    expect([response.status, response.headers.get("latchkey-error")]).toEqual([503, "gateway.not_ready"]);
  });
});
