/** What the integration gets of a request: target, method and headers. */
import { generateApiKey } from "@latchkey/core";
import { RawClient } from "@latchkey/testkit";
import { describe, expect, it } from "vitest";
import { api, header, key, startThings, webhook } from "../testing/things.js";
import { anIntegration, combinations, World, type WorldOptions } from "../testing/world.js";

describe.each(combinations)("the outgoing head over $name", ({ engine, client }) => {
  const start = (more: WorldOptions = {}) => startThings({ engine, client, ...more });

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

  it("keeps the parameters of the integration's URL from the client, however it writes their names", async () => {
    await using world = await World.of(
      ({ upstream }) => [anIntegration("int_1", `${upstream.url}/in?Tenant=a&z`), api, key.resource],
      { engine, client },
    );
    for (const [query, upstream] of [
      ["", ""],
      ["?page=2&&q=", "&page=2&&q="],
      ["?tenant=b&page=2&%54ENANT=c&Z=1&tenant", "&page=2"],
      ["?tenants=b", "&tenants=b"],
      ["?tenant=b", ""],
    ] as const) {
      expect((await fetch(`${world.url}/things/1${query}`, { headers: header })).status).toBe(200);
      expect(world.upstream.last.target).toBe(`/in?Tenant=a&z${upstream}`);
      expect(world.upstream.last.header("x-forwarded-path")).toBe(`/things/1${query}`);
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
});
