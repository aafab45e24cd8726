/** Nodes that misbehave on the snapshot stream: never acknowledge, read slowly, come back all at once, or are lied to. */
import { eventually, SimulatedNode } from "@latchkey/testkit";
import { expect } from "vitest";
import { mutate } from "../support/seed.js";
import type { Stack } from "../support/stack.js";
import { BusyStack } from "./support/busy-stack.js";
import { fault } from "./support/fault.js";
import { quantile, rssMib } from "./support/figures.js";
import { checkInvariants } from "./support/invariants.js";
import { rounds } from "./support/mode.js";
import { pause } from "./support/traffic.js";

const ACK_TIMEOUT_MS = rounds(3_000, 5_000, 60_000);
const quickKick = { LATCHKEY_CONTROL_PLANE_GRPC_ACK_TIMEOUT_MS: String(ACK_TIMEOUT_MS) };

/** Opens a stream, as often as it takes. */
async function enter(node: SimulatedNode): Promise<number> {
  for (let attempts = 1; ; attempts++) {
    node.forget();
    node.connect();
    await node.until(({ end, events }) => end !== null || events.length > 0, 120_000);
    if (node.end === null) return attempts;
    await pause(node.end.retryAfterMs ?? 200 + Math.random() * 800);
  }
}

async function addNode(
  stack: Stack,
  name: string,
  options: { acknowledges?: boolean; isThin?: boolean } = {},
) {
  const { token } = await stack.makeNode(name);
  return new SimulatedNode({ address: stack.grpcAddress, nodeId: name, token, ...options });
}

/** Nodes of that name that have a stream, by the control plane. */
async function connectedCount(stack: Stack, prefix: string): Promise<number> {
  const { ingressNodes } = await stack.graphql<{
    ingressNodes: { nodes: { name: string; connected: boolean }[] };
  }>("{ ingressNodes { nodes { name connected } } }");
  return ingressNodes.nodes.filter(({ name, connected }) => connected && name.startsWith(prefix)).length;
}

/** Changes the API's summary and title so many times; each makes a revision of some KiB. */
async function manyChanges(busy: BusyStack, count: number): Promise<void> {
  const { api: known } = await busy.stack.graphql<{ api: { version: number } }>(
    "query($id: ID!) { api(id: $id) { version } }",
    { id: busy.api.id },
  );
  let { version } = known;
  for (let i = 0; i < count; i++) {
    const routes = Array.from({ length: 40 }, (_, j) => ({
      method: "GET",
      path: `/${"long".repeat(20)}/${i}/${j}`,
      integrationId: busy.integrationId,
    }));
    const { api } = await mutate<{ api: { version: number } }>(
      busy.stack,
      "updateApi",
      {
        id: busy.api.id,
        expectedVersion: version,
        title: `t${i}`,
        summary: "",
        routes: [...busy.routes, ...routes],
      },
      "api { version }",
    );
    version = api.version;
  }
}

fault(
  {
    row: "38",
    fault: "one node never acknowledges, one stops reading, while changes go on",
    holds: "the server holds one version a node, ends their streams after the limit, others are not held up",
    target: "memory ≤ 1 snapshot reference + 1 MiB a slow node; kicked after the limit (60 s by default)",
  },
  async () => {
    await using busy = await BusyStack.start({ controlPlaneEnv: quickKick });
    const { stack, traffic } = busy;
    await manyChanges(busy, rounds(20, 50));
    const deaf = await Promise.all(
      Array.from({ length: rounds(5, 20) }, (_, i) => addNode(stack, `deaf-${i}`, { acknowledges: false })),
    );
    const stuck = await Promise.all(
      Array.from({ length: rounds(5, 20) }, (_, i) => addNode(stack, `stuck-${i}`)),
    );
    try {
      for (const node of [...deaf, ...stuck]) await enter(node);
      await Promise.all(stuck.map((node) => node.until(({ revision }) => revision !== null)));
      for (const node of stuck) node.pause();
      const startedMs = performance.now();
      const before = rssMib(stack.controlPlane.pid);
      await manyChanges(busy, rounds(60, 300));
      const after = rssMib(stack.controlPlane.pid);
      await Promise.all(deaf.map((node) => node.untilEnd(ACK_TIMEOUT_MS + 30_000)));
      const kickedMs = performance.now() - startedMs;
      expect(deaf.map(({ end }) => end?.code)).toEqual(deaf.map(() => 4));
      // Read again only when all were given up: one that comes back in time is not to be ended.
      await eventually(
        async () => ((await connectedCount(stack, "stuck-")) === 0 ? true : undefined),
        "all kicked",
      );
      for (const node of stuck) node.resume();
      await Promise.all(stuck.map((node) => node.untilEnd(ACK_TIMEOUT_MS + 30_000)));
      await Promise.all(stuck.map((node) => enter(node)));
      const { revision } = await stack.graphql<{ revision: { number: number } }>("{ revision { number } }");
      await Promise.all(stuck.map((node) => node.untilRevision(revision.number)));
      await checkInvariants(stack);
      expect(traffic.report.reasons).toEqual([]);
      const each = (after - before) / (deaf.length + stuck.length);
      return `RSS of the control plane ${before.toFixed(0)} → ${after.toFixed(0)} MiB over ${rounds(60, 300)} changes with ${deaf.length} deaf and ${stuck.length} stuck nodes (${each.toFixed(2)} MiB each, the changes' own garbage included); kicked ${(kickedMs / 1000).toFixed(1)} s later (limit set to ${ACK_TIMEOUT_MS / 1000} s); ${traffic.sent} requests, 0 failed`;
    } finally {
      for (const node of [...deaf, ...stuck]) node.close();
    }
  },
);

const fleet = rounds(100, 1_000);

fault(
  {
    row: "37",
    fault: `${fleet} nodes come back at once after the control plane was killed`,
    holds: "let in at a bounded rate, each by delta or nothing; GraphQL responds meanwhile",
    target: "1 000 in ≤ 60 s; control plane RSS ≤ 2× idle; GraphQL p99 ≤ 500 ms",
  },
  async () => {
    await using busy = await BusyStack.start();
    const { stack, traffic } = busy;
    const nodes: SimulatedNode[] = [];
    try {
      for (let i = 0; i < fleet; i++) nodes.push(await addNode(stack, `fleet-${i}`, { isThin: true }));
      await Promise.all(nodes.map((node) => enter(node)));
      await Promise.all(nodes.map((node) => node.until(({ revision }) => revision !== null, 60_000)));
      await stack.controlPlane.stop("SIGKILL");
      await Promise.all(nodes.map((node) => node.untilEnd(60_000)));
      await stack.restartControlPlane();
      const idle = rssMib(stack.controlPlane.pid);
      const lagsMs: number[] = [];
      let areIn = false;
      const asking = (async () => {
        while (!areIn) {
          const startedMs = performance.now();
          await stack.graphql("{ apis(first: 5) { totalCount } }");
          lagsMs.push(performance.now() - startedMs);
          await pause(10);
        }
      })();
      const startedMs = performance.now();
      const attempts = (await Promise.all(nodes.map((node) => enter(node)))).reduce((sum, n) => sum + n, 0);
      const inMs = performance.now() - startedMs;
      areIn = true;
      await asking;
      const full = rssMib(stack.controlPlane.pid);
      const victim = await busy.makeApi("after the rush");
      const number = (await busy.revoke(victim))?.number ?? 0;
      await Promise.all(nodes.map((node) => node.untilRevision(number, 60_000)));
      expect(nodes.some((node) => node.events.some(({ kind }) => kind === "snapshotBegin"))).toBe(false);
      await checkInvariants(stack);
      expect(traffic.report.reasons).toEqual([]);
      const p99Ms = quantile(lagsMs, 0.99);
      return `${fleet} nodes in after ${(inMs / 1000).toFixed(1)} s with ${attempts} attempts (50 a second are let in); RSS ${idle.toFixed(0)} → ${full.toFixed(0)} MiB; GraphQL p99 ${p99Ms.toFixed(0)} ms; 0 full snapshots; ${traffic.sent} requests, 0 failed`;
    } finally {
      for (const node of nodes) node.close();
    }
  },
  { timeoutMs: 60_000 + fleet * 400, isLong: true },
);
