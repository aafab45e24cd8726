/**
 * Latchkey's ingress with everything on (key look-up, routing, header rules, limits, counters, usage reports), fed by a
 * control plane's stream: each HTTP front.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { encodeResource, type Resource } from "@latchkey/snapshot";
import { aKey, anApi, anIntegration, aRoute, SnapshotServer } from "@latchkey/testkit";
import { node24 } from "../../scripts/lib/node24.mjs";
import type { Contender, RunningContender, Target } from "../contender.js";
import { coresOf } from "../support/child.js";
import { processTree } from "../support/cpu-time.js";
import { startNode } from "../support/ingress-node.js";

function contender(name: string, engine: string, nodeBinary = process.execPath): Contender {
  return {
    name,
    version() {
      const { stdout, error } = spawnSync(nodeBinary, ["--version"], { encoding: "utf8" });
      if (error !== undefined) return { absent: "`npm run test:node24` gets this Node.js" };
      return { version: `engine ${engine}, ${stdout.trim()}` };
    },
    start: (target) => start(target, engine, nodeBinary),
  };
}

export const latchkeyContenders: readonly Contender[] = [
  contender("Latchkey strict", "strict"), // the default
  contender("Latchkey strict, Node.js 24", "strict", node24.command),
  contender("Latchkey uws", "uws"),
];

async function start(target: Target, engine: string, nodeBinary: string): Promise<RunningContender> {
  const server = await SnapshotServer.start({ heartbeatMs: 5_000, chunkSize: 500 });
  server.load(resourcesOf(target).map(encodeResource));
  const node = await startNode({
    cores: coresOf(target.workers),
    port: target.port,
    workers: target.workers,
    tls: target.tls,
    dataDir: join(target.dir, "node"),
    controlPlane: server.address,
    engine,
    nodeBinary,
  });
  return {
    pids: () => {
      if (!node.child.alive())
        throw new Error(
          `the ingress ended: ${node.child.output().trim().split("\n").slice(-14).join(" | ")}`,
        );
      return processTree(node.child.pid);
    },
    stop: async () => {
      await node.stop();
      await server.close();
    },
  };
}

/** One API a key, all with the same routes: only the key tells them apart. */
function resourcesOf({ keys, upstreamPort }: Target): Resource[] {
  const origin = `http://127.0.0.1:${upstreamPort}`;
  const integrations = ["orders", "download", "upload", "stream"].map((name) =>
    anIntegration(`int_${name}`, `${origin}/${name}`),
  );
  const routes = [
    aRoute("ANY", "/orders", "int_orders"),
    aRoute("ANY", "/orders/{id}", "int_orders"),
    aRoute("ANY", "/download", "int_download"),
    aRoute("ANY", "/upload", "int_upload"),
    aRoute("ANY", "/stream", "int_stream"),
  ];
  const apis = keys.flatMap((secret, i): Resource[] => [
    anApi(`api_${i}`, routes),
    aKey(`key_${i}`, `api_${i}`, {}, secret).resource,
  ]);
  return [...integrations, ...apis];
}
