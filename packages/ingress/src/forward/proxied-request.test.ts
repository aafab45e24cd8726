import { createHash, randomBytes } from "node:crypto";
import { connect } from "node:net";
import { closesAtOnce, neverResponds, RawClient, sendsRaw, Upstream } from "@latchkey/testkit";
import { describe, expect, it } from "vitest";
import { until } from "../testing/until.js";
import { aKey, anApi, anIntegration, aRoute, combinations, World } from "../testing/world.js";

const MIB = 1024 * 1024;
const key = aKey("key_1", "api_1");
const KEY = `connxio-api-key: ${key.secret}`;
const header = { "connxio-api-key": key.secret };

describe.each(combinations)("forwarding over $name", ({ engine, client }) => {
  const start = (limits: object = {}, config: object = {}) =>
    World.of(
      ({ upstream }) => [
        anIntegration("int_1", upstream.url, { limits: { ...noLimits, ...limits } }),
        anApi("api_1", [aRoute("ANY", "/{rest*}", "int_1")]),
        key.resource,
      ],
      { engine, client, config },
    );
  const noLimits = {
    requestBodyBytesMax: 0,
    responseBodyBytesMax: 0,
    connectTimeoutMs: 0,
    firstByteTimeoutMs: 0,
    bodyIdleTimeoutMs: 0,
    concurrentRequestsMax: 0,
  };
  const codeOf = (response: Response) => [response.status, response.headers.get("latchkey-error")];

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

  it("streams a large body up and down, byte for byte", async () => {
    await using world = await start();
    world.upstream.behaviour = (request) => ({
      headers: ["x-length", String(request.body.length)],
      body: request.body,
    });
    const body = randomBytes(8 * MIB);
    const response = await fetch(`${world.url}/echo`, { method: "POST", headers: header, body });
    expect(response.headers.get("x-length")).toBe(String(body.length));
    const got = Buffer.from(await response.arrayBuffer());
    expect(createHash("sha256").update(got).digest("hex")).toBe(
      createHash("sha256").update(body).digest("hex"),
    );
  });

  it("passes a response of unknown length on as it comes", async () => {
    await using world = await start();
    let finish: (() => void) | undefined;
    world.upstream.behaviour = (_request, socket) => {
      socket.write(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n",
      );
      finish = () => socket.write("4\r\nlast\r\n0\r\n\r\n");
      return null;
    };
    using raw = await RawClient.connect(world.ingress.port);
    raw.send(`GET /events HTTP/1.1\r\nHost: a\r\n${KEY}\r\n\r\n`);
    // The head and the first piece are with the client while the rest is not even written.
    await until(() => !!raw.pending.includes("first"));
    finish?.();
    const response = await raw.response();
    expect([response.isChunked, response.body.toString()]).toEqual([true, "firstlast"]);
  });

  it("passes a head on at once although no body has come", async () => {
    await using world = await start();
    let finish: (() => void) | undefined;
    world.upstream.behaviour = (_request, socket) => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nx-early: yes\r\n\r\n");
      finish = () => socket.write("done");
      return null;
    };
    using raw = await RawClient.connect(world.ingress.port);
    raw.send(`GET /a HTTP/1.1\r\nHost: a\r\n${KEY}\r\n\r\n`);
    await until(() => !!raw.pending.includes("x-early"));
    finish?.();
    expect((await raw.response()).body.toString()).toBe("done");
  });

  it("echoes while it uploads: neither direction waits for the other", async () => {
    await using world = await start();
    await using echo = await streamingEcho();
    await world.change([anIntegration("int_1", echo.url)]);
    const piece = randomBytes(256 * 1024);
    const pieces = 64;
    const hash = createHash("sha256");
    for (let i = 0; i < pieces; i++) hash.update(piece);
    const stream = new ReadableStream({
      start(controller) {
        for (let i = 0; i < pieces; i++) controller.enqueue(piece);
        controller.close();
      },
    });
    const response = await fetch(`${world.url}/echo`, {
      method: "POST",
      headers: header,
      body: stream,
      duplex: "half",
    } as RequestInit);
    const got = createHash("sha256");
    let bytes = 0;
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      got.update(chunk);
      bytes += chunk.length;
    }
    expect(bytes).toBe(piece.length * pieces);
    expect(got.digest("hex")).toBe(hash.digest("hex"));
  });

  it("stops reading the upstream when the client does not read", async () => {
    await using world = await start();
    let written = 0;
    let isDone = false;
    world.upstream.behaviour = (_request, socket) => {
      const total = 64 * MIB;
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${total}\r\n\r\n`);
      const piece = Buffer.alloc(64 * 1024);
      const pump = (): void => {
        while (written < total) {
          written += piece.length;
          if (!socket.write(piece)) {
            socket.once("drain", pump);
            return;
          }
        }
        isDone = true;
      };
      pump();
      return null;
    };
    using raw = await RawClient.connect(world.ingress.port);
    raw.send(`GET /big HTTP/1.1\r\nHost: a\r\n${KEY}\r\n\r\n`);
    await raw.bytes(1000);
    raw.socket.pause();
    let before = -1;
    while (before !== written) {
      before = written;
      await new Promise((resolve) => setTimeout(resolve, 100)); // standing still is what is observed here
    }
    expect(isDone).toBe(false);
    expect(written).toBeLessThan(32 * MIB); // kernel buffers of four sockets, and little of ours
    raw.socket.resume();
    await until(() => !!isDone);
  });

  it("stops reading the client when the upstream does not read", async () => {
    await using world = await start();
    await using stuck = await Upstream.start({ onHead: (_request, socket) => socket.pause() !== undefined });
    await world.change([anIntegration("int_1", stuck.url)]);
    const socket = connect(world.ingress.port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write(`POST /up HTTP/1.1\r\nHost: a\r\n${KEY}\r\nContent-Length: ${64 * MIB}\r\n\r\n`);
    const piece = Buffer.alloc(64 * 1024);
    let isBlocked = false;
    let written = 0;
    const pump = (): void => {
      while (written < 64 * MIB) {
        written += piece.length;
        if (!socket.write(piece)) {
          isBlocked = true;
          socket.once("drain", () => {
            isBlocked = false;
            pump();
          });
          return;
        }
      }
    };
    pump();
    let before = -1;
    while (before !== written) {
      before = written;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(isBlocked).toBe(true);
    expect(written).toBeLessThan(32 * MIB);
    socket.destroy();
  });

  it("cancels the upstream request when the client goes away", async () => {
    await using world = await start();
    world.upstream.behaviour = neverResponds;
    const raw = await RawClient.connect(world.ingress.port);
    raw.send(`GET /slow HTTP/1.1\r\nHost: a\r\n${KEY}\r\n\r\n`);
    await world.upstream.sawRequests(1);
    expect(world.upstream.openConnections).toBe(1);
    raw.socket.destroy();
    await until(() => !(world.upstream.connectionsClosed === 0));
    expect(world.ingress.status().inFlight).toBe(0);
  });

  it("cancels the upstream request when the client goes away within its body", async () => {
    await using world = await start();
    await using upstream = await Upstream.start({ onHead: () => true });
    await world.change([anIntegration("int_1", upstream.url)]);
    const raw = await RawClient.connect(world.ingress.port);
    raw.send(
      `POST /up HTTP/1.1\r\nHost: a\r\n${KEY}\r\nContent-Length: ${MIB}\r\n\r\n${"x".repeat(100_000)}`,
    );
    await until(() => !(upstream.openConnections === 0));
    raw.socket.destroy();
    await until(() => !(upstream.connectionsClosed === 0));
    expect(world.ingress.status().inFlight).toBe(0);
  });

  it("responds with 502 when the integration is not there", async () => {
    await using world = await start();
    const gone = await Upstream.start();
    await world.change([anIntegration("int_1", gone.url)]);
    await gone.close();
    expect(codeOf(await fetch(`${world.url}/a`, { headers: header }))).toEqual([
      502,
      "upstream.connect_refused",
    ]);
    const post = await fetch(`${world.url}/a`, { method: "POST", headers: header, body: "x".repeat(1000) });
    expect(codeOf(post)).toEqual([502, "upstream.connect_refused"]);
  });

  const broken: readonly (readonly [string, string, readonly string[]])[] = [
    ["garbage", "garbage\r\n\r\n", ["upstream.protocol_error"]],
    ["half a head", "HTTP/1.1 200 OK\r\nContent-Le", ["upstream.reset", "upstream.protocol_error"]],
    [
      "two lengths",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
      ["upstream.protocol_error"],
    ],
    [
      "a bad header",
      "HTTP/1.1 200 OK\r\nbad name: x\r\nContent-Length: 0\r\n\r\n",
      ["upstream.protocol_error"],
    ],
    [
      "both framings",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
      ["upstream.protocol_error"],
    ],
    [
      "an endless head",
      `HTTP/1.1 200 OK\r\n${"x: yyyyyyyyyyyyyyyyyyyy\r\n".repeat(2000)}\r\n`,
      ["upstream.protocol_error"],
    ],
    [
      "a switch of protocols",
      "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
      ["upstream.protocol_error", "upstream.reset"],
    ],
    [
      "a NUL in a header",
      "HTTP/1.1 200 OK\r\nx: a\u0000b\r\nContent-Length: 0\r\n\r\n",
      ["upstream.protocol_error"],
    ],
  ];
  it.each(broken)("responds with 502 when the integration sends %s", async (_name, bytes, codes) => {
    await using world = await start();
    world.upstream.behaviour = sendsRaw(bytes);
    const response = await fetch(`${world.url}/a`, { method: "POST", headers: header, body: "x" });
    expect(response.status).toBe(502);
    expect(codes).toContain(response.headers.get("latchkey-error"));
    expect(world.upstream.seen).toHaveLength(1); // a POST is never repeated
  });

  it("responds with 502 when the integration closes without a response, and never repeats a POST", async () => {
    await using world = await start();
    world.upstream.behaviour = closesAtOnce;
    const response = await fetch(`${world.url}/a`, { method: "POST", headers: header, body: "x" });
    expect(codeOf(response)).toEqual([502, "upstream.reset"]);
    expect(world.upstream.seen).toHaveLength(1);
  });

  it("breaks the connection when the response breaks off, so that the client sees it", async () => {
    await using world = await start();
    for (const bytes of [
      "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    ]) {
      world.upstream.behaviour = sendsRaw(bytes);
      const response = await fetch(`${world.url}/a`, { headers: header });
      expect(response.status).toBe(200);
      await expect(response.text()).rejects.toThrow();
    }
  });

  it("does not let a response's hop-by-hop headers or a gateway's mark through", async () => {
    await using world = await start();
    world.upstream.behaviour = () => ({
      headers: [
        "Latchkey-Error",
        "forged",
        "Connection",
        "x-hop",
        "X-Hop",
        "1",
        "Keep-Alive",
        "timeout=9",
        "Proxy-Authenticate",
        "Basic",
        "Trailer",
        "x",
        "Set-Cookie",
        "a=1",
        "Set-Cookie",
        "b=2",
        "X-Latin",
        "caf\u00e9",
      ],
      body: "x",
    });
    using raw = await RawClient.connect(world.ingress.port);
    raw.send(`GET /a HTTP/1.1\r\nHost: a\r\n${KEY}\r\n\r\n`);
    const response = await raw.response();
    for (const name of ["latchkey-error", "x-hop", "proxy-authenticate", "trailer"])
      expect([name, response.header(name)]).toEqual([name, undefined]);
    expect(response.header("keep-alive")).not.toBe("timeout=9"); // node:http adds its own
    expect(response.all("set-cookie")).toEqual(["a=1", "b=2"]);
    expect(response.header("x-latin")).toBe("caf\u00e9");
  });

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
    await using world = await start({}, { upstreams: { allowCidrs: ["192.0.2.0/24"] } });
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

/** Responds at once and sends back what it receives, while it receives it. */
function streamingEcho(): Promise<Upstream> {
  return Upstream.start({
    onHead: (_request, socket, rest) => {
      socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      // The request is chunked: its chunks are valid chunks of the response, and its end is the response's end.
      socket.write(rest);
      socket.pipe(socket);
      return true;
    },
  });
}
