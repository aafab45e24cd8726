// Reading into a buffer of ours, on sockets that a server accepted. Writes: handle-writer.test.ts.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type ReadCallback, readInto } from "./node-internals.js";

const open: { destroy(): void }[] = [];
let server: Server | null = null;

afterEach(() => {
  for (const one of open.splice(0)) one.destroy();
  server?.close();
  server = null;
});

async function pair(buffer: Buffer, callback: ReadCallback): Promise<{ accepted: Socket; client: Socket }> {
  const listening = createServer({ allowHalfOpen: true });
  server = listening;
  const accepting = new Promise<Socket>((resolve) => {
    listening.on("connection", (socket: Socket) => {
      socket.on("data", () => expect.unreachable("data is not emitted any more"));
      expect(readInto(socket, buffer, callback)).toBe(true);
      resolve(socket);
    });
  });
  await once(listening.listen(0, "127.0.0.1"), "listening");
  const client = connect((listening.address() as AddressInfo).port, "127.0.0.1");
  open.push(client);
  const accepted = await accepting;
  open.push(accepted);
  return { accepted, client };
}

describe("readInto", () => {
  it("hands over what is read in the given buffer, and the end as always", async () => {
    const buffer = Buffer.alloc(65_536);
    let text = "";
    const { accepted, client } = await pair(buffer, (length, bytes) => {
      expect(bytes).toBe(buffer);
      text += bytes.toString("latin1", 0, length);
      return true;
    });
    const ended = once(accepted, "end");
    for (let i = 0; i < 100; i++) client.write(`piece ${i};`);
    client.end();
    await ended;
    expect(text).toBe(Array.from({ length: 100 }, (_, i) => `piece ${i};`).join(""));
  });

  it("stops for false, and goes on with resume", async () => {
    let received = 0;
    let isOpen = false;
    let first = (): void => {};
    const stopped = new Promise<void>((resolve) => {
      first = resolve;
    });
    const { accepted, client } = await pair(Buffer.alloc(1_024), (length) => {
      received += length;
      first();
      return isOpen;
    });
    client.end(Buffer.alloc(100_000));
    await stopped;
    // The kernel has more by now: a whole round trip on another connection lies between.
    const other = connect(client.remotePort ?? 0, "127.0.0.1");
    open.push(other);
    await once(other, "connect");
    expect(received).toBe(1_024);
    isOpen = true;
    const ended = once(accepted, "end");
    accepted.resume();
    await ended;
    expect(received).toBe(100_000);
  });

  it("changes nothing on a socket without a handle", () => {
    expect(readInto(new Socket(), Buffer.alloc(16), () => true)).toBe(false);
  });
});
