/** Clients that hold what others need: descriptors, uploads, downloads, and openings that are cut. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import {
  aKey,
  anApi,
  anIntegration,
  aRoute,
  eventually,
  RawClient,
  served,
  Upstream,
} from "@latchkey/testkit";
import { expect } from "vitest";
import { carelessSocket } from "./support/careless-socket.js";
import { fault } from "./support/fault.js";
import { randomFrom } from "./support/fills.js";
import { mode, rounds } from "./support/mode.js";
import { seed } from "./support/seed.js";
import { key, resourcesOf, SmallNode } from "./support/small-node.js";
import { Traffic } from "./support/traffic.js";

const HEAD = `Host: localhost\r\nConnxio-Api-Key: ${key}\r\n`;

fault(
  {
    row: "31",
    fault:
      "a node has no file descriptor left for connections to integrations, with a circuit that one failure opens",
    holds:
      "it says that it is overloaded, and the integration is in use as soon as there are descriptors again",
    target: "503, and 0 circuits open",
  },
  async () => {
    await using upstream = await Upstream.start({ behaviour: () => ({ body: "well" }) });
    const { port } = new URL(upstream.url);
    const circuitBreaker = { failures: 1, openMs: 600_000 };
    const resources = served(
      anIntegration("int_a", `http://127.0.0.1:${port}/`, { circuitBreaker }),
      anApi("api_1", [aRoute("ANY", "/a", "int_a")]),
      aKey("key_1", "api_1", {}, key).resource,
    );
    await using node = await SmallNode.start(resources, { env: { LATCHKEY_INGRESS_ENGINE: "strict" } });
    const { pid } = node.process;
    using client = await RawClient.connect(node.port);
    client.send(`OPTIONS * HTTP/1.1\r\n${HEAD}\r\n`);
    expect((await client.response()).status).toBe(204);
    const before = softLimitOf(pid);
    setSoftLimit(pid, 3); // those that are open stay
    client.send(`POST /a HTTP/1.1\r\n${HEAD}Content-Length: 0\r\n\r\n`);
    const { status, body } = await client.response();
    setSoftLimit(pid, before);
    expect(status).toBe(503);
    expect(body.toString()).toContain("gateway.overloaded");
    client.send(`POST /a HTTP/1.1\r\n${HEAD}Content-Length: 0\r\n\r\n`);
    expect((await client.response()).status).toBe(200);
    return "503 gateway.overloaded; the next request, with descriptors, served";
  },
);

function softLimitOf(pid: number): number {
  const limits = readFileSync(`/proc/${pid}/limits`, "utf8");
  return Number(/^Max open files +(\d+)/m.exec(limits)?.[1]);
}

function setSoftLimit(pid: number, descriptors: number): void {
  execFileSync("prlimit", ["--pid", String(pid), `--nofile=${descriptors}:`]);
}

const uploads = rounds(30, 256);
const WINDOW_MS = 2_000;

fault(
  {
    row: "52",
    fault: `${uploads} uploads by one key at a few bytes a second, each piece well within the limit of silence`,
    holds: "each is refused with 408 once it was too slow for a while, and what it held is free",
    target: "others: 0 errors",
  },
  async () => {
    await using upstream = await Upstream.start({ behaviour: () => ({ body: "well" }) });
    await using node = await SmallNode.start(resourcesOf({ a: `${upstream.url}/` }), {
      env: {
        LATCHKEY_INGRESS_ENGINE: "strict",
        LATCHKEY_INGRESS_LIMITS_BODY_IDLE_TIMEOUT_MS: String(WINDOW_MS),
        LATCHKEY_INGRESS_LIMITS_IN_FLIGHT_PER_KEY_MAX: "1000",
        LATCHKEY_INGRESS_UPSTREAMS_CONNECTIONS_MAX: "1000",
      },
    });
    const traffic = new Traffic(2, () => ({ url: `${node.url}/a`, key }), 5);
    const clients = await Promise.all(Array.from({ length: uploads }, () => RawClient.connect(node.port)));
    const startedMs = performance.now();
    for (const client of clients) client.send(`POST /a HTTP/1.1\r\n${HEAD}Content-Length: 1000000\r\n\r\n`);
    const drip = setInterval(() => {
      for (const client of clients) if (!client.isClosed) client.send("x");
    }, 200);
    const statuses = await Promise.all(
      clients.map(async (client) => {
        const { status } = await client.response();
        client[Symbol.dispose]();
        return status;
      }),
    );
    clearInterval(drip);
    const endedMs = performance.now() - startedMs;
    await traffic.more(20);
    const report = await traffic.stop();
    await node.isIdle();
    expect(statuses.every((status) => status === 408)).toBe(true);
    expect(report.reasons).toEqual([]);
    return `${uploads} of ${uploads} got 408, the last after ${(endedMs / 1000).toFixed(1)} s (looked at each ${WINDOW_MS / 1000} s; 30 s by default); ${report.sent} requests of others, 0 failed`;
  },
);

interface Download {
  readonly bytes: number;
  readonly isWhole: boolean;
}

/** Reads so many bytes a second for `slowMs`, and then as fast as it can. */
async function download(port: number, bytesPerSecond: number, slowMs: number): Promise<Download> {
  const TICK_MS = 100;
  return await new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    let bytes = 0;
    let left = 0;
    socket.pause();
    socket.write(`GET /big HTTP/1.1\r\n${HEAD}Connection: close\r\n\r\n`);
    const startedMs = performance.now();
    const timer = setInterval(() => {
      left += (bytesPerSecond * TICK_MS) / 1_000;
      while (left > 0) {
        const chunk = socket.read(
          Math.min(socket.readableLength, Math.ceil(left)) || undefined,
        ) as Buffer | null;
        if (chunk === null) break;
        bytes += chunk.length;
        left -= chunk.length;
      }
      if (performance.now() - startedMs < slowMs) return;
      clearInterval(timer);
      socket.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
      });
      socket.resume();
    }, TICK_MS);
    socket.on("error", () => undefined); // `close` follows
    socket.on("close", () => {
      clearInterval(timer);
      resolve({ bytes, isWhole: bytes >= BIG_BYTES });
    });
  });
}

const BIG_BYTES = mode === "quick" ? 24_000_000 : 60_000_000;
/** Default 120 s: the kernel says no more often than each 1.4 MB that a client has read. */
const WRITE_TIMEOUT_MS = rounds(3_000, 120_000);
const SLOW_MS = rounds(4_500, 150_000);
const RATES = mode === "quick" ? [2_000_000, 4_000_000] : [20_000, 50_000, 200_000];

fault(
  {
    row: "30",
    fault: `clients that read ${RATES.map((rate) => rate / 1_000).join(", ")} kB a second, and one that reads nothing`,
    holds: "the slow ones get all of it, the one that takes nothing is cut in time",
    target: "a download at 50 kB a second comes whole",
  },
  async () => {
    const chunk = Buffer.alloc(64 * 1024, "x");
    await using upstream = await Upstream.start({
      behaviour: (_request, socket) => {
        let left = BIG_BYTES;
        const pour = (): void => {
          while (left > 0 && !socket.destroyed) {
            const piece = chunk.subarray(0, Math.min(left, chunk.length));
            left -= piece.length;
            if (!socket.write(piece)) return;
          }
          socket.off("drain", pour);
        };
        socket.on("drain", pour);
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${BIG_BYTES}\r\n\r\n`);
        pour();
        return null;
      },
    });
    await using node = await SmallNode.start(resourcesOf({ big: `${upstream.url}/` }), {
      env: {
        LATCHKEY_INGRESS_ENGINE: "strict",
        LATCHKEY_INGRESS_LIMITS_WRITE_TIMEOUT_MS: String(WRITE_TIMEOUT_MS),
      },
    });
    const slow = RATES.map((rate) => download(node.port, rate, SLOW_MS));
    const blind = download(node.port, 0, WRITE_TIMEOUT_MS * 2);
    const downloads = await Promise.all(slow);
    expect(downloads.filter(({ isWhole }) => !isWhole)).toEqual([]);
    const cut = await blind;
    expect(cut.isWhole).toBe(false);
    await node.isIdle();
    return `${downloads.length} of ${downloads.length} whole after ${SLOW_MS / 1_000} s of slowness (limit ${WRITE_TIMEOUT_MS / 1_000} s); the one that read nothing was cut with ${(cut.bytes / 1e6).toFixed(1)} MB in the kernels' buffers`;
  },
  { timeoutMs: rounds(300_000, 600_000) },
);

/** What a client may have begun. */
const OPENINGS = [
  `GET /a HTTP/1.1\r\n${HEAD}\r\n`,
  `GET /slow HTTP/1.1\r\n${HEAD}\r\n`,
  `GET /stream HTTP/1.1\r\n${HEAD}\r\n`,
  `GET /a HTTP/1.1\r\n${HEAD}\r\n`.repeat(3),
  `GET /slow HTTP/1.1\r\n${HEAD}\r\nGET /a HTTP/1.1\r\n${HEAD}\r\n`,
  `POST /a HTTP/1.1\r\n${HEAD}Content-Length: 200000\r\n\r\n${"x".repeat(200_000)}`,
  `POST /slow HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n${"5;a=b\r\nhello\r\n".repeat(40)}0\r\nX: y\r\n\r\n`,
  `POST /stream HTTP/1.1\r\n${HEAD}Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello`,
  `GET /a HTTP/1.1\r\n${HEAD}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
  `CONNECT a:80 HTTP/1.1\r\n${HEAD}\r\n`,
  `GET /stream HTTP/1.0\r\n${HEAD}\r\n`,
  `HEAD /stream HTTP/1.1\r\n${HEAD}\r\n`,
  `GET /a HTTP/1.1\r\n${"X: y\r\n".repeat(200)}\r\n`,
  "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
  "nonsense\r\n\r\n",
];

const cuts = rounds(600, 10_000, 100_000);

fault(
  {
    row: "55",
    fault: `${cuts} client connections that are cut or reset in every state of requests and responses`,
    holds: "the node goes on, and nothing of them is left",
    target: "10 000 rounds, 0 process ends",
  },
  async () => {
    await using upstream = await Upstream.start({
      behaviour: async (request, socket) => {
        if (request.target.includes("stream")) {
          socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
          const timer = setInterval(() => socket.write("5\r\nhello\r\n"), 10);
          socket.once("close", () => clearInterval(timer));
          return null;
        }
        if (request.target.includes("slow"))
          await new Promise((resolve) => setTimeout(resolve, 60_000).unref());
        return { body: "well" };
      },
    });
    const targets = { a: `${upstream.url}/`, slow: `${upstream.url}/slow`, stream: `${upstream.url}/stream` };
    await using node = await SmallNode.start(resourcesOf(targets), {
      env: { LATCHKEY_INGRESS_ENGINE: "strict" },
    });
    const { pid } = node.process;
    const traffic = new Traffic(2, () => ({ url: `${node.url}/a`, key }), 5);
    const random = randomFrom(seed);
    const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
    let left = cuts;
    const AT_ONCE = 20;
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        while (left-- > 0) {
          const text = pick(OPENINGS);
          const isWhole = random() < 0.5;
          const socket = await carelessSocket(node.port);
          if (random() < 0.5) socket.resume();
          socket.write(text.slice(0, isWhole ? text.length : Math.ceil(random() * text.length)), "latin1");
          // How far the node is when it is cut is up to chance, by which each state is met.
          await new Promise((resolve) => setTimeout(resolve, random() < 0.3 ? 0 : random() * 30));
          const end = random();
          if (end < 0.4) socket.resetAndDestroy();
          else if (end < 0.7) socket.destroy();
          else {
            socket.end();
            await new Promise((resolve) => setTimeout(resolve, random() * 20));
            // While the FIN is on its way libuv refuses a reset, and Node.js leaves such a socket open for ever.
            if (socket.writableFinished) socket.resetAndDestroy();
            else socket.destroy();
          }
        }
      }),
    );
    await traffic.more(20);
    const report = await traffic.stop();
    await node.isIdle();
    await eventually(
      async () => ((await node.metric("latchkey_ingress_connections")) <= 2 ? true : undefined),
      "the sockets are freed",
    );
    expect(node.process.pid).toBe(pid);
    expect(report.reasons).toEqual([]);
    return `${cuts} rounds from seed ${seed}: 0 process ends, 0 connections left; ${report.sent} requests of others, 0 failed`;
  },
);
