// Writing past the stream, on real sockets: what the kernel takes late, and what it does not take at all.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, Socket } from "node:net";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { isPortable } from "../testing/select-io.js";
import { HandleWriter } from "./handle-writer.js";

/** More than both ends of a connection on this machine hold. */
const MANY_BYTES = 32 * 1_024 * 1_024;

/** Says its port, then how many bytes came. */
const COUNTING_READER = `
const { parentPort } = require("node:worker_threads");
const server = require("node:net").createServer((socket) => {
  let bytes = 0;
  socket.on("data", (piece) => { bytes += piece.length; });
  socket.on("end", () => { parentPort.postMessage(bytes); server.close(); });
});
server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
`;

const open: Socket[] = [];
let server: Server | null = null;

afterEach(() => {
  for (const one of open.splice(0)) one.destroy();
  server?.close();
  server = null;
});

interface Pair {
  readonly writer: HandleWriter;
  readonly socket: Socket;
  readonly peer: Socket;
  readonly drained: Promise<void>;
}

async function pair(): Promise<Pair> {
  const listening = createServer({ pauseOnConnect: true });
  server = listening;
  await once(listening.listen(0, "127.0.0.1"), "listening");
  const accepting = once(listening, "connection");
  const socket = connect((listening.address() as AddressInfo).port, "127.0.0.1");
  const [peer] = (await accepting) as [Socket];
  if (socket.connecting) await once(socket, "connect");
  open.push(socket, peer);
  let onDrained = (): void => {};
  const drained = new Promise<void>((resolve) => {
    onDrained = resolve;
  });
  const writer = HandleWriter.of(socket, { onDrained, onWriteError: (error) => void socket.destroy(error) });
  // Without it nothing breaks and everything costs more: this version of Node has something otherwise.
  expect(writer).not.toBeNull();
  return { writer: writer!, socket, peer, drained };
}

async function received(peer: Socket): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of peer) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

describe.skipIf(isPortable)("HandleWriter", () => {
  it("has everything taken at once where there is room, and writes in order with the end behind it", async () => {
    const { writer, socket, peer } = await pair();
    for (let i = 0; i < 100; i++) {
      expect(writer.write(Buffer.from(`piece ${i};`))).toBe(true);
      expect(writer.writeAll([Buffer.from("a"), Buffer.from("b;")])).toBe(true);
    }
    expect(writer.unsent).toBe(0);
    socket.end();
    const text = (await received(peer)).toString();
    expect(text).toBe(Array.from({ length: 100 }, (_, i) => `piece ${i};ab;`).join(""));
  });

  it("counts what the kernel takes late, says when it is taken, and keeps its order", async () => {
    const { writer, socket, peer, drained } = await pair();
    const many = Buffer.alloc(MANY_BYTES, "x");
    expect(writer.write(many)).toBe(true);
    const left = writer.unsent;
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(MANY_BYTES);
    expect(writer.writeAll([Buffer.from("behind "), Buffer.from("it")])).toBe(true);
    expect(writer.unsent).toBe(left + 9);
    const all = received(peer);
    await drained;
    expect(writer.unsent).toBe(0);
    expect(writer.write(Buffer.from(", and last"))).toBe(true);
    socket.end();
    const bytes = await all;
    expect(bytes.length).toBe(MANY_BYTES + 9 + 10);
    expect(bytes.subarray(MANY_BYTES).toString()).toBe("behind it, and last");
  });

  it("never takes a write for done that the handle still holds, while the peer makes room at the same time", async () => {
    // In a thread of its own: the kernel's buffers have room again within one call of the writer.
    const reader = new Worker(COUNTING_READER, { eval: true });
    const [port] = (await once(reader, "message")) as [number];
    const counted = once(reader, "message");
    const socket = connect(port, "127.0.0.1");
    open.push(socket);
    await once(socket, "connect");
    let onDrained = (): void => {};
    const writer = HandleWriter.of(socket, {
      onDrained: () => onDrained(),
      onWriteError: (error) => void socket.destroy(error),
    })!;
    const piece = Buffer.alloc(256 * 1_024, "x");
    let late = 0;
    for (let i = 0; i < 4_000; i++) {
      expect(writer.writeAll([piece, piece])).toBe(true);
      if (writer.unsent === 0) continue;
      late++;
      await new Promise<void>((resolve) => {
        onDrained = resolve;
      });
    }
    socket.end();
    expect(await counted).toEqual([4_000 * 2 * piece.length]);
    expect(late).toBeGreaterThan(0);
    await reader.terminate();
  });

  it("sends what is left before the end", async () => {
    const { writer, socket, peer } = await pair();
    writer.write(Buffer.alloc(MANY_BYTES, "x"));
    writer.write(Buffer.from("last"));
    socket.end();
    const bytes = await received(peer);
    expect(bytes.length).toBe(MANY_BYTES + 4);
    expect(bytes.subarray(MANY_BYTES).toString()).toBe("last");
  });

  it("destroys the socket with the system's error when what waits is not taken any more", async () => {
    const { writer, socket, peer } = await pair();
    writer.write(Buffer.alloc(MANY_BYTES, "x"));
    const failed = once(socket, "error");
    peer.resetAndDestroy();
    const [error] = (await failed) as [NodeJS.ErrnoException];
    expect(["ECONNRESET", "EPIPE"]).toContain(error.code);
    expect(writer.open).toBe(false);
  });

  it("takes nothing on a connection that is known to be reset", async () => {
    const { writer, socket, peer } = await pair();
    socket.pause();
    peer.resetAndDestroy();
    const failed = once(socket, "error");
    // The reset is in the kernel once the peer is closed; the first write after it meets it.
    await once(peer, "close");
    expect(writer.write(Buffer.from("x"))).toBe(false);
    const [error] = (await failed) as [NodeJS.ErrnoException];
    expect(error).toMatchObject({ syscall: "write" });
    expect(["ECONNRESET", "EPIPE"]).toContain(error.code);
  });

  it("lets a destroyed socket go with its waiting writes, without an error", async () => {
    const { writer, socket } = await pair();
    writer.write(Buffer.alloc(MANY_BYTES, "x"));
    socket.on("error", () => expect.unreachable("nobody asked"));
    const closed = once(socket, "close");
    socket.destroy();
    await closed;
    expect(writer.open).toBe(false);
  });

  it("is not to be had for a socket without a handle", () => {
    expect(HandleWriter.of(new Socket(), { onDrained: () => {}, onWriteError: () => {} })).toBeNull();
  });
});
