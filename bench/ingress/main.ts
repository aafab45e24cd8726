/**
 * `npm run bench:ingress`: what a node with a hundred thousand APIs weighs, how soon it serves, what a change costs it,
 * key look-up by number of keys, and two workers beside one. Writes RESULTS.md beside this file.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { generateApiKey } from "@latchkey/core";
import { eventually, SnapshotServer } from "@latchkey/testkit";
import { machine } from "../results.js";
import { LOAD_CORE, PROXY_CORE } from "../support/child.js";
import { rssMiB } from "../support/cpu-time.js";
import { type RunningNode, startNode } from "../support/ingress-node.js";
import { startUpstream } from "../support/upstream-process.js";
import { runWrk, type WrkSummary } from "../support/wrk.js";
import { mixed } from "../workloads.js";
import { Feed } from "./feed.js";
import { keyLookup } from "./key-lookup.js";
import { scaling } from "./workers.js";

const { values } = parseArgs({
  options: {
    apis: { type: "string", default: "100000" },
    keys: { type: "string", default: "1000000" },
    seconds: { type: "string", default: "10" },
    out: { type: "string", default: join(import.meta.dirname, "RESULTS.md") },
  },
});
const [apis, keys, seconds] = [Number(values.apis), Number(values.keys), Number(values.seconds)];
const ROUTES = 10;
const CALLERS = 1_000;
const EVENT_LOOP_RESOLUTION_MS = 10;

const rows: [what: string, figure: string, goal: string][] = [];
function note(what: string, figure: string, goal = ""): void {
  rows.push([what, figure, goal]);
  process.stderr.write(`${what}: ${figure}${goal === "" ? "" : ` (goal: ${goal})`}\n`);
}

const dir = mkdtempSync(join(tmpdir(), "latchkey-bench-ingress-"));
const { port: upstreamPort, child: upstream } = await startUpstream();
const server = await SnapshotServer.start({ heartbeatMs: 5_000, chunkSize: 200 });

try {
  const secrets = Array.from({ length: CALLERS }, generateApiKey);
  const feed = new Feed(server, {
    apis,
    routesOfApi: ROUTES,
    upstreamPort,
    secretOf: (i) => secrets[i] ?? generateApiKey(),
  });
  const script = mixed(secrets.slice(0, Math.min(CALLERS, apis)));
  const dataDir = join(dir, "node");
  const anyCore = `${PROXY_CORE},${LOAD_CORE}`;
  let node = await startNode({ cores: anyCore, dataDir, controlPlane: server.address });
  note(
    "ready by a full sync, from the start of the process",
    `${(node.readyAfterMs / 1000).toFixed(1)} s`,
    "≤ 10 s",
  );
  await written(dataDir);
  note("resident after the sync, the file written", `${memory(node).toFixed(0)} MiB`, "≤ 600 MiB");
  await oneChange(feed);
  pin(node.child.pid, PROXY_CORE);
  await pauses(feed, node, script);
  note("resident after traffic and changes", `${memory(node).toFixed(0)} MiB`, "≤ 600 MiB");
  await node.stop();
  node = await startNode({ cores: anyCore, dataDir, controlPlane: "127.0.0.1:1" });
  note(
    "ready from the last-known-good file, no control plane",
    `${(node.readyAfterMs / 1000).toFixed(1)} s`,
    "≤ 5 s",
  );
  await node.stop();
  await server.close();
  await workers();
} finally {
  await server.close();
  await upstream.stop();
  rmSync(dir, { recursive: true, force: true });
}
await lookups();
writeFileSync(values.out, markdown());

async function oneChange(feed: Feed): Promise<void> {
  const applied: number[] = [];
  const acknowledged: number[] = [];
  for (let i = 0; i < 300; i++) {
    const sentAt = performance.now();
    await feed.acknowledged(feed.change(1));
    acknowledged.push(performance.now() - sentAt);
    applied.push((server.acks.at(-1)?.applyUs ?? 0) / 1000);
  }
  const said = (times: number[]): string => {
    times.sort((a, b) => a - b);
    return `${(times[150] ?? 0).toFixed(2)} and ${(times[297] ?? 0).toFixed(2)} ms`;
  };
  note("one API changed: applied, as the node says in its ACK, p50 and p99 of 300", said(applied), "≤ 2 ms");
  note("the same: sent by the bench → acknowledged (two processes, two collectors)", said(acknowledged));
}

/** Worst turn of the event loop and latency, quiet and while changes arrive. */
async function pauses(feed: Feed, node: RunningNode, script: string): Promise<void> {
  const load = { dir, port: node.port, connections: 16, script };
  await runWrk({ ...load, seconds: 2 });
  const measure = async (): Promise<[WrkSummary, number]> => {
    await node.metric("latchkey_nodejs_eventloop_lag_max_seconds"); // reading resets it
    const summary = await runWrk({ ...load, seconds });
    const lag = await node.metric("latchkey_nodejs_eventloop_lag_max_seconds");
    return [summary, lag * 1000 - EVENT_LOOP_RESOLUTION_MS];
  };
  const say = (when: string, [summary, pauseMs]: [WrkSummary, number], goal = "") =>
    note(
      `under load, ${when}: worst pause; p50, p99, p99.9`,
      `${pauseMs.toFixed(0)} ms; ${[summary.p50Us, summary.p99Us, summary.p999Us].map((us) => (us / 1000).toFixed(1)).join(", ")} ms` +
        (summary.refused + summary.socketErrors > 0
          ? `; ${summary.refused} refused, ${summary.socketErrors} socket errors`
          : ""),
      goal,
    );
  say("no changes", await measure());
  let number = 0;
  let sent = 0;
  const startedAt = performance.now();
  const timer = setInterval(() => {
    const due = Math.floor(performance.now() - startedAt) - sent; // one a millisecond
    if (due <= 0) return;
    number = feed.change(due);
    sent += due;
  }, 10);
  const changing = await measure();
  clearInterval(timer);
  await feed.acknowledged(number);
  const rate = (sent / (performance.now() - startedAt)) * 1000;
  say(`${rate.toFixed(0)} changes/s`, changing, "≤ 20 ms");
}

async function workers(): Promise<void> {
  for (const { what, figure } of await scaling(upstreamPort, dir)) note(what, figure, "twice");
}

async function lookups(): Promise<void> {
  const [few, many] = await keyLookup([10, keys]);
  if (few === undefined || many === undefined) return;
  const figure = (a: number, b: number) =>
    `${a.toFixed(0)} and ${b.toFixed(0)} ns (${(b / a).toFixed(2)} times)`;
  note(
    `key look-up, seen before: among 10 and ${keys} keys`,
    figure(few.repeatNs, many.repeatNs),
    "the same",
  );
  note(
    `key look-up, unknown key: among 10 and ${keys} keys`,
    figure(few.unknownNs, many.unknownNs),
    "the same",
  );
}

function pin(pid: number, core: string): void {
  execFileSync("taskset", ["-a", "-c", "-p", core, String(pid)], { stdio: "ignore" });
}

function memory(node: RunningNode): number {
  return rssMiB([node.child.pid]);
}

/** Resolves when the last-known-good file is there and no longer grows. */
async function written(folder: string): Promise<void> {
  let last = -1;
  await eventually(
    async () => {
      if (!existsSync(folder)) return undefined;
      const size = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
      const isSettled = size > 0 && size === last;
      last = size;
      return isSettled ? true : undefined;
    },
    "the last-known-good file is written",
    { timeoutMs: 120_000, everyMs: 2_000 },
  );
  note("last-known-good file", `${(last / 1024 / 1024).toFixed(0)} MiB`);
}

function markdown(): string {
  return `# Ingress: scale, changes, keys, workers

\`npm run bench:ingress\` · ${new Date().toISOString().slice(0, 10)} · ${machine()}, Node.js ${process.version}

${apis} APIs × ${ROUTES} routes, ${apis} keys, engine strict. Under load the node has one core, load and upstream the other. Workers have a
fixed share of a core each (cgroups), or on two cores the load would get none. The worst pause is the longest turn of the event loop.

| what | figure | goal |
|---|---|---|
${rows.map((row) => `| ${row.join(" | ")} |`).join("\n")}
`;
}
