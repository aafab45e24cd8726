/**
 * `npm run bench`: every contender in turn before the same upstream, several rounds interleaved, one table.
 * CPU comes from the processes' own accounting; a run with wrong statuses or socket errors is shown and not counted.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { generateApiKey } from "@latchkey/core";
import type { Contender } from "./contender.js";
import { caddy } from "./contenders/caddy.js";
import { fastify } from "./contenders/fastify.js";
import { haproxy } from "./contenders/haproxy.js";
import { latchkeyContenders } from "./contenders/latchkey.js";
import { nginx } from "./contenders/nginx.js";
import { nodeHttp } from "./contenders/node-http.js";
import { type Sample, summarise } from "./results.js";
import { freePort } from "./support/child.js";
import { cpuTimeUs, rssMiB } from "./support/cpu-time.js";
import { startUpstream } from "./support/upstream-process.js";
import { runWrk, type WrkSummary } from "./support/wrk.js";
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

const rounds = Number(values.rounds ?? (values.quick ? 2 : 5));
const QUICK_WARM_UP_SECONDS = 1;
const seconds = Number(values.seconds ?? (values.quick ? 2 : 4));

const everyone: readonly Contender[] = [nginx, haproxy, ...latchkeyContenders, caddy, nodeHttp, fastify];
const contenders = everyone.filter((one) =>
  values.only.length > 0 ? values.only.includes(one.name) : !(values.quick && one.isVariant),
);
const wanted = workloads.filter((one) =>
  values.workload.length > 0 ? values.workload.includes(one.name) : !(values.quick && one.long),
);

const say = (line: string) => process.stderr.write(`${line}\n`);

async function measure(contender: Contender, workload: Workload, upstreamPort: number): Promise<Sample> {
  const dir = mkdtempSync(join(tmpdir(), "latchkey-bench-"));
  const keys = keysOf(workload.apis);
  const port = await freePort();
  try {
    const running = await contender.start({ keys, upstreamPort, port, dir });
    try {
      const options = { dir, port, connections: workload.connections, script: workload.script(keys) };
      await runWrk({ ...options, seconds: values.quick ? QUICK_WARM_UP_SECONDS : workload.warmUpSeconds });
      const before = cpuTimeUs(running.pids());
      const summary = await runWrk({ ...options, seconds });
      const cpuUs = cpuTimeUs(running.pids()) - before;
      return {
        contender: contender.name,
        workload: workload.name,
        requestsPerSecond: summary.requests / (summary.durationUs / 1e6),
        cpuUsPerRequest: cpuUs / Math.max(1, summary.requests),
        p50Us: summary.p50Us,
        p99Us: summary.p99Us,
        p999Us: summary.p999Us,
        rssMiB: rssMiB(running.pids()),
        failure: failureOf(workload, summary),
      };
    } finally {
      await running.stop();
    }
  } catch (error) {
    return failed(
      contender,
      workload,
      error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error),
    );
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function failureOf(workload: Workload, summary: WrkSummary): string | null {
  if (summary.requests === 0) return "no request was answered";
  if (summary.socketErrors > 0) return `${summary.socketErrors} socket errors`;
  if (workload.expectsRefusal) {
    return summary.refused === summary.requests ? null : `${summary.requests - summary.refused} let through`;
  }
  return summary.refused === 0 ? null : `${summary.refused} of ${summary.requests} refused`;
}

function failed(contender: Contender, workload: Workload, failure: string): Sample {
  const none = { requestsPerSecond: 0, cpuUsPerRequest: 0, p50Us: 0, p99Us: 0, p999Us: 0, rssMiB: 0 };
  return { contender: contender.name, workload: workload.name, ...none, failure };
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

const { port: upstreamPort, child: upstream } = await startUpstream();

const samples: Sample[] = [];
for (const workload of wanted) {
  for (let round = 1; round <= rounds; round++) {
    // The order turns with the round, so that no contender always follows the same one.
    const order = taking.map((_, i) => taking[(i + round) % taking.length] as Contender);
    for (const contender of order) {
      const sample = await measure(contender, workload, upstreamPort);
      samples.push(sample);
      say(
        `${workload.name} ${round}/${rounds} ${contender.name}: ` +
          (sample.failure ??
            `${sample.cpuUsPerRequest.toFixed(1)} µs CPU, ${sample.requestsPerSecond.toFixed(0)}/s`),
      );
    }
  }
}
await upstream.stop();

const results = summarise(samples, versions, { rounds, seconds });
process.stdout.write(resultsText(results));
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
const out = values.out ?? (values.quick ? undefined : join(import.meta.dirname, "RESULTS.md"));
if (out !== undefined) writeFileSync(out, resultsMarkdown(results));
