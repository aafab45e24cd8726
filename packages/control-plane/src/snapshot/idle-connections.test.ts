/** Connections to the port of the stream that no node uses: they keep no node out and end nothing else. */
import { connect, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { StreamHarness } from "../testing/stream-harness.js";
import { start, until } from "../testing/stream-test.js";

describe("connections that no node uses", () => {
  /** Silent from its beginning; resolves when the other side has closed it. */
  function silent(
    harness: StreamHarness,
    firstBytes: string | Buffer = "",
  ): { readonly socket: Socket; readonly closed: Promise<void> } {
    const socket = connect(harness.server.port, "127.0.0.1");
    socket.on("error", () => {});
    if (firstBytes !== "") socket.write(firstBytes);
    socket.resume();
    return { socket, closed: new Promise((resolve) => socket.once("close", () => resolve())) };
  }

  const opened = (harness: StreamHarness, count: number) =>
    until(() => harness.server.connectionCount >= count);

  test("are closed when no call with a node's token has come in time", async () => {
    const harness = await start({ server: { idleLimits: { idleMs: 50 } } });
    const node = await harness.join();
    const idle = [
      silent(harness),
      silent(harness, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
      silent(harness, "\0".repeat(50)),
    ];
    await Promise.all(idle.map(({ closed }) => closed));
    expect(node.isConnected).toBe(true);
    node.disconnect();
    await node.untilEnd();
    // A connection whose call is over is one that no node uses.
    await until(() => harness.server.connectionCount === 0);
  });

  test("of one address make room for each other, and never keep a node out", async () => {
    const harness = await start({ server: { idleLimits: { perAddressMax: 8 } } });
    const registered = await harness.register();
    const first = silent(harness);
    await opened(harness, 1);
    const idle = Array.from({ length: 40 }, () => silent(harness));
    await first.closed;
    const node = harness.connect(registered);
    await node.until(({ revision }) => revision !== null);
    await until(() => harness.server.connectionCount <= 9);
    expect(node.isConnected).toBe(true);
    for (const { socket } of idle) socket.destroy();
  });

  test("make room for a node when the port is full, and nodes do not", async () => {
    const harness = await start({ server: { connectionsMax: 3 } });
    const [one, two] = [await harness.join(), await harness.join()];
    const idle = silent(harness);
    await opened(harness, 3);
    const three = await harness.join();
    await idle.closed;
    // All are in use.
    await silent(harness).closed;
    expect([one, two, three].map(({ isConnected }) => isConnected)).toEqual([true, true, true]);
  });

  test("and their ends by reset or rubbish end nothing else", async () => {
    const harness = await start();
    const node = await harness.join();
    const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    const settings = "\0\0\0\x04\0\0\0\0\0";
    const openings = [
      "",
      "\0",
      "GET / HTTP/1.1\r\n\r\n",
      preface.slice(0, 10),
      preface,
      preface + settings,
      `${preface}${settings}\xff\xff\xff\x01\x04\0\0\0\x01`,
      "\x16\x03\x01\x02\0\x01",
    ];
    for (let round = 0; round < 25; round++)
      await Promise.all(
        openings.map(async (bytes) => {
          const { socket, closed } = silent(harness);
          await new Promise<void>((resolve) => socket.once("connect", () => resolve()));
          if (bytes === "") socket.resetAndDestroy();
          else socket.write(Buffer.from(bytes, "latin1"), () => socket.resetAndDestroy());
          await closed;
        }),
      );
    const { number } = await harness.change({ id: "a", body: "1" });
    await node.untilRevision(number);
    await until(() => harness.server.connectionCount === 1);
  });

  // Without goaway-guard.ts this ends the process on Node.js with nghttp2 before 1.68.1.
  test("that send GOAWAY, a request and a malformed frame at once end nothing else", async () => {
    const harness = await start();
    const node = await harness.join();
    const bytes = [
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", // preface and SETTINGS
      `\0\0\x08\x07\0\0\0\0\0${"\0".repeat(8)}`, // GOAWAY without an error
      "\0\0\x06\x01\x04\0\0\0\x01\x82\x84\x86\x01\x01a", // HEADERS: GET http://a/
      "\0\0\x03\x08\0\0\0\0\0\0\0\0", // WINDOW_UPDATE of three bytes
    ];
    await silent(harness, Buffer.from(bytes.join(""), "latin1")).closed;
    const { number } = await harness.change({ id: "a", body: "1" });
    await node.untilRevision(number);
  });
});
