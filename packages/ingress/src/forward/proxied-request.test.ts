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
  const start = () =>
    World.of(
      ({ upstream }) => [
        anIntegration("int_1", upstream.url),
        anApi("api_1", [aRoute("ANY", "/{rest*}", "int_1")]),
        key.resource,
      ],
      { engine, client },
    );
  const codeOf = (response: Response) => [response.status, response.headers.get("latchkey-error")];

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
