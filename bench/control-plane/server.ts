/**
 * The control plane's stream in a process of its own, over the product's tables and use cases, driven by messages.
 * Without GraphQL and HTTP, so that the figures are those of the stream.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { systemClock } from "@latchkey/core";
import { createLogger, createMetrics } from "@latchkey/observe";
import { SecretCipher } from "@latchkey/snapshot";
import { openDatabase } from "../../packages/control-plane/src/db/open.js";
import { OpenApiDocuments } from "../../packages/control-plane/src/modules/api/api-document.js";
import { UpstreamAllowList } from "../../packages/control-plane/src/modules/integration/upstream-url.js";
import { createNodeModule } from "../../packages/control-plane/src/nodes/node-module.js";
import { createServices } from "../../packages/control-plane/src/services.js";
import { SqlChangeLog } from "../../packages/control-plane/src/snapshot/change-log.js";
import { EpochGuard } from "../../packages/control-plane/src/snapshot/epoch-guard.js";
import { startSnapshotServer } from "../../packages/control-plane/src/snapshot/snapshot-service.js";
import type { ChangeKind, Commit, Reply, Request } from "./messages.js";
import { apiIdOf, keyIdOf, seed } from "./seed.js";

const { values } = parseArgs({
  options: {
    db: { type: "string", default: ":memory:" },
    port: { type: "string", default: "0" },
    apis: { type: "string", default: "1000" },
    routes: { type: "string", default: "10" },
  },
});
const apis = Number(values.apis);
const context = { principal: { actor: "bench", via: "internal" }, requestId: null } as const;

const logger = createLogger({ name: "bench", level: "warn" });
const db = await openDatabase({ path: values.db });
const changeLog = new SqlChangeLog({ clock: systemClock });
const services = createServices({
  db,
  clock: systemClock,
  changeLog,
  cipher: new SecretCipher([]),
  allow: new UpstreamAllowList([]),
  lookup: (_hostname, _options, done) => done(new Error("the bench tests no connections"), []),
  documents: new OpenApiDocuments({ ingressUrl: null, keyHeader: "Connxio-Api-Key" }),
  logger,
});
await seed(db, services, { apis, routes: Number(values.routes) });
const nodes = await createNodeModule({
  db,
  changeLog,
  units: services.units,
  clock: systemClock,
  logger,
  saveKeysUsed: (used) => services.keys.saveLastUsed(used),
  onNodeRemoved: async () => undefined,
});
const commits: Commit[] = [];
changeLog.onCommit(({ revision, revocation }) =>
  commits.push({ number: revision.number, revocation, atNs: process.hrtime.bigint().toString() }),
);
const beganMs = performance.now();
const server = await startSnapshotServer({
  db,
  changeLog,
  source: services.source,
  observer: nodes.registry,
  epochs: new EpochGuard({ units: services.units, clock: systemClock, logger }),
  keyGrants: services.dataKeys,
  clock: systemClock,
  logger,
  metrics: createMetrics(),
  host: "127.0.0.1",
  port: Number(values.port),
});
const readMs = performance.now() - beganMs;
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();

let changes = 0;

/** One change by the product's use cases: an ordinary one of an API, or a key switched off that is on. */
async function change(kind: ChangeKind): Promise<void> {
  const index = changes++;
  if (kind === "revocation") {
    const id = keyIdOf(index % apis);
    const outcome = await services.keys.update(context, { id, active: false });
    if (!outcome.ok) throw new Error(outcome.error[0]?.message);
    return;
  }
  const id = apiIdOf(index % apis);
  const api = await services.apis.find(id);
  if (api === null) throw new Error("no such API");
  const routes = await services.apis.routesOf([id]);
  const outcome = await services.apis.update(context, {
    id,
    expectedVersion: api.version,
    title: `Changed ${index} at ${Date.now()}`,
    summary: api.summary,
    routes: routes.map((route) => ({
      id: route.id,
      method: route.method,
      path: route.pattern,
      integrationId: route.integrationId,
    })),
  });
  if (!outcome.ok) throw new Error(outcome.error[0]?.message);
}

/** So many changes a second; every tenth is a revocation when `mixed`. */
async function burst(perSecond: number, seconds: number, kind: ChangeKind | "mixed"): Promise<void> {
  const startedMs = performance.now();
  for (let i = 0; i < perSecond * seconds; i++) {
    await change(kind === "mixed" ? (i % 10 === 9 ? "revocation" : "ordinary") : kind);
    const dueMs = startedMs + ((i + 1) * 1_000) / perSecond;
    // Mutations come over the network, one turn of the event loop each; storage alone would never give it a turn.
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
  }
}

async function reply(request: Request): Promise<Reply> {
  switch (request.kind) {
    case "info":
      return {
        kind: "info",
        port: server.port,
        readMs,
        resources: server.cache.resourceCount,
        revision: server.cache.revision,
        digest: Buffer.from(server.cache.digest).toString("hex"),
      };
    case "register": {
      const made = [];
      for (let i = 0; i < request.count; i++) {
        const outcome = await nodes.nodes.create(context, { name: `${request.prefix}-${i}` });
        if (!outcome.ok) throw new Error(outcome.error[0]?.message);
        made.push({ id: outcome.value.value.node.id, token: outcome.value.value.token });
      }
      return { kind: "registered", nodes: made };
    }
    case "burst":
      commits.length = 0;
      await burst(request.perSecond, request.seconds, request.change);
      return { kind: "commits", commits: commits.splice(0) };
    case "stats": {
      if (request.collect) globalThis.gc?.();
      const { rss, heapUsed, external } = process.memoryUsage();
      const stats = {
        kind: "stats" as const,
        rss,
        heapUsed,
        external,
        streams: server.streamCount,
        loopP99Ms: delay.percentile(99) / 1e6,
        loopMaxMs: delay.max / 1e6,
        cpuMs: (process.cpuUsage().user + process.cpuUsage().system) / 1_000,
      };
      delay.reset();
      return stats;
    }
  }
}

process.on("message", (request: Request & { readonly id: number }) => {
  reply(request).then(
    (result) => process.send?.({ id: request.id, result }),
    (error: unknown) => process.send?.({ id: request.id, error: String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));
process.send?.({ id: 0, result: null });
