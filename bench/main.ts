/**
 * `npm run bench`: every contender by turns before the same upstream, in rounds of short slices, one table.
 * CPU comes from the processes' own accounting; a run with wrong statuses or socket errors is shown and not counted.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { generateApiKey } from "@latchkey/core";
import { freePort } from "@latchkey/testkit";
import type { Contender, RunningContender } from "./contender.js";
import { caddy } from "./contenders/caddy.js";
import { direct } from "./contenders/direct.js";
import { fastify } from "./contenders/fastify.js";
import { haproxy } from "./contenders/haproxy.js";
import { latchkeyContenders } from "./contenders/latchkey.js";
import { nginx } from "./contenders/nginx.js";
import { nodeHttp } from "./contenders/node-http.js";
import { type Sample, summarise } from "./results.js";
import { startBusyLoops } from "./support/busy-loops.js";
import { type CertificateFiles, type CertificateKind, makeCertificate } from "./support/certificate.js";
import { cpuTimeUs, rssMiB } from "./support/cpu-time.js";
import { type LoadSummary, startLoad } from "./support/load-process.js";
import { startUpstream } from "./support/upstream-process.js";
import { runWrk } from "./support/wrk.js";
import { resultsMarkdown, resultsText } from "./table.js";
import { type Workload, workloads } from "./workloads.js";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "string" },
    out: { type: "string" },
    rounds: { type: "string" },
    seconds: { type: "string" },
    only: { type: "string", multiple: true, default: [] },
    workload: { type: "string", multiple: true, default: [] },
  },
});

const rounds = Number(values.rounds ?? (values.quick ? 5 : 15));
/** Rounds from one slice of a contender that is far from nginx to its next. */
const FAR_EVERY = 3;
const seconds = Number(values.seconds ?? 1);

const everyone: readonly Contender[] = [
  nginx,
  haproxy,
  ...latchkeyContenders,
  direct,
  caddy,
  nodeHttp,
  fastify,
];
const contenders = everyone.filter((one) => values.only.length === 0 || values.only.includes(one.name));
const wanted = workloads.filter((one) =>
  values.workload.length > 0 ? values.workload.includes(one.name) : !(values.quick && one.long),
);

const say = (line: string) => process.stderr.write(`${line}\n`);

for (const tool of ["wrk", "taskset", "openssl"]) {
  if (spawnSync(tool, ["--version"]).error === undefined) continue;
  say(`${tool} is not installed; on Debian: apt-get install wrk util-linux openssl`);
  process.exit(1);
}

interface Standing {
  readonly contender: Contender;
  readonly dir: string;
  readonly port: number;
  /** Or why it does not run. */
  readonly running: RunningContender | string;
  /** Before the first slice. */
  readonly rssMiBBefore: number;
}

/** Every contender stands while one of them works: what is compared is seconds apart, not minutes. */
async function measure(workload: Workload, upstreamPort: number): Promise<Sample[]> {
  const standing: Standing[] = [];
  const samples: Sample[] = [];
  try {
    for (const contender of taking.filter((one) => takesPart(one, workload)))
      standing.push(await start(contender, workload, upstreamPort));
    for (let round = 1; round <= rounds; round++) {
      const turn = standing.filter(({ contender }) => !contender.isFar || round % FAR_EVERY === 1);
      // The order turns with the round, so that no contender always follows the same one.
      for (let i = 0; i < turn.length; i++) {
        const one = turn[(i + round) % turn.length] as Standing;
        const sample = await slice(one, workload, round);
        samples.push(sample);
        say(
          `${workload.name} ${round}/${rounds} ${one.contender.name}: ` +
            (sample.failure ??
              `${sample.cpuUsPerRequest.toFixed(1)} µs CPU, ${sample.requestsPerSecond.toFixed(0)}/s`),
        );
      }
    }
    return samples;
  } finally {
    for (const { running, dir } of standing) {
      if (typeof running !== "string") await running.stop();
      rmSync(dir, { recursive: true, force: true });
    }
  }
}

function takesPart(contender: Contender, workload: Workload): boolean {
  if (contender.isDirect === true) return workload.load.kind === "tokens";
  return !(workload.isNearOnly && contender.isFar === true);
}

async function start(contender: Contender, workload: Workload, upstreamPort: number): Promise<Standing> {
  const dir = mkdtempSync(join(tmpdir(), "latchkey-bench-"));
  const port = await freePort();
  let running: RunningContender | null = null;
  try {
    const tls = workload.tls === null ? null : certificates[workload.tls];
    const keys = keysOf(workload.apis);
    const { workers } = workload;
    running = await contender.start({ keys, upstreamPort, port, dir, tls, workers });
    const one = { contender, dir, port: running.port ?? port, running, rssMiBBefore: 0 };
    const isIdle = workload.load.kind === "idle";
    await load(one, isIdle ? smallGet : workload, values.quick ? 1 : workload.warmUpSeconds);
    return { ...one, rssMiBBefore: isIdle ? rssMiB(running.pids()) : 0 };
  } catch (error) {
    await running?.stop();
    return { contender, dir, port, running: reasonOf(error), rssMiBBefore: 0 };
  }
}

async function load({ dir, port }: Standing, workload: Workload, forSeconds: number): Promise<LoadSummary> {
  const keys = keysOf(workload.apis);
  const tls = workload.tls !== null;
  const { kind } = workload.load;
  if (kind === "wrk") {
    const script = workload.script(keys);
    return runWrk({ dir, port, tls, connections: workload.connections, script, seconds: forSeconds });
  }
  const common = { port, key: keys[0], seconds: forSeconds };
  const clients = workload.connections;
  const { summary, child } =
    kind === "connect"
      ? await startLoad(kind, { ...common, tls, clients, resumes: workload.load.resumes })
      : await startLoad("tokens", { ...common, streams: clients });
  await child.stop();
  return summary;
}

async function slice(one: Standing, workload: Workload, round: number): Promise<Sample> {
  const { contender, running } = one;
  if (typeof running === "string") return failed(contender, workload, round, running);
  const neighbors = workload.isContended ? startBusyLoops() : [];
  try {
    const forSeconds = seconds * workload.sliceFactor;
    if (workload.load.kind === "idle") return await idleSlice(one, running, workload, round, forSeconds);
    const before = cpuTimeUs(running.pids());
    const summary = await load(one, workload, forSeconds);
    const cpuUs = cpuTimeUs(running.pids()) - before;
    return sampleOf(one, workload, round, summary, cpuUs, rssMiB(running.pids()));
  } catch (error) {
    return failed(contender, workload, round, reasonOf(error));
  } finally {
    for (const neighbor of neighbors) await neighbor.stop();
  }
}

/** What connections cost that say nothing: measured once all of them stand, until they are dropped. */
async function idleSlice(
  one: Standing,
  running: RunningContender,
  workload: Workload,
  round: number,
  forSeconds: number,
): Promise<Sample> {
  const { connections } = workload;
  const { child, summary } = await startLoad("idle", {
    port: one.port,
    connections,
    key: keysOf(workload.apis)[0],
  });
  try {
    const before = cpuTimeUs(running.pids());
    await sleep(forSeconds * 1000);
    const cpuUs = cpuTimeUs(running.pids()) - before;
    const addedMiB = rssMiB(running.pids()) - one.rssMiBBefore;
    const durationUs = forSeconds * 1e6;
    const seconds = { ...summary, requests: connections * forSeconds, durationUs };
    return sampleOf(one, workload, round, seconds, cpuUs, addedMiB);
  } finally {
    await child.stop();
  }
}

function sampleOf(
  { contender }: Standing,
  workload: Workload,
  round: number,
  summary: LoadSummary,
  cpuUs: number,
  rss: number,
): Sample {
  return {
    contender: contender.name,
    workload: workload.name,
    round,
    requestsPerSecond: summary.requests / (summary.durationUs / 1e6),
    cpuUsPerRequest: cpuUs / Math.max(1, summary.requests),
    p50Us: summary.p50Us,
    p99Us: summary.p99Us,
    p999Us: summary.p999Us,
    rssMiB: rss,
    failure: failureOf(workload, summary),
  };
}

const reasonOf = (error: unknown): string =>
  error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);

function failureOf(workload: Workload, summary: LoadSummary): string | null {
  if (summary.requests === 0) return "no request got a response";
  if (summary.socketErrors > 0) return `${summary.socketErrors} socket errors`;
  if (summary.resumed !== undefined && workload.tls !== null && workload.load.kind === "connect") {
    const isAsked = workload.load.resumes ? summary.resumed > 0.95 : summary.resumed === 0;
    if (!isAsked) return `${(summary.resumed * 100).toFixed(0)} % of the sessions resumed`;
  }
  if (workload.expectsRefusal) {
    return summary.refused === summary.requests ? null : `${summary.requests - summary.refused} let through`;
  }
  return summary.refused === 0 ? null : `${summary.refused} of ${summary.requests} refused`;
}

function failed(contender: Contender, workload: Workload, round: number, failure: string): Sample {
  const none = { requestsPerSecond: 0, cpuUsPerRequest: 0, p50Us: 0, p99Us: 0, p999Us: 0, rssMiB: 0 };
  return { contender: contender.name, workload: workload.name, round, ...none, failure };
}

const keyTables = new Map<number, string[]>();
function keysOf(count: number): string[] {
  let keys = keyTables.get(count);
  if (keys === undefined) {
    keys = Array.from({ length: count }, () => generateApiKey());
    keyTables.set(count, keys);
  }
  return keys;
}

const versions = new Map<string, string>();
const taking = contenders.filter((contender) => {
  const found = contender.version();
  if ("absent" in found) {
    say(`${contender.name}: left out, ${found.absent}`);
    versions.set(contender.name, `left out: ${found.absent}`);
    return false;
  }
  versions.set(contender.name, found.version);
  return true;
});

const smallGet = workloads.find(({ name }) => name === "get") as Workload;
const certificateDir = mkdtempSync(join(tmpdir(), "latchkey-bench-certificates-"));
const certificates: Readonly<Record<CertificateKind, CertificateFiles>> = {
  ecdsa: makeCertificate(certificateDir, "ecdsa"),
  rsa: makeCertificate(certificateDir, "rsa"),
};

const { port: upstreamPort, child: upstream } = await startUpstream();

const samples: Sample[] = [];
for (const workload of wanted) samples.push(...(await measure(workload, upstreamPort)));
await upstream.stop();
rmSync(certificateDir, { recursive: true, force: true });

const results = summarise(samples, versions, { rounds, seconds });
process.stdout.write(resultsText(results));
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
const out = values.out ?? (values.quick ? undefined : join(import.meta.dirname, "RESULTS.md"));
if (out !== undefined) writeFileSync(out, resultsMarkdown(results));
