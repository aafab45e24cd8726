/** Strangers on the control plane's HTTP port: who they keep out, and what they make it hold. `cut` has whether they end it. */
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { eventually, startProcess } from "@latchkey/testkit";
import { afterAll, beforeAll, expect } from "vitest";
import { Stack } from "../support/stack.js";
import { fault } from "./support/fault.js";
import { quantile, rssMib } from "./support/figures.js";
import { rounds } from "./support/mode.js";

const OPERATOR = "127.0.0.7";
const STRANGER = "127.0.0.66";

/** What a port belongs to: a whole stack, or a control plane alone. */
type Owner = Pick<Stack, "graphqlUrl" | "adminToken" | "controlPlane">;

class Port {
  readonly stack: Owner;
  readonly port: number;

  constructor(stack: Owner) {
    this.stack = stack;
    this.port = Number(new URL(stack.graphqlUrl).port);
  }

  get pid(): number {
    return this.stack.controlPlane.pid;
  }

  /** A connection that sends `text` and nothing else. */
  open(from: string, text = ""): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port: this.port, host: "127.0.0.1", localAddress: from }, () => {
        socket.off("error", reject);
        socket.on("error", () => {});
        if (text !== "") socket.write(text);
        resolve(socket);
      });
      socket.once("error", reject);
    });
  }

  /** One request on a connection of its own. */
  ask(
    from: string,
    path: string,
    body?: unknown,
    token?: string,
  ): Promise<{ status: number; text: string; ms: number }> {
    const startMs = performance.now();
    return new Promise((resolve, reject) => {
      const req = request(
        {
          port: this.port,
          host: "127.0.0.1",
          localAddress: from,
          agent: false,
          path,
          method: body === undefined ? "GET" : "POST",
          headers: {
            ...(body === undefined ? {} : { "content-type": "application/json" }),
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          },
        },
        (res) => {
          let text = "";
          res.setEncoding("utf8").on("data", (chunk: string) => {
            text += chunk;
          });
          res.on("end", () =>
            resolve({ status: res.statusCode ?? 0, text, ms: performance.now() - startMs }),
          );
          res.on("error", reject);
        },
      );
      req.on("error", reject);
      req.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** What an operator does in a moment: a health check, a sign-in, a query. Milliseconds each. */
  async operate(): Promise<number[]> {
    const { adminToken } = this.stack;
    const responses = [
      await this.ask(OPERATOR, "/healthz"),
      await this.ask(OPERATOR, "/session", { token: adminToken }),
      await this.ask(OPERATOR, "/graphql", { query: "{ apis { totalCount } }" }, adminToken),
    ];
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200]);
    return responses.map(({ ms }) => ms);
  }

  async operateOften(times: number): Promise<number[]> {
    const all: number[] = [];
    for (let i = 0; i < times; i++) all.push(...(await this.operate()));
    return all;
  }

  upgrade(path = "/graphql"): string {
    return `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${this.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n`;
  }
}

/** A masked text frame; the mask is zeros. */
function frame(text: string, opcode = 1): Buffer {
  const body = Buffer.from(text);
  const head =
    body.length < 126
      ? Buffer.from([0x80 | opcode, 0x80 | body.length, 0, 0, 0, 0])
      : Buffer.from([0x80 | opcode, 0xfe, body.length >> 8, body.length & 255, 0, 0, 0, 0]);
  return Buffer.concat([head, body]);
}

/** One control plane for all rows but the last: each leaves it as it was. */
let stack: Stack;
beforeAll(async () => {
  stack = await Stack.start({ nodes: 0 });
}, 120_000);
afterAll(() => stack[Symbol.asyncDispose]());

const p99 = (ms: readonly number[]) => `${quantile(ms, 0.99).toFixed(0)} ms`;

fault(
  {
    row: "31",
    fault:
      "2000 silent connections to the control plane's HTTP port, from one address and from twenty, held for as long as they are let",
    holds: "health checks, sign-in and queries of others go on, also from the same address",
    target: "0 refused; no wait for a seat",
  },
  async () => {
    const port = new Port(stack);
    const before = await port.operateOften(10);
    const figures: string[] = [];
    for (const addresses of [1, 20]) {
      const sockets: Socket[] = [];
      let open = 0;
      // A client that loses a connection opens another one, until 2 000 were opened.
      for (let i = 0; i < 2_000; i++) {
        const socket = await port.open(addresses === 1 ? STRANGER : `127.0.1.${1 + (i % addresses)}`);
        open++;
        socket.resume().once("close", () => open--);
        sockets.push(socket);
      }
      const held = open;
      const meanwhile = await port.operateOften(10);
      expect((await port.ask(addresses === 1 ? STRANGER : "127.0.1.1", "/healthz")).status).toBe(200);
      figures.push(
        `${addresses} address${addresses === 1 ? "" : "es"}: at most ${held} held, others' p99 ${p99(meanwhile)}`,
      );
      for (const socket of sockets) socket.destroy();
    }
    return `p99 of healthz, sign-in and query ${p99(before)} before; ${figures.join("; ")}; 0 refused`;
  },
);

fault(
  {
    row: "31",
    fault:
      "500 WebSockets that never authenticate, and pings that want a response from those that do not read",
    holds: "operators get live updates, and the memory that strangers make the process hold is bounded",
    target: "live updates at once; RSS growth ≤ 64 MiB",
  },
  async () => {
    const port = new Port(stack);
    await port.operate();
    const sockets: Socket[] = [];
    for (let i = 0; i < 500; i++) sockets.push(await port.open(`127.0.1.${1 + (i % 20)}`, port.upgrade()));
    const startMs = performance.now();
    const operator = await port.open(OPERATOR, port.upgrade());
    let heard = "";
    const acknowledged = new Promise<void>((resolve) =>
      operator.on("data", (bytes) => {
        heard += bytes.toString("latin1");
        if (heard.includes("connection_ack")) resolve();
      }),
    );
    const payload = { authorization: `Bearer ${stack.adminToken}` };
    operator.write(frame(JSON.stringify({ type: "connection_init", payload })));
    await acknowledged;
    const ackMs = performance.now() - startMs;

    const before = rssMib(port.pid);
    let worst = before;
    const look = setInterval(() => {
      worst = Math.max(worst, rssMib(port.pid));
    }, 20);
    const megabytes = rounds(60, 300);
    let sent = 0;
    const big = frame(JSON.stringify({ type: "ping", payload: { x: "a".repeat(60_000) } }));
    const control = Buffer.concat(Array.from({ length: 400 }, () => frame("x".repeat(100), 9)));
    // Each sends until it is cut, then another one takes its place.
    const flood = async (bytes: Buffer): Promise<void> => {
      while (sent < megabytes * 1e6) {
        const socket = await port.open(STRANGER, port.upgrade());
        await new Promise<void>((resolve) => {
          socket.once("data", () => {
            const push = (): void => {
              while (!socket.destroyed && sent < megabytes * 1e6) {
                sent += bytes.length;
                if (!socket.write(bytes)) {
                  socket.once("drain", push);
                  return;
                }
              }
              resolve();
            };
            // It never reads again.
            socket.pause();
            push();
          });
          socket.once("close", () => resolve());
        });
        socket.destroy();
      }
    };
    await Promise.all([flood(big), flood(big), flood(control), flood(control)]);
    clearInterval(look);
    const [health] = await port.operate();
    expect(operator.destroyed).toBe(false);
    expect(worst - before).toBeLessThan(64);
    for (const socket of sockets) socket.destroy();
    operator.destroy();
    return `live updates for an operator after ${ackMs.toFixed(0)} ms; ${megabytes} MB of pings: RSS ${before.toFixed(0)} → at most ${worst.toFixed(0)} MiB; healthz afterwards in ${(health ?? 0).toFixed(0)} ms`;
  },
);

fault(
  {
    row: "41",
    fault: "thousands of wrong tokens a minute at every door of the control plane, while operators sign in",
    holds:
      "others sign in and work; the guesser is throttled; log and audit log name it and do not grow with it",
    target: "0 operators refused; at most 2 entries a minute for each place and reason",
  },
  async () => {
    const port = new Port(stack);
    const guesses = rounds(600, 5_000);
    const statuses = new Map<number, number>();
    let sent = 0;
    const guess = async (): Promise<void> => {
      while (sent < guesses) {
        const i = sent++;
        const wrong = `wrong-token-${i}-of-many`;
        const { status } =
          i % 3 === 0
            ? await port.ask(STRANGER, "/session", { token: wrong })
            : i % 3 === 1
              ? await port.ask(STRANGER, "/graphql", { query: "{ viewer { actor } }" }, wrong)
              : await port.ask(STRANGER, "/metrics", undefined, wrong);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    };
    const attack = Promise.all([guess(), guess(), guess(), guess()]);
    const signIns: number[] = [];
    do signIns.push(...(await port.operate()));
    while (sent < guesses);
    await attack;
    expect([...statuses.keys()].sort()).toEqual([401, 429]);
    const tried = statuses.get(401) ?? 0;
    const { auditLog } = await stack.graphql<{
      auditLog: { nodes: { address: string; after: { attempts: number } }[] };
    }>(
      `{ auditLog(first: 100, filter: { action: "access.refuse", address: "${STRANGER}" }) { nodes { address after } } }`,
    );
    // Three places, two reasons, and each at once and once a minute.
    expect(auditLog.nodes.length).toBeGreaterThanOrEqual(6);
    expect(auditLog.nodes.length).toBeLessThanOrEqual(24);
    const lines = stack.controlPlane.output.split("\n").filter((line) => line.includes(STRANGER)).length;
    expect(lines).toBeLessThanOrEqual(24);
    expect(stack.controlPlane.output).not.toContain("wrong-token-");
    return `${guesses} guesses: ${tried} compared, ${statuses.get(429)} refused unseen; meanwhile ${signIns.length} requests of an operator, 0 refused, p99 ${p99(signIns)}; ${auditLog.nodes.length} audit entries, ${lines} log lines`;
  },
);

const FILES_MAX = 512;

fault(
  {
    row: "31, 55",
    fault: `silent connections to both ports of a control plane that may open ${FILES_MAX} files, 1600 from forty addresses`,
    holds: "each port keeps fewer than it has files for; sign-in, queries and changes go on",
    target: "0 refused, 0 process ends",
  },
  async () => {
    const command = [join(import.meta.dirname, "../../packages/cli/bin/latchkey.js"), "control-plane"];
    await using process = startProcess({
      command: "/bin/sh",
      args: ["-c", `ulimit -n ${FILES_MAX}; exec "$@"`, "sh", globalThis.process.execPath, ...command],
      env: {
        LATCHKEY_CONTROL_PLANE_DATA_DIR: join(stack.dir, "small"),
        LATCHKEY_CONTROL_PLANE_HTTP_PORT: "0",
        LATCHKEY_CONTROL_PLANE_GRPC_PORT: "0",
        LATCHKEY_CONTROL_PLANE_ADMIN_TOKEN: stack.adminToken,
        LATCHKEY_PRINT_URLS: "true",
      },
    });
    const urls = await process.waitForJson<{ graphql: string; grpc: string }>();
    const { adminToken } = stack;
    const port = new Port({ graphqlUrl: urls.graphql, adminToken, controlPlane: process });
    const grpcPort = Number(urls.grpc.split(":").at(-1));
    const held = new Map<number, number>();
    const sockets: Socket[] = [];
    for (let i = 0; i < 1_600; i++) {
      const to = i % 2 === 0 ? port.port : grpcPort;
      const socket = connect({ port: to, host: "127.0.0.1", localAddress: `127.0.1.${1 + (i % 40)}` });
      socket.on("error", () => undefined);
      socket.resume().once("close", () => held.set(to, (held.get(to) ?? 0) - 1));
      held.set(to, (held.get(to) ?? 0) + 1);
      sockets.push(socket);
    }
    const meanwhile = await port.operateOften(10);
    const input = { name: "made meanwhile" };
    const query =
      "mutation($input: CreateSubscriptionInput!) { createSubscription(input: $input) { subscription { id } } }";
    const { text } = await port.ask(OPERATOR, "/graphql", { query, variables: { input } }, adminToken);
    expect(JSON.parse(text)).toMatchObject({
      data: { createSubscription: { subscription: { id: expect.any(String) } } },
    });
    const counts = [...held.values()];
    for (const socket of sockets) socket.destroy();
    // One address that never ends its sign-ins: a connection with a request under way gives way to nobody.
    const begun =
      "POST /session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{";
    const slow: Socket[] = [];
    const areClosed = (count: number) =>
      eventually(
        async () => (slow.filter(({ closed }) => closed).length >= count ? true : undefined),
        `${count} of them are closed`,
        { everyMs: 1 },
      );
    for (const [count, closed] of [
      [200, 72],
      [100, 150],
    ] as const) {
      slow.push(...(await Promise.all(Array.from({ length: count }, () => port.open(STRANGER, begun)))));
      for (const socket of slow) socket.resume();
      await areClosed(closed);
    }
    const beside = await port.operateOften(10);
    for (const socket of slow) socket.destroy();
    process.kill("SIGTERM");
    expect((await process.exited).code).toBe(0);
    return `${counts.join(" and ")} held; ${meanwhile.length} requests of an operator, 0 refused, p99 ${p99(meanwhile)}; a change made; ${beside.length} more beside ${slow.length} slow sign-ins of one address`;
  },
);

fault(
  {
    row: "46",
    fault: "an exception that nobody caught, in the control plane",
    holds: "it is logged, what is under way is finished, and the process ends with a code other than 0",
    target: "ended ≤ 5 s after it",
  },
  async () => {
    await using process = startProcess({
      args: [
        "--import",
        join(import.meta.dirname, "support/throws.mjs"),
        join(import.meta.dirname, "../../packages/cli/bin/latchkey.js"),
        "control-plane",
      ],
      env: {
        LATCHKEY_CONTROL_PLANE_DATA_DIR: join(stack.dir, "second"),
        LATCHKEY_CONTROL_PLANE_HTTP_PORT: "0",
        LATCHKEY_CONTROL_PLANE_GRPC_PORT: "0",
        LATCHKEY_CONTROL_PLANE_ADMIN_TOKEN: stack.adminToken,
        LATCHKEY_PRINT_URLS: "true",
      },
    });
    await process.waitForJson();
    const startMs = performance.now();
    process.kill("SIGUSR2");
    const { code } = await process.exited;
    const ms = performance.now() - startMs;
    expect(code).toBe(1);
    const line = process.stderr.split("\n").find((text) => text.includes("nobody caught")) ?? "{}";
    expect(JSON.parse(line)).toMatchObject({ level: "fatal", origin: "uncaughtException" });
    return `logged as fatal, exit code ${code} after ${ms.toFixed(0)} ms`;
  },
);
