// TLS on both sides at once: the pool against the server, with certificates made for the run.

import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer, type TLSSocket, connect as tlsConnect } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Http1PoolOptions } from "./client/upstream-options.js";
import { Http1Pool } from "./client/upstream-pool.js";
import { ResponseHeaders } from "./codec/shared-headers.js";
import { SocketWriter } from "./io/socket-writer.js";
import { TICK_MS, ticker } from "./io/ticker.js";
import { writeArena } from "./io/write-arena.js";
import { ConnectionMemo } from "./server/connection-memo.js";
import { Http1Server } from "./server/server.js";
import type { Http1ServerOptions, ServerTlsOptions } from "./server/server-options.js";
import type { ServerListener, ServerRequest } from "./server/server-request.js";
import { fetchOnce, send } from "./testing/collect.js";
import { hasKernelProbes, kernelProbesMs } from "./testing/kernel-probes.js";
import { RawClient } from "./testing/raw-client.js";
import { isPortable } from "./testing/select-io.js";
import { ticks } from "./testing/test-server.js";

let dir = "";
const certificates: { readonly cert: string; readonly key: string }[] = [];

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "http1-tls-"));
  for (const name of ["one", "two"]) {
    const cert = join(dir, `${name}.crt`);
    const key = join(dir, `${name}.key`);
    execFileSync(
      "openssl",
      [
        ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj".split(" "),
        `/CN=${name}`,
        ..."-addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout".split(" "),
        key,
        "-out",
        cert,
      ],
      { stdio: "ignore" },
    );
    certificates.push({ cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") });
  }
});
afterAll(() => rmSync(dir, { recursive: true }));

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

class Echo implements ServerListener {
  readonly #request: ServerRequest;
  readonly #pieces: Buffer[] = [];
  constructor(request: ServerRequest) {
    this.#request = request;
  }
  onBodyData(chunk: Uint8Array): void {
    this.#pieces.push(Buffer.from(chunk));
  }
  onBodyEnd(): void {
    this.#request.respond(200, "OK", [], Buffer.concat(this.#pieces), false);
  }
  onWritable(): void {}
  onAborted(): void {}
}

/** Waits for its client to leave. */
class Leaver implements ServerListener {
  readonly onAborted: () => void;
  constructor(onAborted: () => void) {
    this.onAborted = onAborted;
  }
  onBodyData(): void {}
  onBodyEnd(): void {}
  onWritable(): void {}
}

async function serve(
  tls: ServerTlsOptions,
  options: Partial<Http1ServerOptions> = {},
): Promise<{ readonly port: number; readonly server: Http1Server }> {
  const server = new Http1Server({
    createMemo: () => new ConnectionMemo(),
    tls,
    ...options,
    onRequest: (request) => {
      if (request.bodyLength !== 0) return new Echo(request);
      request.respond(200, "OK", [], Buffer.from(request.path === "/" ? request.host : request.path), false);
      return null;
    },
  });
  closers.push(() => server.destroy());
  return { server, port: await server.listen("127.0.0.1", 0) };
}

function poolTo(port: number, options: Partial<Http1PoolOptions> = {}): Http1Pool {
  const pool = new Http1Pool({ host: "127.0.0.1", port, tls: { ca: certificates[0]!.cert }, ...options });
  closers.push(() => pool.destroy());
  return pool;
}

/** One handshake. @returns whether it resumed the ticket's session, and, without a ticket, one that the server gave */
async function session(port: number, ticket?: Buffer): Promise<{ isReused: boolean; given: Buffer | null }> {
  const socket = tlsConnect({ port, host: "127.0.0.1", rejectUnauthorized: false, session: ticket });
  closers.push(() => socket.destroy());
  const giving = ticket === undefined ? once(socket, "session") : null;
  socket.resume();
  await once(socket, "secureConnect");
  const given = giving === null ? null : ((await giving)[0] as Buffer);
  return { isReused: socket.isSessionReused(), given };
}

describe("TLS", () => {
  it("carries requests and bodies of any size both ways over one connection", async () => {
    const { port, server } = await serve(certificates[0]!);
    const pool = poolTo(port, { connectionsMax: 1 });
    expect((await fetchOnce(pool)).body).toBe(`127.0.0.1:${port}`);
    for (const size of [1, 16_384, 100_000, 3_000_000]) {
      const body = Buffer.alloc(size, "0123456789abcdef");
      const { outgoing: request, got } = send(pool, { method: "POST", contentLength: -1 });
      request.end(body);
      await got.over;
      expect(got.error).toBeNull();
      expect(got.body === body.toString("latin1")).toBe(true);
    }
    expect(server.connections()).toBe(1);
  });

  it.runIf(hasKernelProbes)("probes a quiet connection after 30 s, as a server and as a client", async () => {
    const { port } = await serve(certificates[0]!);
    expect((await fetchOnce(poolTo(port))).error).toBeNull();
    await expect.poll(() => kernelProbesMs(port).filter((ms) => ms !== null)).toHaveLength(2);
    for (const ms of kernelProbesMs(port)) expect(ms).toBeLessThanOrEqual(30_000);
  });

  it("serves many requests at once", async () => {
    const { port } = await serve(certificates[0]!);
    // The handshakes take as long as they take: 1 s in the queue is little on a busy machine.
    const pool = poolTo(port, { connectionsMax: 10, queueTimeoutMs: 60_000 });
    const all = await Promise.all(Array.from({ length: 200 }, () => fetchOnce(pool)));
    expect(all.every((got) => got.body === `127.0.0.1:${port}`)).toBe(true);
  });

  it("refuses a certificate that it does not trust, or of another name", async () => {
    const { port } = await serve(certificates[1]!);
    expect((await fetchOnce(poolTo(port))).error).toMatchObject({
      code: "certificate_refused",
      phase: "connect",
      replaySafe: true,
    });
    const { port: named } = await serve(certificates[0]!);
    const other = poolTo(named, { tls: { ca: certificates[0]!.cert, servername: "b.example" } });
    expect((await fetchOnce(other)).error).toMatchObject({ code: "certificate_refused" });
    const name = poolTo(named, { host: "localhost", checkAddress: ({ family }) => family === 4 });
    expect((await fetchOnce(name)).body).toBe(`localhost:${named}`);
  });

  it("reports that the other side does not speak TLS", async () => {
    const plain = new Http1Server({ createMemo: () => new ConnectionMemo(), onRequest: () => null });
    closers.push(() => plain.destroy());
    const pool = poolTo(await plain.listen("127.0.0.1", 0));
    expect((await fetchOnce(pool)).error).toMatchObject({ code: "tls_failed" });
  });

  it("takes a new certificate for new handshakes and keeps open connections", async () => {
    const { port, server } = await serve(certificates[0]!);
    const pool = poolTo(port);
    await fetchOnce(pool);
    server.reloadTls(certificates[1]!);
    expect((await fetchOnce(pool)).body).not.toBe("");
    expect(pool.stats().connectionsMade).toBe(1);
    expect((await fetchOnce(poolTo(port))).error).toMatchObject({ code: "certificate_refused" });
    const second = poolTo(port, { tls: { ca: certificates[1]!.cert } });
    expect((await fetchOnce(second)).body).not.toBe("");
  });

  it("resumes sessions of servers with the same ticket keys, under another certificate too, and of no other", async () => {
    const [first, second] = [await serve(certificates[0]!), await serve(certificates[0]!)];
    const keys = Buffer.alloc(48, 1);
    first.server.setTicketKeys(keys);
    second.server.setTicketKeys(keys);
    const ticket = (await session(first.port)).given!;
    expect((await session(second.port, ticket)).isReused).toBe(true);
    second.server.reloadTls(certificates[1]!);
    expect((await session(second.port, ticket)).isReused).toBe(true);
    second.server.setTicketKeys(Buffer.alloc(48, 2));
    expect((await session(second.port, ticket)).isReused).toBe(false);
  });

  it("asks clients for a certificate where clientCa is set", async () => {
    const { port } = await serve({ ...certificates[0]!, clientCa: certificates[1]!.cert });
    expect((await fetchOnce(poolTo(port))).error).not.toBeNull();
    const known = poolTo(port, { tls: { ca: certificates[0]!.cert, ...certificates[1]! } });
    expect((await fetchOnce(known)).body).not.toBe("");
  });

  it("keeps the order of requests that come in several records at once", async () => {
    const { port } = await serve(certificates[0]!);
    const socket = tlsConnect({ host: "127.0.0.1", port, ca: certificates[0]!.cert });
    await once(socket, "secureConnect");
    // Each write is a record; several of them are in one read of the server.
    for (let i = 0; i < 30; i++) {
      socket.write(`GET /${i} HTTP/1.1\r\n`);
      socket.write("Host: x\r\n\r\n");
    }
    socket.write("GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    let received = "";
    socket.setEncoding("latin1");
    for await (const piece of socket) received += String(piece);
    const order = [...received.matchAll(/\r\n\r\n\/(\d+|last)/g)].map((match) => match[1]);
    expect(order).toEqual([...Array.from({ length: 30 }, (_, i) => String(i)), "last"]);
  });

  it("cancels the quiet response of a client that left, within a second", async () => {
    let leftAt = 0;
    const ticks = await new Promise<number>((resolve, reject) => {
      const server = new Http1Server({
        createMemo: () => new ConnectionMemo(),
        tls: certificates[0]!,
        onRequest: (request) => {
          request.writeHead(200, "OK", new ResponseHeaders([]), -1);
          request.write(Buffer.from("data: 1"));
          return new Leaver(() => resolve(ticker.tick - leftAt));
        },
      });
      closers.push(() => server.destroy());
      const leave = async (port: number): Promise<void> => {
        const socket = tlsConnect({ host: "127.0.0.1", port, ca: certificates[0]!.cert });
        await once(socket, "secureConnect");
        socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        await once(socket, "data");
        leftAt = ticker.tick;
        socket.end();
      };
      server.listen("127.0.0.1", 0).then(leave).catch(reject);
    });
    expect(ticks).toBeLessThanOrEqual(1_000 / TICK_MS);
  });

  // By public interfaces a TLS socket does not say that an empty write failed.
  it.skipIf(isPortable)(
    "sees a reset within a second while the body is not read (no public API shows it: skipped in portable mode)",
    async () => {
      const ticks = await new Promise<number>((resolve, reject) => {
        let leftAt = 0;
        let leave = (): void => {};
        const server = new Http1Server({
          createMemo: () => new ConnectionMemo(),
          tls: certificates[0]!,
          onRequest: (request) => {
            request.pause();
            leave();
            return new Leaver(() => resolve(ticker.tick - leftAt));
          },
        });
        closers.push(() => server.destroy());
        const upload = async (port: number): Promise<void> => {
          const tcp = connect({ host: "127.0.0.1", port }).on("error", () => undefined);
          const socket = tlsConnect({ socket: tcp, ca: certificates[0]!.cert, servername: "localhost" });
          socket.on("error", () => undefined);
          await once(socket, "secureConnect");
          leave = () => {
            leftAt = ticker.tick;
            tcp.resetAndDestroy();
          };
          socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n${"x".repeat(100_000)}`);
        };
        server.listen("127.0.0.1", 0).then(upload).catch(reject);
      });
      expect(ticks).toBeLessThanOrEqual(1_000 / TICK_MS);
    },
  );

  it("closes the oldest handshake for a new client when it is full", async () => {
    const { port } = await serve(certificates[0]!, { connectionsMax: 2 });
    const silent = await Promise.all([RawClient.open(port), RawClient.open(port)]);
    silent[1].send("\x16\x03\x01\x01\x00"); // the beginning of a ClientHello
    await ticks(4);
    const socket = tlsConnect({ host: "127.0.0.1", port, ca: certificates[0]!.cert });
    await once(socket, "secureConnect");
    socket.end("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    let received = "";
    for await (const piece of socket.setEncoding("latin1")) received += String(piece);
    expect(received).toContain("HTTP/1.1 200");
    await silent[0].untilEnded();
    expect(silent[1].ended).toBe(false);
    for (const one of silent) one[Symbol.dispose]();
  });

  it("closes gracefully, handshakes among the rest", async () => {
    const { port, server } = await serve(certificates[0]!);
    const socket = tlsConnect({ host: "127.0.0.1", port, ca: certificates[0]!.cert });
    await once(socket, "secureConnect");
    const closed = server.close();
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    let received = "";
    socket.setEncoding("latin1");
    for await (const piece of socket) received += String(piece);
    expect(received).toContain("connection: close");
    await closed;
  });
});

it("keeps bytes and order of what is written while a write is under way, and the end behind it", async () => {
  const server = createTlsServer(certificates[0]!);
  closers.push(() => server.close());
  const accepted = once(server, "secureConnection") as Promise<[TLSSocket]>;
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const client = tlsConnect({ host: "127.0.0.1", port, rejectUnauthorized: false });
  closers.push(() => client.destroy());
  let received = "";
  client.setEncoding("latin1").on("data", (text: string) => {
    received += text;
  });
  const [socket] = await accepted;
  closers.push(() => socket.destroy());
  const owner = { onFlushed: () => {}, onDrained: () => {}, onWriteError: () => {} };
  await new Promise(setImmediate); // out of the handshake's own call
  const writer = new SocketWriter(socket, owner, true);
  const slab = writeArena.slabFor(1);
  writer.writeText("first,");
  writer.flushOnly();
  expect(writer.unsent).toBeGreaterThan(0); // TLS is not done with it
  writer.writeText("second,");
  const large = Buffer.alloc(100_000, "x");
  writer.writeBytes(large);
  large.fill("y");
  writer.writeText(",third");
  await new Promise(setImmediate);
  // Not toBe: the difference of two slabs would take minutes to print.
  expect(writeArena.slabFor(1) === slab).toBe(true);
  writer.writeText(",last");
  writer.end();
  await once(client, "end");
  expect(received).toBe(`first,second,${"x".repeat(100_000)},third,last`);
});
