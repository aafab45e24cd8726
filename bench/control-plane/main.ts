/**
 * `npm run bench:control-plane`: how fast a commit reaches nodes, what it costs on the wire, and how the stream takes
 * a thousand nodes that come back and one that reads slowly. Server and nodes are two processes over loopback.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SimulatedNode, TcpRelay } from "@latchkey/testkit";
import { enforcement } from "./enforcement.js";
import { graphqlRates } from "./graphql.js";
import type { Commit, Info } from "./messages.js";
import { quantile } from "./quantile.js";
import { ServerProcess } from "./server-process.js";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    apis: { type: "string" },
    routes: { type: "string", default: "10" },
    only: { type: "string", multiple: true, default: [] },
  },
});
const apis = Number(values.apis ?? (values.quick ? 2_000 : 100_000));
const fleet = values.quick ? 200 : 1_000;
const say = (line = "") => process.stdout.write(`${line}\n`);
const mib = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(0)} MiB`;

const dir = mkdtempSync(join(tmpdir(), "latchkey-bench-"));
const database = join(dir, "latchkey.db");
let port = 0;
const start = async (): Promise<[ServerProcess, Info]> => {
  const args = ["--db", database, "--port", String(port), "--apis", String(apis), "--routes", values.routes];
  const server = await ServerProcess.start(args);
  const info = await server.ask({ kind: "info" });
  port = info.port;
  return [server, info];
};

let [server, info] = await start();
try {
  say(`Machine: ${cpus().length} × ${cpus()[0]?.model}, ${mib(totalmem())}; Node ${process.version}`);
  say(`Date: ${new Date().toISOString().slice(0, 10)}`);
  say(`${apis} APIs × ${values.routes} routes, as many keys: ${info.resources} resources, one SQLite file`);
  await server.kill();
  [server, info] = await start();
  const idle = await server.ask({ kind: "stats", collect: true });
  say(
    `Start: everything read and listening after ${info.readMs.toFixed(0)} ms, RSS ${mib(idle.rss)}, longest stall ${idle.loopMaxMs.toFixed(0)} ms`,
  );
  const parts = {
    // Before all nodes of other parts: a receipt waits for every node that has ever connected.
    enforcement: () =>
      overWhole(() => enforcement({ database, apis, changes: values.quick ? 100 : 400, say })),
    graphql: () => overWhole(() => graphqlRates({ database, apis, seconds: values.quick ? 2 : 5, say })),
    propagation,
    wire,
    return: comeBack,
    full: () => fullSync([1, values.quick ? 4 : 20]),
    slow: slowReader,
  };
  for (const [name, part] of Object.entries(parts))
    if (values.only.length === 0 || values.only.includes(name)) await part();
} finally {
  await server.kill();
  rmSync(dir, { recursive: true, force: true });
}

/** Gives the tables to a whole control plane for a time. */
async function overWhole(part: () => Promise<void>): Promise<void> {
  await server.kill();
  await part();
  [server, info] = await start();
}

/** Thin nodes that stand at the server's revision. */
async function connected(
  prefix: string,
  count: number,
  onApplied: (node: number, number: number, atNs: bigint) => void,
): Promise<SimulatedNode[]> {
  const { nodes } = await server.ask({ kind: "register", prefix, count });
  const { revision, digest } = await server.ask({ kind: "info" });
  const made = nodes.map(({ id, token }, i) => {
    const node = new SimulatedNode({
      address: `127.0.0.1:${port}`,
      nodeId: id,
      token,
      isThin: true,
      onApplied: ({ number }) => onApplied(i, number, process.hrtime.bigint()),
    });
    node.pretend(revision, Buffer.from(digest, "hex"));
    return node;
  });
  await enter(made);
  return made;
}

/** Connects them as real nodes would: again when told, or after a jittered wait. Resolves when all are in. */
async function enter(nodes: readonly SimulatedNode[], jitterMs = 0): Promise<number> {
  let attempts = 0;
  await Promise.all(
    nodes.map(async (node) => {
      await wait(Math.random() * jitterMs);
      for (;;) {
        attempts++;
        node.forget();
        node.connect();
        await node.until(({ end, events }) => end !== null || events.length > 0, 120_000);
        if (node.end === null) return;
        await wait(node.end.retryAfterMs ?? 200 + Math.random() * 800);
      }
    }),
  );
  return attempts;
}

/** Resolves when all stand at the revision; one that lost its stream comes back, as a real node would. */
async function untilRevision(nodes: readonly SimulatedNode[], number: number): Promise<void> {
  await Promise.all(
    nodes.map(async (node) => {
      for (;;) {
        await node.until(({ revision, end }) => end !== null || (revision?.number ?? -1) >= number, 300_000);
        if (node.end === null) return;
        await enter([node]);
      }
    }),
  );
}

async function propagation(): Promise<void> {
  say();
  say("Propagation, from the commit to the delta applied by a node (ms):");
  say("| nodes | changes | p50 | p99 | worst | revisions a node |");
  say("|---|---|---|---|---|---|");
  for (const count of [1, 10, 100]) {
    let arrivals: { number: number; atNs: bigint }[][] = Array.from({ length: count }, () => []);
    const nodes = await connected(`p${count}`, count, (node, number, atNs) =>
      arrivals[node]?.push({ number, atNs }),
    );
    const runs = [
      { perSecond: 4, seconds: values.quick ? 5 : 15, change: "ordinary" },
      { perSecond: 100, seconds: values.quick ? 3 : 10, change: "mixed" },
    ] as const;
    for (const { perSecond, seconds, change } of runs) {
      arrivals = Array.from({ length: count }, () => []);
      const { commits } = await server.ask({ kind: "burst", perSecond, seconds, change });
      const last = commits.at(-1)?.number ?? 0;
      await untilRevision(nodes, last);
      const tookMs = Number(BigInt(commits.at(-1)?.atNs ?? "0") - BigInt(commits[0]?.atNs ?? "0")) / 1e6;
      const rate = ((commits.length - 1) / tookMs) * 1_000;
      const revisions = (arrivals.reduce((sum, times) => sum + times.length, 0) / count / tookMs) * 1_000;
      for (const revocation of change === "mixed" ? [false, true] : [false]) {
        const delays = commits
          .filter((commit) => commit.revocation === revocation)
          .flatMap((commit) => arrivals.map((times) => delayOf(commit, times)));
        const what = `${rate.toFixed(0)}/s${change === "mixed" ? (revocation ? ", the revocations" : ", the others") : ""}`;
        say(
          `| ${count} | ${what} | ${quantile(delays, 0.5)} | ${quantile(delays, 0.99)} | ${quantile(delays, 1)} | ${revisions.toFixed(1)}/s |`,
        );
      }
    }
    for (const node of nodes) node.close();
  }
}

async function wire(): Promise<void> {
  await using relay = await TcpRelay.start(() => ({ host: "127.0.0.1", port }));
  const { nodes } = await server.ask({ kind: "register", prefix: "wire", count: 1 });
  const { revision, digest } = await server.ask({ kind: "info" });
  const node = new SimulatedNode({
    address: `127.0.0.1:${relay.port}`,
    nodeId: nodes[0]?.id ?? "",
    token: nodes[0]?.token ?? "",
    isThin: true,
    healthIntervalMs: 0,
  });
  node.pretend(revision, Buffer.from(digest, "hex"));
  await enter([node]);
  say();
  say(`Bytes on the wire, to the node and back, among ${apis} APIs:`);
  for (const change of ["ordinary", "revocation"] as const) {
    relay.resetCounters();
    node.forget();
    const { commits } = await server.ask({ kind: "burst", perSecond: 1, seconds: 1, change });
    await untilRevision([node], commits.at(-1)?.number ?? 0);
    const message = node.events.find(({ kind }) => kind === "delta")?.bytes ?? 0;
    await wait(50);
    const what = change === "ordinary" ? "an API's title (with its routes)" : "a key switched off";
    say(`- ${what}: ${relay.bytesDown} down (delta ${message}), ${relay.bytesUp} up`);
  }
  node.close();
}

async function comeBack(): Promise<void> {
  say();
  say(`${fleet} nodes come back after the server was killed:`);
  let arrivals: bigint[] = [];
  const nodes = await connected("fleet", fleet, (_node, _number, atNs) => arrivals.push(atNs));
  const before = await server.ask({ kind: "stats", collect: true });
  for (const jitterMs of [0, 10_000]) {
    await server.kill();
    await Promise.all(nodes.map((node) => node.untilEnd(120_000)));
    [server, info] = await start();
    const idle = await server.ask({ kind: "stats", collect: true });
    const beganMs = performance.now();
    const attempts = await enter(nodes, jitterMs);
    const tookMs = performance.now() - beganMs;
    const after = await server.ask({ kind: "stats", collect: false });
    say(
      `- ${jitterMs === 0 ? "all at once" : "spread over 10 s"}: all in after ${(tookMs / 1000).toFixed(1)} s with ${attempts} attempts; ` +
        `RSS ${mib(idle.rss)} → ${mib(after.rss)}, event loop p99 ${after.loopP99Ms.toFixed(0)} ms, longest stall ${after.loopMaxMs.toFixed(0)} ms, CPU ${(after.cpuMs - idle.cpuMs).toFixed(0)} ms`,
    );
  }
  arrivals = [];
  const { commits } = await server.ask({ kind: "burst", perSecond: 1, seconds: 1, change: "revocation" });
  const sent = commits.at(-1);
  await untilRevision(nodes, sent?.number ?? 0);
  const delays = arrivals.map((atNs) => Number(atNs - BigInt(sent?.atNs ?? "0")) / 1e6);
  const held = await server.ask({ kind: "stats", collect: true });
  say(
    `- then one revocation: on half of them after ${quantile(delays, 0.5)} ms, on all after ${quantile(delays, 1)} ms; RSS ${mib(held.rss)} (before the kill ${mib(before.rss)})`,
  );
  for (const node of nodes) node.close();
}

async function fullSync(counts: readonly number[]): Promise<void> {
  for (const count of counts) await fullSyncOf(count);
}

async function fullSyncOf(count: number): Promise<void> {
  say();
  say(`Full snapshots for ${count} ${count === 1 ? "node" : "nodes at once"}:`);
  const { nodes } = await server.ask({ kind: "register", prefix: `full${count}`, count });
  const made = nodes.map(
    ({ id, token }) => new SimulatedNode({ address: `127.0.0.1:${port}`, nodeId: id, token, isThin: true }),
  );
  const before = await server.ask({ kind: "stats", collect: true });
  const beganMs = performance.now();
  await enter(made);
  await made[0]?.until(({ revision }) => revision !== null, 120_000);
  const firstMs = performance.now() - beganMs;
  await Promise.all(made.map((node) => node.until(({ revision }) => revision !== null, 300_000)));
  const tookMs = performance.now() - beganMs;
  const after = await server.ask({ kind: "stats", collect: false });
  const bytes = made[0]?.bytesReceived ?? 0;
  const chunks =
    made[0]?.events.filter(({ kind }) => kind === "snapshotChunk").map((event) => event.bytes) ?? [];
  say(
    `- ${mib(bytes)} each in ${chunks.length} chunks of at most ${Math.max(0, ...chunks)} bytes; the first after ${(firstMs / 1000).toFixed(1)} s, all after ${(tookMs / 1000).toFixed(1)} s`,
  );
  say(
    `- RSS ${mib(before.rss)} → ${mib(after.rss)}, event loop p99 ${after.loopP99Ms.toFixed(0)} ms, longest stall ${after.loopMaxMs.toFixed(0)} ms`,
  );
  for (const node of made) node.close();
}

async function slowReader(): Promise<void> {
  say();
  say(
    "One node stops reading in the middle of its full snapshot, one in the middle of deltas; 1 000 changes meanwhile:",
  );
  const [deltas] = await connected("slow", 1, () => {});
  const [quick] = await connected("quick", 1, () => {});
  const { nodes } = await server.ask({ kind: "register", prefix: "stuck", count: 1 });
  const full = new SimulatedNode({
    address: `127.0.0.1:${port}`,
    nodeId: nodes[0]?.id ?? "",
    token: nodes[0]?.token ?? "",
    isThin: true,
  });
  await enter([full]);
  await full.until(({ events }) => events.some(({ kind }) => kind === "snapshotChunk"), 60_000);
  full.pause();
  deltas?.pause();
  const before = await server.ask({ kind: "stats", collect: true });
  const { commits } = await server.ask({ kind: "burst", perSecond: 100, seconds: 10, change: "mixed" });
  if (quick) await untilRevision([quick], commits.at(-1)?.number ?? 0);
  const after = await server.ask({ kind: "stats", collect: true });
  say(
    `- RSS ${mib(before.rss)} → ${mib(after.rss)}; heap ${mib(before.heapUsed)} → ${mib(after.heapUsed)}, buffers ${mib(before.external)} → ${mib(after.external)}`,
  );
  deltas?.forget();
  const resumedMs = performance.now();
  deltas?.resume();
  if (deltas) await untilRevision([deltas], commits.at(-1)?.number ?? 0);
  say(
    `- the one behind caught up ${(performance.now() - resumedMs).toFixed(0)} ms after it read again, with ${deltas?.events.filter(({ kind }) => kind === "delta").length} deltas`,
  );
  for (const node of [deltas, quick, full]) node?.close();
}

/** From the commit to the first revision that holds it, in milliseconds. */
function delayOf(
  commit: Commit,
  times: readonly { readonly number: number; readonly atNs: bigint }[],
): number {
  const first = times.find(({ number }) => number >= commit.number);
  return first === undefined ? Number.POSITIVE_INFINITY : Number(first.atNs - BigInt(commit.atNs)) / 1e6;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
