/** WebSockets through a node, with `ws` at both ends. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { noLimits } from "@latchkey/snapshot";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { IngressConfigInput } from "../config.js";
import { EchoTarget } from "../testing/echo-target.js";
import { until } from "../testing/until.js";
import { aKey, anApi, anIntegration, aRoute, engines, World } from "../testing/world.js";

const key = aKey("key_1", "api_1");
/** RFC 6455, section 1.3. */
const WEB_SOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

const closing = (socket: WebSocket): Promise<{ code: number; reason: string }> =>
  new Promise((resolve) => {
    socket.on("error", () => undefined);
    socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
  });

/** Of clients, as the node counts them. */
async function connections(world: World): Promise<number> {
  const text = await (await fetch(`${world.adminUrl}/metrics`)).text();
  return Number(/^latchkey_ingress_connections (\d+)$/m.exec(text)?.[1]);
}

async function message(socket: WebSocket): Promise<Buffer> {
  const [data] = (await once(socket, "message")) as [Buffer];
  return data;
}

describe("a WebSocket over the strict engine", () => {
  let target: EchoTarget;
  beforeAll(async () => {
    target = await EchoTarget.start();
  });
  beforeEach(() => {
    target.sockets.length = 0;
    target.handshakes.length = 0;
    target.closed.length = 0;
  });
  afterAll(() => target[Symbol.dispose]());

  function worldOf(more: object = {}, config: IngressConfigInput = {}): Promise<World> {
    return World.of(
      () => [
        anIntegration("int_1", `${target.url}/live`, { webSockets: true, ...more }),
        anIntegration("int_2", `${target.url}/live`, { method: "AS_RECEIVED" }),
        anApi("api_1", [aRoute("GET", "/live", "int_1"), aRoute("GET", "/off", "int_2")]),
        key.resource,
      ],
      { engine: "strict", config },
    );
  }

  function open(world: World, path = "/live?q=1", secret = key.secret, protocols: string[] = []): WebSocket {
    const headers = { "connxio-api-key": secret, authorization: "Bearer x", interchangeid: "the-id" };
    return new WebSocket(world.url.replace("http", "ws") + path, protocols, { headers });
  }

  const handshake = (path: string, version = "13") =>
    `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: ${version}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nConnxio-Api-Key: ${key.secret}\r\n\r\n`;

  /** All that comes until the connection ends, or nothing more comes for as many responses as there are requests. */
  async function exchange(world: World, requests: readonly string[]): Promise<string> {
    const socket = connect(world.ingress.port, "127.0.0.1");
    let received = "";
    socket.on("data", (chunk: Buffer) => {
      received += chunk.toString("latin1");
    });
    let isOver = false;
    socket.on("close", () => {
      isOver = true;
    });
    socket.on("error", () => undefined);
    socket.write(requests.join(""));
    await until(() => isOver || statusesOf(received).length >= requests.length);
    socket.destroy();
    return received;
  }

  const statusesOf = (received: string) =>
    [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status);

  it("carries messages of all sizes both ways, with protocol and compression of the two ends", async () => {
    await using world = await worldOf();
    const client = open(world, "/live?q=1", key.secret, ["chat", "other"]);
    const [[response]] = (await Promise.all([once(client, "upgrade"), once(client, "open")])) as [
      [IncomingMessage],
      unknown,
    ];
    expect(client.protocol).toBe("chat");
    expect(client.extensions).toContain("permessage-deflate");
    expect(response.headers.interchangeid).toBe("the-id");
    const [{ headers, url } = {} as IncomingMessage] = target.handshakes;
    expect(url).toBe("/live?q=1");
    expect(headers).toMatchObject({ configcorrelationid: "int_1", interchangeid: "the-id" });
    expect(headers["connxio-api-key"]).toBeUndefined();
    for (const size of [0, 1, 125, 126, 65_535, 65_536, 3_000_000]) {
      const sent = Buffer.alloc(size, size % 251);
      client.send(sent);
      expect(Buffer.compare(await message(client), sent)).toBe(0);
    }
    client.close(4000, "done");
    expect(await closing(client)).toEqual({ code: 4000, reason: "done" });
    await until(() => target.closed.includes(4000));
    await until(() => world.ingress.status().inFlight === 0);
  });

  it("takes a frame that comes together with the handshake", async () => {
    await using world = await worldOf();
    const socket = connect(world.ingress.port, "127.0.0.1");
    const handshake = `GET /live HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n${"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"}Connxio-Api-Key: ${key.secret}\r\n\r\n`;
    const frame = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]);
    socket.write(Buffer.concat([Buffer.from(handshake), frame]));
    let received = "";
    socket.on("data", (chunk: Buffer) => {
      received += chunk.toString("latin1");
    });
    await until(() => received.endsWith("\x81\x02hi"));
    expect(received).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
    expect(received.toLowerCase()).toContain("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=");
    socket.destroy();
    await until(() => target.closed.length === 1);
  });

  it("opens where the target writes `Connection: upgrade` before `Upgrade`, as nginx does", async () => {
    const nginx = createServer().on("upgrade", ({ headers }, socket) => {
      const accept = createHash("sha1")
        .update(`${headers["sec-websocket-key"]}${WEB_SOCKET_GUID}`)
        .digest("base64");
      const lines = ["HTTP/1.1 101 Switching Protocols", "Connection: upgrade", "Upgrade: websocket"];
      socket.end(`${[...lines, `Sec-WebSocket-Accept: ${accept}`].join("\r\n")}\r\n\r\n`);
    });
    nginx.listen(0, "127.0.0.1");
    await once(nginx, "listening");
    const { port } = nginx.address() as AddressInfo;
    await using world = await worldOf({ urls: [`http://127.0.0.1:${port}`] });
    const client = open(world);
    const closed = closing(client);
    await once(client, "open");
    expect((await closed).code).toBe(1006);
    await new Promise((resolve) => nginx.close(resolve));
  });

  it("is an ordinary request where the integration has none, and refused before it reaches the target", async () => {
    await using world = await worldOf();
    const statusOf = async (socket: WebSocket): Promise<number | undefined> => {
      socket.on("error", () => undefined);
      const [, response] = (await once(socket, "unexpected-response")) as [unknown, IncomingMessage];
      response.resume();
      return response.statusCode;
    };
    expect(await statusOf(open(world, "/off"))).toBe(200);
    expect(await statusOf(open(world, "/live", "not-a-key"))).toBe(401);
    expect(await statusOf(open(world, "/nowhere"))).toBe(404);
    expect(target.handshakes).toEqual([]);
    const response = await fetch(`${world.url}/live`, { headers: { "connxio-api-key": key.secret } });
    expect(await response.text()).toBe("plain");
  });

  it.each([
    ["disabled", { active: false }, "key.disabled"],
    ["deleted", null, "key.unknown"],
    ["expired", { expiresAtMs: 1 }, "key.expired"],
  ] as const)("is closed with 1008 when its key is %s", async (_, change, reason) => {
    await using world = await worldOf();
    const client = open(world);
    await once(client, "open");
    const closed = closing(client);
    if (change === null) await world.change([], [{ kind: "key", id: "key_1" }]);
    else await world.change([{ ...key.resource, ...change }]);
    const atMs = performance.now();
    expect(await closed).toEqual({ code: 1008, reason });
    expect(performance.now() - atMs).toBeLessThan(20_000);
    await until(() => target.closed.includes(1008));
  });

  it("is closed with 1013 in strict mode when the control plane was not heard for too long", async () => {
    await using world = await worldOf({}, { controlPlane: { maxStaleMs: 3_000 } });
    const client = open(world);
    await once(client, "open");
    const closed = closing(client);
    await world.server.close();
    expect(await closed).toEqual({ code: 1013, reason: "gateway.stale" });
    await until(() => target.closed.includes(1013));
  });

  it("is closed in the middle of a frame that does not end", async () => {
    await using world = await worldOf();
    const client = open(world);
    await once(client, "open");
    const closed = closing(client);
    const [peer] = target.sockets as unknown as [{ _socket: Socket }];
    peer._socket.write(Buffer.from([0x82, 126, 0xff, 0xff, 1, 2, 3]));
    await until(() => (client as unknown as { _socket: Socket })._socket.bytesRead > 200);
    await world.change([{ ...key.resource, active: false }]);
    expect((await closed).code).toBe(1006);
    await until(() => target.closed.length === 1);
  });

  it("is closed with 1001 after a silence, and not while bytes go one way", async () => {
    const limits = { ...noLimits, bodyIdleTimeoutMs: 1_500 };
    await using world = await worldOf({ limits });
    for (let hasStoodStill = true; hasStoodStill; ) {
      const client = open(world);
      await once(client, "open");
      const peer = target.sockets.at(-1) as WebSocket;
      const closed = closing(client);
      let pingedMs = performance.now();
      let silentMs = 0;
      const timer = setInterval(() => {
        peer.ping();
        silentMs = Math.max(silentMs, performance.now() - pingedMs);
        pingedMs = performance.now();
      }, 200);
      await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 4_000))]);
      clearInterval(timer);
      // A machine that ran nothing for so long was silent itself: that says nothing, and is tried again.
      hasStoodStill = silentMs > limits.bodyIdleTimeoutMs / 2 && client.readyState !== WebSocket.OPEN;
      if (!hasStoodStill) expect(client.readyState).toBe(WebSocket.OPEN);
      expect((await closed).code).toBe(1001);
    }
  });

  it("carries a flood of tiny frames in any pieces, and others are served meanwhile", async () => {
    await using world = await worldOf();
    const client = open(world);
    await once(client, "open");
    const [peer] = target.sockets as [WebSocket];
    peer.removeAllListeners("message"); // no echo
    let received = 0;
    let bytes = 0;
    peer.on("message", (data: Buffer) => {
      received++;
      bytes += data.length;
    });
    // Masked with zeros: an empty frame and one of one byte in turns.
    const pair = Buffer.from([0x82, 0x80, 0, 0, 0, 0, 0x82, 0x81, 0, 0, 0, 0, 7]);
    const flood = Buffer.concat(Array.from({ length: 100_000 }, () => pair));
    const socket = (client as unknown as { _socket: Socket })._socket;
    for (let from = 0; from < flood.length; from += 65_521) socket.write(flood.subarray(from, from + 65_521));
    const beside = await fetch(`${world.url}/off`, { headers: { "connxio-api-key": key.secret } });
    expect(beside.status).toBe(200);
    await until(() => received === 200_000);
    expect(bytes).toBe(100_000);
    // The gateway still knows where frames end.
    const closed = closing(client);
    await world.change([{ ...key.resource, active: false }]);
    expect(await closed).toEqual({ code: 1008, reason: "key.disabled" });
    await until(() => target.closed.includes(1008));
  }, 60_000);

  it.each([
    ["in the middle of a frame", 1_000_000, 60],
    ["between two frames", 16_384, 1_000],
  ])(
    "ends with its key although its client reads nothing, %s",
    async (_, bytes, count) => {
      await using world = await worldOf();
      const client = open(world);
      await once(client, "open");
      client.pause();
      const [peer] = target.sockets as [WebSocket];
      for (let i = 0; i < count; i++) {
        peer.send(Buffer.alloc(bytes, 1), { compress: false });
        // One by one, so that what the node reads last ends with a frame.
        if (bytes < 65_536) await new Promise((resolve) => setTimeout(resolve, 1));
      }
      await world.change([{ ...key.resource, active: false }]);
      await until(() => world.ingress.status().inFlight === 0);
      await until(() => target.closed.length === 1);
      // Its connection is not kept until it reads.
      await until(async () => (await connections(world)) === 0);
      client.terminate();
    },
    20_000,
  );

  it.each([
    ["another protocol", "Upgrade: h2c\r\nConnection: upgrade\r\n", "502"],
    ["no protocol", "Connection: upgrade\r\n", "502"],
  ])("is refused where the target switches to %s", async (_, lines, status) => {
    const liar = createServer().on("upgrade", (_req, socket) => {
      socket.end(`HTTP/1.1 101 Switching Protocols\r\n${lines}\r\n`);
    });
    liar.listen(0, "127.0.0.1");
    await once(liar, "listening");
    const { port } = liar.address() as AddressInfo;
    await using world = await worldOf({ urls: [`http://127.0.0.1:${port}`] });
    const received = await exchange(world, [handshake("/live")]);
    expect(statusesOf(received)).toEqual([status]);
    await new Promise((resolve) => liar.close(resolve));
  });

  it("that is not opened leaves the connection to the requests behind it, each with its own key", async () => {
    await using world = await worldOf();
    const behind = `GET /off HTTP/1.1\r\nHost: x\r\nConnxio-Api-Key: ${key.secret}\r\n\r\n`;
    const stranger = "GET /off HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    // The target opens nothing for this version.
    const received = await exchange(world, [handshake("/live", "99"), behind, stranger]);
    expect(statusesOf(received)).toEqual(["400", "200", "401"]);
    expect(target.handshakes).toEqual([]);
  });

  it("counts like a request, and in usage with its bytes", async () => {
    await using world = await worldOf();
    const client = open(world);
    await once(client, "open");
    expect(world.ingress.status().inFlight).toBe(1);
    client.send("x".repeat(1_000));
    await message(client);
    client.close();
    await closing(client);
    const rows = () => world.server.usage.flatMap(({ counts }) => counts);
    await until(() => rows().some(({ status }) => status === 101));
    const row = rows().find(({ status }) => status === 101);
    expect(Number(row?.requestBytes)).toBeGreaterThan(10);
    expect(Number(row?.responseBytes)).toBeGreaterThan(10);
  });

  it("is closed with 1001 when the node shuts down, on both ends, and holds the shutdown up for nobody", async () => {
    await using world = await worldOf();
    const clients = [open(world), open(world)];
    await Promise.all(clients.map((client) => once(client, "open")));
    const closed = Promise.all(clients.map(closing));
    const startedMs = performance.now();
    await world.ingress.close();
    expect(await closed).toEqual(clients.map(() => ({ code: 1001, reason: "gateway.draining" })));
    expect(performance.now() - startedMs).toBeLessThan(20_000); // `drainMs` is 30 s
    await until(() => target.closed.filter((code) => code === 1001).length === 2);
  });

  it.each(["target", "client"] as const)(
    "pauses a %s whose reader is slow",
    async (side) => {
      await using world = await worldOf();
      const client = open(world);
      await once(client, "open");
      const [peer] = target.sockets as [WebSocket];
      peer.removeAllListeners("message"); // no echo
      const [sender, reader] = side === "target" ? [peer, client] : [client, peer];
      reader.pause();
      const piece = Buffer.alloc(1_000_000, 1);
      for (let i = 0; i < 60; i++) sender.send(piece, { compress: false });
      let received = 0;
      reader.on("message", (data: Buffer) => {
        received += data.length;
      });
      // What is neither with the reader nor on the way lies with the sender.
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(sender.bufferedAmount).toBeGreaterThan(30_000_000);
      reader.resume();
      await until(() => received === 60_000_000);
      client.terminate();
    },
    60_000,
  );
});

describe.runIf(engines.includes("uws"))("a WebSocket over the uws engine", () => {
  it("is refused by name", async () => {
    using target = await EchoTarget.start();
    await using world = await World.of(
      () => [
        anIntegration("int_1", target.url, { webSockets: true, method: "AS_RECEIVED" }),
        anApi("api_1", [aRoute("GET", "/live", "int_1")]),
        key.resource,
      ],
      { engine: "uws" },
    );
    const client = new WebSocket(`${world.url.replace("http", "ws")}/live`, {
      headers: { "connxio-api-key": key.secret },
    });
    client.on("error", () => undefined);
    const [, response] = (await once(client, "unexpected-response")) as [unknown, IncomingMessage];
    response.resume();
    expect([response.statusCode, response.headers["latchkey-error"]]).toEqual([
      501,
      "gateway.upgrade_unsupported",
    ]);
    const plain = await fetch(`${world.url}/live`, { headers: { "connxio-api-key": key.secret } });
    expect(await plain.text()).toBe("plain");
  });
});
