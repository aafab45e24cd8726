/**
 * Two workers beside one, each with the same fixed share of a core, so that load and upstream have the rest also when
 * there are only two: then twice the workers can show twice the requests. By engine, since they share the port each in
 * its own way.
 */
import { join } from "node:path";
import { generateApiKey } from "@latchkey/core";
import { SnapshotServer } from "@latchkey/testkit";
import { median } from "../results.js";
import { LOAD_CORE, PROXY_CORE } from "../support/child.js";
import { CpuQuota } from "../support/cpu-quota.js";
import { cpuTimeUs, processTree } from "../support/cpu-time.js";
import { startNode } from "../support/ingress-node.js";
import { runWrk } from "../support/wrk.js";
import { fixed } from "../workloads.js";
import { Feed } from "./feed.js";

const SHARE = 0.2;
const ROUNDS = 3;
const SECONDS = 4;
const COUNTS = [1, 2] as const;

export interface Scaling {
  readonly what: string;
  readonly figure: string;
}

interface Run {
  readonly perSecond: number;
  readonly cpuUs: number;
}

export async function scaling(upstreamPort: number, dir: string): Promise<Scaling[]> {
  const server = await SnapshotServer.start({ heartbeatMs: 5_000 });
  const secret = generateApiKey();
  new Feed(server, { apis: 1, routesOfApi: 10, upstreamPort, secretOf: () => secret });
  const workloads = [
    ["small GET", fixed("GET", "/orders/17", secret)],
    ["404, no upstream", fixed("GET", "/nowhere", secret)],
  ] as const;
  const found: Scaling[] = [];
  try {
    for (const engine of ["uws", "strict"]) {
      for (const [title, script] of workloads) {
        const what = `workers 1 → 2 with ${SHARE * 100} % of a core each, ${engine}, ${title}: requests/s; CPU µs a request`;
        const runs = new Map<number, Run[]>(COUNTS.map((workers) => [workers, []]));
        for (let round = 0; round < ROUNDS; round++) {
          for (const workers of COUNTS) {
            const dataDir = join(dir, `${engine}-${workers}-${round}-${title.length}`);
            const one = await run({ engine, workers, dataDir, controlPlane: server.address, dir, script });
            if (one === null) return [{ what, figure: "left out: no share of a core can be set here" }];
            runs.get(workers)?.push(one);
          }
        }
        found.push({ what, figure: figureOf(runs.get(1) ?? [], runs.get(2) ?? []) });
      }
    }
  } finally {
    await server.close();
  }
  return found;
}

interface RunOptions {
  readonly engine: string;
  readonly workers: number;
  readonly dataDir: string;
  readonly controlPlane: string;
  readonly dir: string;
  readonly script: string;
}

async function run(options: RunOptions): Promise<Run | null> {
  const { dir, script } = options;
  const node = await startNode({ ...options, cores: `${PROXY_CORE},${LOAD_CORE}` });
  const [first, ...others] = processTree(node.child.pid);
  // With several workers the first process serves nobody and hands over connections.
  const serving = others.length === 0 ? [first as number] : others;
  const load = { dir, port: node.port, connections: 64, script };
  await runWrk({ ...load, seconds: 2 }); // compiled by now, with all there is
  const quotas = serving.map((pid) => CpuQuota.limit(pid, SHARE));
  try {
    if (serving.length !== options.workers || quotas.includes(null)) return null;
    const all = [first as number, ...others];
    const before = cpuTimeUs(all);
    const { requests, durationUs } = await runWrk({ ...load, seconds: SECONDS });
    return { perSecond: (requests / durationUs) * 1e6, cpuUs: (cpuTimeUs(all) - before) / requests };
  } finally {
    await node.stop();
    for (const quota of quotas) quota?.remove();
  }
}

function figureOf(one: readonly Run[], two: readonly Run[]): string {
  const [rate1, rate2] = [one, two].map((runs) => median(runs.map((run) => run.perSecond)));
  const [cpu1, cpu2] = [one, two].map((runs) => median(runs.map((run) => run.cpuUs)));
  if (!rate1 || !rate2 || !cpu1 || !cpu2) return "no figure";
  return `${rate1.toFixed(0)} → ${rate2.toFixed(0)} (${(rate2 / rate1).toFixed(2)} times); ${cpu1.toFixed(1)} → ${cpu2.toFixed(1)}`;
}
