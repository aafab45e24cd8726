/**
 * Connections that end in every state, on every port: cut at any byte, by a reset or a FIN, before or after the response,
 * with garbage, upgrades, CONNECT and frames that nobody asked for. No process may end, and each port serves afterwards.
 */
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import {
  eventually,
  firstTestCertificate,
  freePort,
  startProcess,
  type TestProcess,
  Upstream,
} from "@latchkey/testkit";
import { expect } from "vitest";
import { engines } from "../support/engines.js";
import { latchkeyCommand } from "../support/stack.js";
import { BusyStack } from "./support/busy-stack.js";
import { fault } from "./support/fault.js";
import { rounds } from "./support/mode.js";
import { type OpeningKind, openingOf, type Pick, seededPick } from "./support/openings.js";
import { childrenOf } from "./support/processes.js";
import { seed } from "./support/seed.js";
import { key, resourcesOf, SmallNode } from "./support/small-node.js";
import { shoot } from "./support/traffic.js";

const ROUNDS = rounds(200, 2_000, 10_000);
const AT_ONCE = 20;
/** A side that waits for more is cut after this long. */
const ROUND_MS = 100;

interface Port extends OpeningKind {
  readonly port: number;
  readonly isTls?: boolean;
}

/** Not the address of the test's own requests: that of one who sends wrong tokens is refused for a while. */
const ATTACKER = "127.0.0.2";

const portOf = (url: string): number => Number(new URL(url).port);

type End = "reset" | "fin" | "fin-then-reset" | "reset-after-response" | "fin-after-response" | "wait";
const ENDS: readonly End[] = [
  "reset",
  "fin",
  "fin-then-reset",
  "reset-after-response",
  "fin-after-response",
  "wait",
];

/** One connection: sends a part of an opening in up to three pieces, and ends. Resolves when its socket is destroyed. */
function round(port: Port, pick: Pick): Promise<void> {
  const opening = openingOf(port, pick);
  const sent = pick(3) === 0 ? opening : opening.subarray(0, pick(opening.length + 1));
  const firstCut = pick(sent.length + 1);
  const end = ENDS[pick(ENDS.length)] as End;
  const isCutInHandshake = port.isTls === true && pick(5) === 0;
  return new Promise((resolve) => {
    const raw = connect({ port: port.port, host: "127.0.0.1", localAddress: ATTACKER, allowHalfOpen: true });
    const socket = port.isTls === true ? secured(raw, port) : raw;
    const done = (): void => {
      clearTimeout(timer);
      reset(raw);
      resolve();
    };
    // Not by "close" alone: a socket below TLS that the other side reset may be closed without the event.
    const timer = setTimeout(done, ROUND_MS);
    raw.setNoDelay(true);
    for (const each of new Set([raw, socket])) each.on("error", () => undefined).on("close", done);
    socket.once("data", () => {
      if (end === "reset-after-response") reset(raw);
      if (end === "fin-after-response") socket.end();
    });
    socket.on("end", () => socket.end());
    if (isCutInHandshake) raw.once("connect", () => setImmediate(() => reset(raw)));
    socket.on(port.isTls === true ? "secureConnect" : "connect", () => {
      socket.write(sent.subarray(0, firstCut));
      setImmediate(() => {
        if (socket.destroyed) return;
        socket.write(sent.subarray(firstCut), () => {
          if (end === "reset") reset(raw);
          else if (end === "fin") socket.end();
          else if (end === "fin-then-reset") socket.end(() => reset(raw));
        });
      });
    });
  });
}

function secured(raw: Socket, { kind }: Port): Socket {
  return connectTls({
    socket: raw,
    rejectUnauthorized: false,
    ALPNProtocols: [kind === "grpc" ? "h2" : "http/1.1"],
  });
}

/** Behind a FIN, Node.js cannot send a reset of its own; the system sends one for what comes to a closed socket. */
function reset(socket: Socket): void {
  if (!socket.writableEnded) socket.resetAndDestroy();
  socket.destroy(); // at once: a reset waits for what is not sent yet
}

async function attack(port: Port, seed: number, count = ROUNDS): Promise<void> {
  const pick = seededPick(seed);
  let left = count;
  const client = async (): Promise<void> => {
    while (left-- > 0) await round(port, pick);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, client));
}

/** Rejects when one ends. */
function endOf(processes: readonly TestProcess[]): Promise<never> {
  const ended = Promise.race(
    processes.map(async (process) => {
      const { code, signal } = await process.exited;
      throw new Error(`a process ended (${signal ?? code}), seed ${seed}: ${process.output.slice(-2_000)}`);
    }),
  );
  ended.catch(() => undefined); // also when the test is over
  return ended;
}

fault(
  {
    row: "55",
    fault: `${ROUNDS} connections to each port of both planes that are cut or reset in any state, upgrades included`,
    holds: "no process ends, and each port serves on",
    target: "10 000 rounds, 0 process ends",
  },
  async () => {
    // One address makes all connections here.
    const unlimited = {
      LATCHKEY_INGRESS_LIMITS_CONNECTIONS_PER_ADDRESS_MAX: "0",
      LATCHKEY_INGRESS_LOG_LEVEL: "error",
    };
    const metricsPort = await freePort();
    const controlPlaneEnv = { LATCHKEY_CONTROL_PLANE_METRICS_PORT: String(metricsPort) };
    await using busy = await BusyStack.start({ ingressEnv: unlimited, controlPlaneEnv });
    const { stack, api } = busy;
    for (const engine of engines.filter((name) => name !== "strict"))
      await stack.addIngress(`node-${engine}`, { LATCHKEY_INGRESS_ENGINE: engine });
    await stack.addIngress("node-workers", { LATCHKEY_INGRESS_WORKERS: "2" });
    const { token } = await stack.makeNode("cut-off");
    const ports: Port[] = [
      ...stack.ingresses.flatMap(({ url, adminUrl }): Port[] => [
        { kind: "http", port: portOf(url), paths: ["/a", "/nowhere"], secret: api.secret },
        { kind: "http", port: portOf(adminUrl), paths: ["/status", "/metrics", "//"], secret: "" },
      ]),
      {
        kind: "graphql",
        port: portOf(stack.graphqlUrl),
        paths: ["/graphql", "/healthz", "/"],
        secret: stack.adminToken,
      },
      { kind: "http", port: metricsPort, paths: ["/metrics", "//"], secret: "" },
      { kind: "grpc", port: Number(stack.grpcAddress.split(":").at(-1)), paths: ["/"], secret: token },
    ];
    const processes = [stack.controlPlane, ...stack.ingresses.map(({ process }) => process)];
    const ended = endOf(processes);
    const workers = childrenOf(stack.ingresses.at(-1)?.process.pid ?? 0);
    for (const [i, port] of ports.entries()) await Promise.race([attack(port, seed + i), ended]);

    for (const { url, adminUrl } of stack.ingresses) {
      const serves = async () =>
        (await shoot({ url: `${url}/a`, key: api.secret })).status === 200 &&
        (await shoot({ url: `${adminUrl}/readyz` })).status === 200
          ? true
          : undefined;
      await Promise.race([eventually(serves, `${url} serves`), ended]);
    }
    expect((await shoot({ url: `http://127.0.0.1:${metricsPort}/metrics` })).status).toBe(200);
    const victim = await busy.makeApi("made after all that");
    await busy.revoke(victim);
    expect(childrenOf(stack.ingresses.at(-1)?.process.pid ?? 0)).toEqual(workers);
    for (const { output } of processes) expect(output).not.toContain("nobody caught");
    return `${ports.length} ports, ${ROUNDS} connections each: 0 process ends (seed ${seed})`;
  },
  { timeoutMs: rounds(300_000, 600_000, 3_600_000) },
);

const TLS_ROUNDS = rounds(100, 2_000, 10_000);
const ADMIN_TOKEN = "an-admin-token-of-this-test-0123456789";

function statusOf(url: string, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { headers, rejectUnauthorized: false, agent: false }, (res) => {
      res.resume();
      resolve(res.statusCode ?? 0);
    })
      .on("error", reject)
      .end();
  });
}

fault(
  {
    row: "55",
    fault: `${TLS_ROUNDS} connections over TLS to each front, the GraphQL and the gRPC port that are cut or reset in any state, the handshake included`,
    holds: "no process ends, and each port serves on",
    target: "10 000 rounds, 0 process ends",
  },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "latchkey-cut-"));
    using _ = { [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
    const [certFile, keyFile] = [join(folder, "cert.pem"), join(folder, "key.pem")];
    writeFileSync(certFile, firstTestCertificate.cert);
    writeFileSync(keyFile, firstTestCertificate.key);
    const tls = (prefix: string) => ({
      [`${prefix}_TLS_CERT_FILE`]: certFile,
      [`${prefix}_TLS_KEY_FILE`]: keyFile,
    });
    await using upstream = await Upstream.start({ behaviour: () => ({ body: "well" }) });
    await using controlPlane = startProcess({
      args: [latchkeyCommand, "control-plane"],
      env: {
        LATCHKEY_CONTROL_PLANE_DATA_DIR: join(folder, "control-plane"),
        LATCHKEY_CONTROL_PLANE_HTTP_PORT: "0",
        LATCHKEY_CONTROL_PLANE_GRPC_PORT: "0",
        LATCHKEY_CONTROL_PLANE_ADMIN_TOKEN: ADMIN_TOKEN,
        LATCHKEY_PRINT_URLS: "true",
        ...tls("LATCHKEY_CONTROL_PLANE_HTTP"),
        ...tls("LATCHKEY_CONTROL_PLANE_GRPC"),
      },
    });
    const startNode = (engine: string) =>
      SmallNode.start(resourcesOf({ a: `${upstream.url}/` }), {
        env: {
          LATCHKEY_INGRESS_ENGINE: engine,
          LATCHKEY_INGRESS_LIMITS_CONNECTIONS_PER_ADDRESS_MAX: "0",
          LATCHKEY_INGRESS_LOG_LEVEL: "error",
          ...tls("LATCHKEY_INGRESS"),
        },
      });
    const [urls, ...nodes] = await Promise.all([
      controlPlane.waitForJson<{ graphql: string; grpc: string }>(),
      ...engines.map(startNode),
    ]);
    await using _nodes = {
      [Symbol.asyncDispose]: async () => {
        for (const node of nodes) await node[Symbol.asyncDispose]();
      },
    };
    const grpcPort = Number(urls.grpc.split(":").at(-1));
    const ports: Port[] = [
      ...nodes.map(
        ({ port }): Port => ({ kind: "http", port, paths: ["/a", "/nowhere"], secret: key, isTls: true }),
      ),
      {
        kind: "graphql",
        port: portOf(urls.graphql),
        paths: ["/graphql", "/healthz", "/"],
        secret: ADMIN_TOKEN,
        isTls: true,
      },
      { kind: "grpc", port: grpcPort, paths: ["/"], secret: "no node's token", isTls: true },
    ];
    const processes = [controlPlane, ...nodes.map((node) => node.process)];
    const ended = endOf(processes);
    for (const [i, port] of ports.entries()) await Promise.race([attack(port, seed + i, TLS_ROUNDS), ended]);
    for (const { url } of nodes)
      await Promise.race([
        eventually(
          async () => (await statusOf(`${url}/a`, { "Connxio-Api-Key": key })) === 200 || undefined,
          `${url} serves`,
        ),
        ended,
      ]);
    expect(await statusOf(new URL("/readyz", urls.graphql).href)).toBe(200);
    const handshake = connectTls({ port: grpcPort, rejectUnauthorized: false, ALPNProtocols: ["h2"] });
    await once(handshake, "secureConnect");
    expect(handshake.alpnProtocol).toBe("h2");
    handshake.destroy();
    for (const { output } of processes) expect(output).not.toContain("nobody caught");
    return `${ports.length} ports, ${TLS_ROUNDS} connections each: 0 process ends (seed ${seed})`;
  },
  { timeoutMs: rounds(300_000, 600_000, 3_600_000) },
);
