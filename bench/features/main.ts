/**
 * `npm run bench:features`: what a feature adds to the CPU of a small GET. For each feature a node with it and one without stand
 * side by side; they have short slices by turns, and the ratio is taken within a pair. `--only NAME`, `--rounds N`, `--seconds N`.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { encodeResource } from "@latchkey/snapshot";
import { SnapshotServer } from "@latchkey/testkit";
import { machine, median } from "../results.js";
import { PROXY_CORE } from "../support/child.js";
import { cpuTimeUs, processTree } from "../support/cpu-time.js";
import { startNode } from "../support/ingress-node.js";
import { startUpstream } from "../support/upstream-process.js";
import { runWrk } from "../support/wrk.js";
import { fixed } from "../workloads.js";
import { type Feature, featuresOf, key, plain, resourcesOf } from "./features.js";

const CONNECTIONS = 64;
const WARM_UP_SECONDS = 2;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "15" },
    seconds: { type: "string", default: "1" },
    only: { type: "string", multiple: true, default: [] },
    out: { type: "string" },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);

interface Standing extends AsyncDisposable {
  /** @returns CPU of a request, in microseconds */
  slice(seconds: number): Promise<number>;
}

async function stand(feature: Feature, request: string, upstreamPort: number): Promise<Standing> {
  const dir = mkdtempSync(join(tmpdir(), "latchkey-bench-"));
  const server = await SnapshotServer.start({ heartbeatMs: 5_000, chunkSize: 500 });
  server.load(resourcesOf(feature, upstreamPort).map(encodeResource));
  const node = await startNode({
    cores: PROXY_CORE,
    dataDir: join(dir, "node"),
    controlPlane: server.address,
    ...(feature.env && { env: feature.env }),
  });
  const script = fixed("GET", "/orders/1234", key, request);
  return {
    async slice(forSeconds) {
      const before = cpuTimeUs(processTree(node.child.pid));
      const { requests, refused, socketErrors } = await runWrk({
        dir,
        port: node.port,
        connections: CONNECTIONS,
        seconds: forSeconds,
        script,
      });
      const cpuUs = cpuTimeUs(processTree(node.child.pid)) - before;
      if (requests === 0 || refused > 0 || socketErrors > 0)
        throw new Error(`${feature.name}: ${refused} of ${requests} refused, ${socketErrors} socket errors`);
      return cpuUs / requests;
    },
    async [Symbol.asyncDispose]() {
      await node.stop();
      await server.close();
      rmSync(dir, { recursive: true });
    },
  };
}

async function measure(feature: Feature, upstreamPort: number): Promise<string> {
  const request = feature.request ?? "";
  await using without = await stand(plain, request, upstreamPort);
  await using withIt = await stand(feature, request, upstreamPort);
  for (const one of [without, withIt]) await one.slice(WARM_UP_SECONDS);
  const costs: { readonly without: number; readonly withIt: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    // The order turns with the round, so that neither always comes second.
    const first = round % 2 === 0 ? await without.slice(seconds) : null;
    const own = await withIt.slice(seconds);
    costs.push({ without: first ?? (await without.slice(seconds)), withIt: own });
  }
  const ratios = costs.map((pair) => pair.withIt / pair.without).sort((a, b) => a - b);
  const percent = (ratio = 1) => `${ratio >= 1 ? "+" : "−"}${Math.abs((ratio - 1) * 100).toFixed(0)} %`;
  const quartiles = [0.25, 0.75].map((share) => percent(ratios[Math.floor(share * ratios.length)]));
  const us = (pick: (pair: (typeof costs)[number]) => number) => median(costs.map(pick)).toFixed(1);
  const cost = `${us((pair) => pair.without)} | ${us((pair) => pair.withIt)}`;
  return `| ${feature.title} | ${cost} | ${percent(median(ratios))} (${quartiles.join(" to ")}) |`;
}

/** Takes what a node exports, and responds at once. */
const collector = createServer((req, res) => {
  req.resume().on("end", () => res.setHeader("content-type", "application/x-protobuf").end());
});
await new Promise<void>((done) => collector.listen(0, "127.0.0.1", done));
const { port: upstreamPort, child: upstream } = await startUpstream();
const collectorUrl = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
const lines = ["| feature | without, µs | with it, µs | more CPU (median, quartiles) |", "|---|---|---|---|"];
for (const feature of featuresOf(collectorUrl, `http://127.0.0.1:${upstreamPort}/token`)) {
  if (values.only.length > 0 && !values.only.includes(feature.name)) continue;
  const line = await measure(feature, upstreamPort);
  process.stderr.write(`${line}\n`);
  lines.push(line);
}
await upstream.stop();
collector.close();
const head = `${new Date().toISOString().slice(0, 10)} · ${machine()} · ${process.version} · ${rounds} pairs of ${seconds} s`;
const text = `# What features cost\n\n${head}\n\nCPU of a small GET, beside a node without the feature: [README.md](../README.md).\n\n${lines.join("\n")}\n`;
process.stdout.write(text);
if (values.out !== undefined) writeFileSync(values.out, text);
