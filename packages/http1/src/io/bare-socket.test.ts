// Connections without a `net.Socket`. What a server does with them: server.test.ts.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, expect, it } from "vitest";
import { acceptBareSockets, type BareSocket } from "./bare-socket.js";
import { SocketHandle } from "./node-internals.js";
import { sharedRead } from "./read-arena.js";
import { SocketWriter } from "./socket-writer.js";

const open: { destroy(): void }[] = [];
let server: Server;
afterEach(() => {
  for (const one of open.splice(0)) one.destroy();
  server.close();
});

async function pair(): Promise<{ bare: BareSocket; client: Socket; port: number }> {
  server = createServer(() => expect.unreachable("sockets are accepted no more"));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const accepted = new Promise<BareSocket>((resolve) => {
    expect(acceptBareSockets(server, { keepAliveDelayMs: 30_000 }, resolve)).toBe(true);
  });
  const client = connect({
    port: (server.address() as AddressInfo).port,
    host: "127.0.0.1",
    allowHalfOpen: true,
  });
  client.on("error", () => {});
  await once(client, "connect");
  const bare = await accepted;
  open.push(bare, client);
  return { bare, client, port: client.remotePort ?? 0 };
}

/** Starts a socket. @returns what it has read and seen, and waits for the next of either */
function started(bare: BareSocket) {
  const seen = { text: "", events: [] as string[], reads: true };
  let wake = (): void => {};
  const add = (event: string): void => {
    seen.events.push(event);
    wake();
  };
  bare.start({
    onSharedRead: (length) => {
      seen.text += sharedRead.bytes.toString("latin1", 0, length);
      wake();
      return seen.reads;
    },
    onEnd: () => add("end"),
    onClosed: () => add("closed"),
  });
  const until = async (isReached: () => boolean): Promise<void> => {
    while (!isReached())
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  };
  return { seen, until };
}

it("reads into the shared buffer, knows its peer, and is closed once both sides have ended", async () => {
  const { bare, client } = await pair();
  const { seen, until } = started(bare);
  expect(bare.remoteAddress).toBe("127.0.0.1");
  client.end("request");
  await until(() => seen.events.includes("end"));
  expect([seen.text, seen.events]).toEqual(["request", ["end"]]);
  SocketHandle.of(bare, () => {})!.write(Buffer.from("response"));
  bare.end();
  const [chunk] = (await once(client, "data")) as [Buffer];
  expect(chunk.toString()).toBe("response");
  await until(() => seen.events.includes("closed"));
  expect(seen.events).toEqual(["end", "closed"]);
  expect(bare.destroyed).toBe(true);
});

it("is closed by the peer's end after its own", async () => {
  const { bare, client } = await pair();
  const { seen, until } = started(bare);
  bare.end();
  client.resume();
  await once(client, "end");
  expect(seen.events).toEqual([]);
  client.end("late");
  await until(() => seen.events.includes("closed"));
  expect([seen.text, seen.events]).toEqual(["late", ["end", "closed"]]);
});

it("stops reading for false or a pause, and goes on with resume", async () => {
  const { bare, client } = await pair();
  const { seen, until } = started(bare);
  seen.reads = false;
  client.write("x");
  await until(() => seen.text === "x");
  seen.reads = true;
  const bytes = 40 * 1_024 * 1_024;
  client.end(Buffer.alloc(bytes));
  // More than both kernels' buffers: all of it is taken only if somebody reads.
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen.text).toBe("x");
  bare.resume();
  await until(() => seen.text.length > 1);
  bare.pause();
  const { length } = seen.text;
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen.text).toHaveLength(length);
  bare.resume();
  await until(() => seen.events.includes("end"));
  expect(seen.text).toHaveLength(bytes + 1);
});

it("is closed by a reset, and resets", async () => {
  const first = await pair();
  const { seen, until } = started(first.bare);
  first.client.resetAndDestroy();
  await until(() => seen.events.length > 0);
  expect(seen.events).toEqual(["closed"]);
  server.close();

  const second = await pair();
  const other = started(second.bare);
  second.bare.resetAndDestroy();
  const [error] = (await once(second.client, "error")) as [NodeJS.ErrnoException];
  expect(error.code).toBe("ECONNRESET");
  expect(other.seen.events).toEqual(["closed"]);
});

it("takes no first write once it is closed", async () => {
  const { bare } = await pair();
  started(bare);
  const owner = { onFlushed: () => {}, onDrained: () => {}, onWriteError: () => {} };
  const writer = new SocketWriter(bare, owner, false);
  writer.writeText("a response");
  bare.destroy();
  writer.flush();
  writer.end();
  expect(writer.unsent).toBe("a response".length);
});

it("becomes a socket", async () => {
  const { bare, client } = await pair();
  const socket = bare.toSocket();
  open.push(socket);
  client.write("ping");
  const [ping] = (await once(socket, "data")) as [Buffer];
  socket.end("pong");
  const [pong] = (await once(client, "data")) as [Buffer];
  expect([String(ping), String(pong)]).toEqual(["ping", "pong"]);
});

it.runIf(process.platform === "linux")("notices a peer that vanished: TCP keep-alive is on", async () => {
  const { bare, client } = await pair();
  started(bare);
  const ends = [client.remotePort, client.localPort].map((port = 0) =>
    port.toString(16).toUpperCase().padStart(4, "0"),
  );
  const line = readFileSync("/proc/net/tcp", "latin1")
    .split("\n")
    .find((one) => new RegExp(`: \\w+:${ends[0]} \\w+:${ends[1]} 01 `).test(one));
  // 02: the timer of keep-alive.
  expect(line).toMatch(/ 02:\w{8} /);
});
