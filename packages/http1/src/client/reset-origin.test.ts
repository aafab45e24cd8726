// Responses whose end is the end of the connection, from an origin that resets it: none may pass for a whole one.

import { createServer, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { fetchOnce } from "../testing/collect.js";
import { Http1Pool } from "./upstream-pool.js";

const ROUNDS = 100;
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function poolTo(response: (socket: Socket) => void): Promise<Http1Pool> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => response(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const pool = new Http1Pool({ host: "127.0.0.1", port: address.port });
  closers.push(
    () => pool.destroy(),
    () => server.close(),
  );
  return pool;
}

const HEAD = "HTTP/1.1 200 OK\r\n\r\n";

describe("a response without a length", () => {
  it.each([
    ["at once", 10],
    ["at once", 100_000],
    ["an iteration later", 10],
    ["an iteration later", 100_000],
  ])("is broken when the origin resets the connection %s behind %i bytes", async (when, length) => {
    const pool = await poolTo((socket) => {
      socket.write(HEAD + "x".repeat(length));
      if (when === "at once") socket.resetAndDestroy();
      else setImmediate(() => socket.resetAndDestroy());
    });
    let whole = 0;
    for (let i = 0; i < ROUNDS; i++) if ((await fetchOnce(pool)).ended) whole++;
    expect(whole).toBe(0);
  });

  it("is whole when the origin closes the connection", async () => {
    const pool = await poolTo((socket) => socket.end(`${HEAD}${"x".repeat(10)}`));
    let whole = 0;
    for (let i = 0; i < ROUNDS; i++) if ((await fetchOnce(pool)).body.length === 10) whole++;
    expect(whole).toBe(ROUNDS);
  });
});
