/** Large bodies in both directions, by digest: fast and slow, with and without TLS, on each front. */
import { connect } from "node:net";
import { eventually, Upstream } from "@latchkey/testkit";
import { expect } from "vitest";
import { engines } from "../support/engines.js";
import { fault } from "./support/fault.js";
import { seconds } from "./support/figures.js";
import { mode, rounds } from "./support/mode.js";
import { key, resourcesOf, SmallNode } from "./support/small-node.js";
import { type Transfer, Transfers } from "./support/transfers.js";

const fronts = (["strict", "uws"] as const).filter((engine) => engines.includes(engine));
/** uWebSockets.js takes no Content-Length above this. */
const BYTES = rounds(16_000_001, 999_999_999);
const kinds = ["download", "upload", "echo"] as const;
const framings = ["length", "chunked"] as const;
const clients = mode === "quick" ? (["node"] as const) : (["node", "curl"] as const);

for (const engine of fronts)
  for (const isTls of [false, true])
    fault(
      {
        row: "73",
        fault: `${BYTES} bytes down, up and both ways, ${isTls ? "over TLS" : "plain"}, front ${engine}`,
        holds: "with a length and chunked, everything arrives whole, by digest",
        target: "all whole",
      },
      async () => {
        await using transfers = await Transfers.start({ engine, isTls });
        const startedMs = performance.now();
        const problems: string[] = [];
        let count = 0;
        for (const client of clients)
          for (const kind of kinds)
            for (const framing of framings) {
              const problem = await transfers.run({ kind, framing, client, bytes: BYTES });
              if (problem !== null) problems.push(problem);
              count++;
            }
        expect(problems).toEqual([]);
        return `${count} of ${count} whole in ${seconds(performance.now() - startedMs)}; RSS ${transfers.node.rssMib.toFixed(0)} MiB`;
      },
      { timeoutMs: rounds(300_000, 1_800_000) },
    );

for (const engine of fronts)
  fault(
    {
      row: "73",
      fault: `an integration takes uploads slowly, four at once over TLS, front ${engine}`,
      holds: "the client is held back, and everything arrives whole",
      target: "all whole",
    },
    async () => {
      await using transfers = await Transfers.start({ engine, isTls: true });
      const upload = (framing: Transfer["framing"]): Transfer => ({
        kind: "upload",
        framing,
        bytes: 12_000_001,
        upstreamPauseMs: rounds(20, 500),
      });
      const problems = await Promise.all(
        [...framings, ...framings].map((framing) => transfers.run(upload(framing))),
      );
      expect(problems.filter((problem) => problem !== null)).toEqual([]);
      return `4 of 4 whole; RSS ${transfers.node.rssMib.toFixed(0)} MiB`;
    },
  );

/** Far above what the kernels keep on both sides. */
const SLOW_BYTES = 14_000_003;
const SLOW_RATE = 50_000;

for (const engine of fronts)
  fault(
    {
      row: "74",
      fault: `clients read ${SLOW_BYTES} bytes at ${SLOW_RATE} B/s, front ${engine}`,
      holds: "they get their whole download, with a length and chunked, plain and over TLS",
      target: "all whole",
    },
    async () => {
      await using plain = await Transfers.start({ engine, isTls: false });
      await using tls = await Transfers.start({ engine, isTls: true });
      const startedMs = performance.now();
      const slow = (framing: Transfer["framing"]): Transfer => ({
        kind: "download",
        framing,
        bytes: SLOW_BYTES,
        readRate: SLOW_RATE,
      });
      const problems = await Promise.all(
        [plain, tls].flatMap((transfers) => framings.map((framing) => transfers.run(slow(framing)))),
      );
      expect(problems.filter((problem) => problem !== null)).toEqual([]);
      return `4 of 4 whole after ${seconds(performance.now() - startedMs)}`;
    },
    { isLong: true, timeoutMs: 600_000 },
  );

/** More than the ten seconds after which uWebSockets.js closes what it waits for, in its steps of four. */
const GAP_MS = 13_000;

if (fronts.includes("uws"))
  fault(
    {
      row: "74",
      fault: `a client reads nothing for ${GAP_MS / 1000} s, and an event stream says nothing for as long, front uws`,
      holds: "neither is cut",
      target: "all whole",
    },
    async () => {
      await using transfers = await Transfers.start({ engine: "uws", isTls: false });
      await using upstream = await Upstream.start({
        behaviour: (_request, socket) => {
          socket.write(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n",
          );
          socket.write("6\r\nfirst\n\r\n");
          setTimeout(() => socket.end("5\r\nlast\n\r\n0\r\n\r\n"), GAP_MS).unref();
          return null;
        },
      });
      await using node = await SmallNode.start(resourcesOf({ a: `${upstream.url}/` }), {
        env: { LATCHKEY_INGRESS_ENGINE: "uws" },
      });
      const events = async () => {
        const response = await fetch(`${node.url}/a`, { headers: { "connxio-api-key": key } });
        return (await response.text()) === "first\nlast\n" ? null : "the event stream was cut";
      };
      const stalled = (framing: Transfer["framing"]): Transfer => ({
        kind: "download",
        framing,
        bytes: 24_000_001,
        readPauseMs: GAP_MS,
      });
      const problems = await Promise.all([
        events(),
        ...framings.map((framing) => transfers.run(stalled(framing))),
      ]);
      expect(problems.filter((problem) => problem !== null)).toEqual([]);
      return "3 of 3 whole";
    },
  );

if (fronts.includes("uws"))
  fault(
    {
      row: "53",
      fault: "clients leave by FIN under a quiet response, front uws",
      holds: "their upstream requests are canceled",
      target: "≤ 1 s",
    },
    async () => {
      const CLIENTS = rounds(20, 300);
      let open = 0;
      let canceled = 0;
      await using upstream = await Upstream.start({
        behaviour: (_request, socket) => {
          open++;
          socket.once("close", () => canceled++);
          socket.write(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n",
          );
          socket.write("6\r\nfirst\n\r\n");
          return null;
        },
      });
      await using node = await SmallNode.start(resourcesOf({ a: `${upstream.url}/` }), {
        env: {
          LATCHKEY_INGRESS_ENGINE: "uws",
          LATCHKEY_INGRESS_UPSTREAMS_CONNECTIONS_MAX: String(CLIENTS * 2),
        },
      });
      const sockets = await Promise.all(
        Array.from({ length: CLIENTS }, async () => {
          const socket = connect({ port: node.port, host: "127.0.0.1" });
          socket.on("error", () => undefined);
          socket.write(`GET /a HTTP/1.1\r\nHost: a\r\nConnxio-Api-Key: ${key}\r\n\r\n`);
          let text = "";
          for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
            text += String(chunk);
            if (text.includes("first")) break;
          }
          return socket;
        }),
      );
      expect(open).toBe(CLIENTS);
      const startedMs = performance.now();
      for (const socket of sockets) socket.end();
      await eventually(async () => (canceled === CLIENTS ? true : undefined), "all are canceled");
      const tookMs = performance.now() - startedMs;
      for (const socket of sockets) socket.destroy();
      return `${CLIENTS} canceled within ${seconds(tookMs)}`;
    },
  );
