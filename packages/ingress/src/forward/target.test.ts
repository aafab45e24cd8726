/** Where a request goes: the URL, the method, the address. Over each engine and client. */
import { RawClient } from "@latchkey/testkit";
import { describe, expect, it } from "vitest";
import { aKey, anApi, anIntegration, aRoute, combinations, World } from "../testing/world.js";

const key = aKey("key_1", "api_1");
const KEY = `connxio-api-key: ${key.secret}`;
const header = { "connxio-api-key": key.secret };
const codeOf = (response: Response) => [response.status, response.headers.get("latchkey-error")];

describe.each(combinations)("targets over $name", ({ engine, client }) => {
  const start = (config: object = {}) =>
    World.of(
      ({ upstream }) => [
        anIntegration("int_1", upstream.url),
        anApi("api_1", [aRoute("ANY", "/{rest*}", "int_1")]),
        key.resource,
      ],
      { engine, client, config },
    );

  it("fills a target's placeholders with path parameters as the client wrote them, and never leads elsewhere", async () => {
    await using world = await World.of(
      ({ upstream }) => [
        anIntegration("int_1", `${upstream.url}/v1/orders/{id}/files/{path}?a=1`),
        anIntegration("int_2", `${upstream.url}/v1/{other}`),
        anIntegration("int_3", `${upstream.url}/v1/%7Bid%7D`),
        anIntegration("int_4", `${upstream.url}/v1/{a}{b}`),
        anApi("api_1", [
          aRoute("GET", "/o/{ID}/{path*}", "int_1"),
          aRoute("GET", "/missing/{id}", "int_2"),
          aRoute("GET", "/text/{id}", "int_3"),
          aRoute("GET", "/parts/{a}/x{b}", "int_4"),
        ]),
        key.resource,
      ],
      { engine, client },
    );
    const ask = async (path: string) => codeOf(await fetch(world.url + path, { headers: header }));
    expect(await ask("/o/a%2Fb%20c/d/e.txt?q=1")).toEqual([200, null]);
    expect(world.upstream.last.target).toBe("/v1/orders/a%2Fb%20c/files/d/e.txt?a=1&q=1");
    expect(await ask("/missing/7")).toEqual([503, "integration.unavailable"]);
    expect(await ask("/text/7")).toEqual([200, null]);
    expect(world.upstream.last.target).toBe("/v1/%7Bid%7D");
    expect(await ask("/parts/a/xb")).toEqual([200, null]);
    expect(world.upstream.last.target).toBe("/v1/ab");
    const count = world.upstream.seen.length;
    const dots = await RawClient.connect(world.ingress.port);
    dots.send(`GET /parts/.a/x. HTTP/1.1\r\nHost: a\r\n${KEY}\r\n\r\n`);
    await dots.response();
    expect(world.upstream.last.target).toBe("/v1/.a.");
    expect(world.upstream.seen).toHaveLength(count + 1);
    dots[Symbol.dispose]();
  });

  it("sends the client's method to an integration that takes it as received, HEAD and OPTIONS too", async () => {
    await using world = await start();
    await world.change([anIntegration("int_1", world.upstream.url, { method: "AS_RECEIVED" })]);
    world.upstream.behaviour = ({ method }) => ({
      status: method === "OPTIONS" ? 204 : 200,
      headers: ["WebHook-Allowed-Origin", "*"],
      body: method === "HEAD" || method === "OPTIONS" ? "" : "well",
    });
    for (const method of ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"]) {
      const response = await fetch(`${world.url}/a`, { method, headers: header });
      expect([method, response.ok, response.headers.get("webhook-allowed-origin")]).toEqual([
        method,
        true,
        "*",
      ]);
      expect(world.upstream.last.method).toBe(method);
      await response.arrayBuffer();
    }
    // A fixed method stays what it is, and what has no body by its nature leaves the client's response empty.
    await world.change([anIntegration("int_1", world.upstream.url, { method: "HEAD" })]);
    world.upstream.behaviour = (_request, socket) => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n");
      return null;
    };
    const response = await fetch(`${world.url}/a`, { headers: header });
    expect([world.upstream.last.method, response.status, await response.text()]).toEqual(["HEAD", 200, ""]);
  });

  it("never follows a redirect", async () => {
    await using world = await start();
    world.upstream.behaviour = () => ({ status: 302, headers: ["Location", "/elsewhere"] });
    const response = await fetch(`${world.url}/a`, { headers: header, redirect: "manual" });
    expect([response.status, response.headers.get("location")]).toEqual([302, "/elsewhere"]);
    expect(world.upstream.seen).toHaveLength(1);
  });

  it("connects to no address that is not allowed, by number or by name", async () => {
    await using world = await start({ upstreams: { allowCidrs: ["192.0.2.0/24"] } });
    for (const host of ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433"]) {
      await world.change([anIntegration("int_1", `http://${host}:${world.upstream.port}/`)]);
      expect([host, ...codeOf(await fetch(`${world.url}/a`, { headers: header }))]).toEqual([
        host,
        502,
        "upstream.address_refused",
      ]);
    }
    expect(world.upstream.connectionsMade).toBe(0);
  });
});
