/** The limits of an integration and of the node, over each engine and client. */
import { noLimits } from "@latchkey/snapshot";
import { neverResponds, RawClient, sendsRaw } from "@latchkey/testkit";
import { describe, expect, it } from "vitest";
import { aKey, anApi, anIntegration, aRoute, combinations, World } from "../testing/world.js";

const key = aKey("key_1", "api_1");
const KEY = `connxio-api-key: ${key.secret}`;
const header = { "connxio-api-key": key.secret };
const codeOf = (response: Response) => [response.status, response.headers.get("latchkey-error")];

describe.each(combinations)("limits over $name", ({ engine, client }) => {
  const start = (limits: object = {}, config: object = {}) =>
    World.of(
      ({ upstream }) => [
        anIntegration("int_1", upstream.url, { limits: { ...noLimits, ...limits } }),
        anApi("api_1", [aRoute("ANY", "/{rest*}", "int_1")]),
        key.resource,
      ],
      { engine, client, config },
    );

  it("responds with 504 when the first byte takes too long", async () => {
    await using world = await start({ firstByteTimeoutMs: 300 });
    world.upstream.behaviour = neverResponds;
    expect(codeOf(await fetch(`${world.url}/a`, { headers: header }))).toEqual([504, "upstream.timeout"]);
  });

  it("breaks off when the response's body stands still", async () => {
    await using world = await start({ bodyIdleTimeoutMs: 300 });
    world.upstream.behaviour = sendsRaw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", false);
    const response = await fetch(`${world.url}/a`, { headers: header });
    await expect(response.text()).rejects.toThrow();
  });

  it("refuses a body that is too large: at once by its length, or when it gets there", async () => {
    await using world = await start({ requestBodyBytesMax: 1000 });
    const known = await fetch(`${world.url}/a`, { method: "POST", headers: header, body: "x".repeat(1001) });
    expect(codeOf(known)).toEqual([413, "request.body_too_large"]);
    expect(world.upstream.seen).toHaveLength(0);
    using raw = await RawClient.connect(world.ingress.port);
    raw.send(
      `POST /a HTTP/1.1\r\nHost: a\r\n${KEY}\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n${"x".repeat(1000)}\r\n`,
    );
    raw.send("1\r\nx\r\n0\r\n\r\n");
    expect((await raw.response()).status).toBe(413);
    const fits = await fetch(`${world.url}/a`, { method: "POST", headers: header, body: "x".repeat(1000) });
    expect(fits.status).toBe(200);
  });

  it("refuses a response that is too large: with 502 by its length, by breaking off otherwise", async () => {
    await using world = await start({ responseBodyBytesMax: 1000 });
    world.upstream.behaviour = () => ({ body: "x".repeat(1001) });
    expect(codeOf(await fetch(`${world.url}/a`, { headers: header }))).toEqual([
      502,
      "upstream.response_too_large",
    ]);
    const piece = "x".repeat(600);
    world.upstream.behaviour = sendsRaw(
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n258\r\n${piece}\r\n258\r\n${piece}\r\n0\r\n\r\n`,
    );
    await expect(
      fetch(`${world.url}/a`, { headers: header }).then((response) => response.text()),
    ).rejects.toThrow();
  });

  it("refuses requests beyond an integration's concurrency with 503", async () => {
    await using world = await start({ concurrentRequestsMax: 2 });
    let release: (() => void) | undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    world.upstream.behaviour = () => held.then(() => ({ body: "x" }));
    const first = [1, 2].map(() => fetch(`${world.url}/a`, { headers: header }));
    await world.upstream.sawRequests(2);
    expect(codeOf(await fetch(`${world.url}/a`, { headers: header }))).toEqual([503, "upstream.overloaded"]);
    release?.();
    for (const response of await Promise.all(first)) expect(response.status).toBe(200);
    expect((await fetch(`${world.url}/a`, { headers: header })).status).toBe(200);
  });

  it("refuses requests beyond the node's own limit with 503", async () => {
    await using world = await start({}, { limits: { inFlightMax: 1 } });
    world.upstream.behaviour = neverResponds;
    const abort = new AbortController();
    const held = fetch(`${world.url}/a`, { headers: header, signal: abort.signal });
    await world.upstream.sawRequests(1);
    expect(codeOf(await fetch(`${world.url}/a`, { headers: header }))).toEqual([503, "gateway.overloaded"]);
    abort.abort();
    await expect(held).rejects.toThrow();
  });
});
