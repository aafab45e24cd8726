/** What the gateway responds with itself, and what all responses have. */
import { RawClient } from "@latchkey/testkit";
import { describe, expect, it } from "vitest";
import { api, header, key, problemOf, startThings } from "../testing/things.js";
import { combinations, World, type WorldOptions } from "../testing/world.js";

describe.each(combinations)("requests over $name", ({ engine, client }) => {
  const start = (more: WorldOptions = {}) => startThings({ engine, client, ...more });

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
    const paths = [
      "/any/%00",
      "/any/a/..;/b",
      "/any/%zz",
      "/any/a\\b",
      "/any/%ff",
      "/any/bl\xc3\xa5",
      "/any/a#b",
    ];
    for (const path of paths) {
      using raw = await RawClient.connect(world.ingress.port);
      raw.send(`GET ${path} HTTP/1.1\r\nHost: a\r\nconnxio-api-key: ${key.secret}\r\n\r\n`);
      const response = await raw.response();
      // The parser of node:http refuses these bytes before anybody looks at the path.
      const code = engine === "node" && /[#\xc3]/.test(path) ? "request.malformed" : "request.path_invalid";
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

  it("refuses an expectation that it does not know with 417", async () => {
    await using world = await start();
    using raw = await RawClient.connect(world.ingress.port);
    raw.send(`GET /things/1 HTTP/1.1\r\nHost: a\r\nExpect: tea\r\nconnxio-api-key: ${key.secret}\r\n\r\n`);
    expect((await raw.response()).status).toBe(417);
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
