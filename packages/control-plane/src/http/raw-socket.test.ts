/** Connections that are reset in every state, upgrades included: the process must not notice. */
import { connect, type Socket } from "node:net";
import { createLogger } from "@latchkey/observe";
import { expect, it } from "vitest";
import { ClientAddresses } from "./client-address.js";
import { HttpRouter } from "./http-router.js";
import { HttpServer } from "./http-server.js";
import { refuseConnection } from "./raw-socket.js";

const logger = createLogger({ name: "test", level: "silent" });
const UPGRADE =
  "GET /nope HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

async function listening(onUpgrade: (socket: Socket) => void = () => {}) {
  const server = await HttpServer.listen({
    host: "127.0.0.1",
    port: 0,
    router: new HttpRouter(),
    tls: null,
    logger,
    limits: { connectionsMax: 2_000, connectionsPerAddressMax: 200 },
    addresses: new ClientAddresses([]),
    onUpgrade: (_req, socket) => {
      onUpgrade(socket as Socket);
      refuseConnection(socket, "404 Not Found");
    },
  });
  const open = () => connect(Number(new URL(server.url).port), "127.0.0.1").on("error", () => {});
  return { server, open };
}

const closed = (socket: Socket) => new Promise<void>((resolve) => socket.once("close", () => resolve()));

it.each([
  ["a request head", "GET / HTT"],
  ["garbage", "\0\0\r\n\r\n"],
  ["an upgrade", UPGRADE],
  ["CONNECT", "CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n"],
  ["a request body", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc"],
])("survives a reset after %s", async (_what, bytes) => {
  const { server, open } = await listening();
  await using _ = server;
  for (let i = 0; i < 20; i++) {
    const socket = open();
    // Half are reset at once, half when the response has begun to come.
    await new Promise<void>((resolve) =>
      socket.write(bytes, () =>
        i % 2 === 0 || bytes.length < 10 ? resolve() : socket.once("data", () => resolve()),
      ),
    );
    socket.resetAndDestroy();
    await closed(socket);
  }
  expect((await fetch(`${server.url}/none`)).status).toBe(404);
});

it("an error on an upgraded socket closes it and ends nothing else", async () => {
  let upgraded: Socket | undefined;
  const { server, open } = await listening((socket) => {
    upgraded = socket;
    socket.destroy(new Error("the connection broke"));
  });
  await using _ = server;
  const socket = open();
  socket.write(UPGRADE);
  await closed(socket);
  expect(upgraded?.destroyed).toBe(true);
  expect((await fetch(`${server.url}/none`)).status).toBe(404);
});

it("closes a refused connection although the client does not", async () => {
  const { server, open } = await listening();
  await using _ = server;
  const socket = open();
  let text = "";
  socket.on("data", (bytes) => {
    text += String(bytes);
  });
  // allowHalfOpen is off on our side only: the client goes on sending and never closes.
  socket.write(UPGRADE);
  await closed(socket);
  expect(text).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
});
