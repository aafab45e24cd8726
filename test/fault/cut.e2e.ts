/**
 * Connections that end in every state, on every port: cut at any byte, by a reset or a FIN, before or after the response,
 * with garbage, upgrades, CONNECT and frames that nobody asked for. No process may end, and each port serves afterwards.
 */
import { connect, type Socket } from "node:net";
import { eventually, freePort } from "@latchkey/testkit";
import { expect } from "vitest";
import { engines } from "../support/engines.js";
import { BusyStack } from "./support/busy-stack.js";
import { fault } from "./support/fault.js";
import { rounds } from "./support/mode.js";
import { type OpeningKind, openingOf, type Pick, seededPick } from "./support/openings.js";
import { childrenOf } from "./support/processes.js";
import { seed } from "./support/seed.js";
import { shoot } from "./support/traffic.js";

const ROUNDS = rounds(200, 2_000, 10_000);
const AT_ONCE = 20;
/** A side that waits for more is cut after this long. */
const ROUND_MS = 100;

interface Port extends OpeningKind {
  readonly port: number;
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

/** One connection: sends a part of an opening in up to three pieces, and ends. Resolves when the connection is closed. */
function round(port: Port, pick: Pick): Promise<void> {
  const opening = openingOf(port, pick);
  const sent = pick(3) === 0 ? opening : opening.subarray(0, pick(opening.length + 1));
  const firstCut = pick(sent.length + 1);
  const end = ENDS[pick(ENDS.length)] as End;
  return new Promise((resolve) => {
    const socket = connect({
      port: port.port,
      host: "127.0.0.1",
      localAddress: ATTACKER,
      allowHalfOpen: true,
    });
    const timer = setTimeout(() => reset(socket), ROUND_MS);
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearTimeout(timer);
      resolve();
    });
    socket.once("data", () => {
      if (end === "reset-after-response") reset(socket);
      if (end === "fin-after-response") socket.end();
    });
    socket.on("end", () => socket.end());
    socket.on("connect", () => {
      socket.write(sent.subarray(0, firstCut));
      setImmediate(() => {
        if (socket.destroyed) return;
        socket.write(sent.subarray(firstCut), () => {
          if (end === "reset") reset(socket);
          else if (end === "fin") socket.end();
          else if (end === "fin-then-reset") socket.end(() => reset(socket));
        });
      });
    });
  });
}

/** Behind a FIN, Node.js cannot send a reset of its own; the system sends one for what comes to a closed socket. */
function reset(socket: Socket): void {
  if (!socket.writableEnded) socket.resetAndDestroy();
  socket.destroy(); // at once: a reset waits for what is not sent yet
}

async function attack(port: Port, seed: number): Promise<void> {
  const pick = seededPick(seed);
  let left = ROUNDS;
  const client = async (): Promise<void> => {
    while (left-- > 0) await round(port, pick);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, client));
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
    const ended = Promise.race(
      processes.map(async (process) => {
        const { code, signal } = await process.exited;
        throw new Error(`a process ended (${signal ?? code}), seed ${seed}: ${process.output.slice(-2_000)}`);
      }),
    );
    ended.catch(() => undefined); // also when the test is over
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
