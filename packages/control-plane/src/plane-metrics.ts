/** Metrics of what the control plane holds: revision, nodes by status, sessions, keys that expire, and how long changes take to be enforced. */
import type { Clock } from "@latchkey/core";
import { type Gauge, gauge, histogram, type Registry } from "@latchkey/observe";
import type { ApiKeyService } from "./modules/key/api-key-service.js";
import type { NodeStatus } from "./nodes/node.js";
import type { NodeModule } from "./nodes/node-module.js";
import { EXPIRED_SHOWN_MS, KEY_EXPIRES_MS } from "./overview/attention.js";

const STATUSES: readonly NodeStatus[] = [
  "HEALTHY",
  "LAGGING",
  "DRIFTED",
  "REJECTING",
  "SILENT",
  "NEVER_SEEN",
];

export interface PlaneMetricsDeps {
  readonly registry: Registry;
  readonly nodes: Pick<NodeModule, "registry">;
  /** Valid ones now. */
  readonly sessions: () => Promise<number>;
  readonly keys: Pick<ApiKeyService, "countExpiring">;
  readonly clock: Clock;
}

/** @returns stops counting */
export function startPlaneMetrics({ registry, nodes, sessions, keys, clock }: PlaneMetricsDeps): () => void {
  readGauge(registry, "latchkey_revision", "Number of the newest revision.", (revision) => {
    revision.set(nodes.registry.newest.number);
  });
  const byStatus: Gauge<"status"> = gauge(registry, {
    name: "latchkey_nodes",
    help: "Ingress nodes by status.",
    labels: ["status"],
    collect: () => {
      const views = nodes.registry.views();
      for (const status of STATUSES)
        byStatus.set({ status: status.toLowerCase() }, views.filter((view) => view.status === status).length);
    },
  });
  readGauge(
    registry,
    "latchkey_node_lag_max_seconds",
    "How long the oldest change waits for a node that is heard.",
    (lag) => {
      const heard = nodes.registry
        .views()
        .filter(({ status }) => status !== "SILENT" && status !== "NEVER_SEEN");
      lag.set(Math.max(0, ...heard.map(({ lagMs }) => lagMs)) / 1000);
    },
  );
  readGauge(registry, "latchkey_sessions", "Valid console sessions.", async (open) => {
    open.set(await sessions());
  });
  const expiring: Gauge<"state"> = gauge(registry, {
    name: "latchkey_keys_expiring",
    help: "Active keys that expire within 14 days (soon), or expired within the last seven (expired).",
    labels: ["state"],
    collect: async () => {
      const nowMs = clock.now();
      const soon = await keys.countExpiring({ fromMs: nowMs, toMs: nowMs + KEY_EXPIRES_MS });
      const expired = await keys.countExpiring({ fromMs: nowMs - EXPIRED_SHOWN_MS, toMs: nowMs });
      expiring.set({ state: "soon" }, soon);
      expiring.set({ state: "expired" }, expired);
    },
  });
  const publish = histogram(registry, {
    name: "latchkey_publish_duration_seconds",
    help: "From the commit of a revision to its acknowledgement by a node that enforces it, for each node.",
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  });
  const seen = new Map<string, number>();
  return nodes.registry.onEvent((event) => {
    if (event.kind === "removed") seen.delete(event.nodeId);
    if (event.kind !== "acked") return;
    const { node } = event;
    const { acked } = node;
    if (acked === null) return;
    const before = seen.get(node.node.id);
    seen.set(node.node.id, acked.number);
    // What a node has when it comes says nothing of the way of a change.
    if (before === undefined || acked.number <= before) return;
    const committedAtMs = nodes.registry.committedAtMs(acked);
    if (committedAtMs !== null) publish.observe((clock.monotonicMs() - committedAtMs) / 1000);
  });
}

/** A gauge that is set when the registry is read. */
function readGauge(
  registry: Registry,
  name: `latchkey_${string}`,
  help: string,
  set: (gauge: Gauge) => void | Promise<void>,
): void {
  const read: Gauge = gauge(registry, { name, help, collect: () => set(read) });
}
