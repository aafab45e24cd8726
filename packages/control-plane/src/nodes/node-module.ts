/** Makes what belongs to nodes and wires it: for run.ts, which makes one, and the snapshot server, which tells it. */
import type { Clock } from "@latchkey/core";
import type { Logger } from "@latchkey/observe";
import type { Db } from "../db/schema.js";
import { RefusedAttemptLog } from "../modules/audit/refused-attempt-log.js";
import { Receipts } from "../receipts/receipts.js";
import type { SqlChangeLog } from "../snapshot/change-log.js";
import type { UsageReport } from "../snapshot/node-observer.js";
import { NodeUsage } from "../traffic/node-usage.js";
import { USAGE_DAYS, type UsageDays } from "../traffic/usage-retention.js";
import type { UnitOfWork, UnitOfWorkRunner } from "../unit-of-work/unit-of-work.js";
import { createNodeRegistry, type NodeRegistry } from "./node-registry.js";
import type { NodeName } from "./node-registry-options.js";
import { NodeService } from "./node-service.js";

export interface NodeModuleDeps {
  readonly db: Db;
  readonly changeLog: SqlChangeLog;
  readonly units: UnitOfWorkRunner;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Several control planes share the database: what each sees of nodes must soon be known to all. */
  readonly isShared?: boolean;
  /** Writes when keys were last used: milliseconds since 1970 by key id. */
  readonly saveKeysUsed: (lastUsedAtMs: ReadonlyMap<string, number>) => Promise<void>;
  /** Takes what nodes report, beside the counters. */
  readonly onUsage?: (node: NodeName, report: UsageReport) => void;
  /** How long usage is kept. */
  readonly usageDays?: UsageDays;
  /** In the transaction that removes a node. */
  readonly onNodeRemoved: (scope: UnitOfWork) => Promise<void>;
}

export interface NodeModule extends AsyncDisposable {
  /** The snapshot server's `observer`. */
  readonly registry: NodeRegistry;
  readonly nodes: NodeService;
  readonly receipts: Receipts;
  /** `usage.keys` knows when keys were used. */
  readonly usage: NodeUsage;
}

/** Dispose it after the snapshot server and before the database. @throws StorageError */
export async function createNodeModule(deps: NodeModuleDeps): Promise<NodeModule> {
  const { db, changeLog, units, clock, logger, saveKeysUsed, isShared } = deps;
  const usage: NodeUsage = new NodeUsage({
    db,
    clock,
    logger,
    days: deps.usageDays ?? USAGE_DAYS,
    onStored: (cursor) => registry.usageStored(cursor),
    saveKeysUsed,
  });
  const refusals = new RefusedAttemptLog({ units, logger });
  const registry: NodeRegistry = await createNodeRegistry({
    db,
    changeLog,
    clock,
    logger,
    usage: {
      usage: (node, report, latencyBoundsUs) => {
        if (usage.usage(node, report, latencyBoundsUs)) deps.onUsage?.(node, report);
      },
      silent: (nodeId, fromMs, toMs) => usage.silent(nodeId, fromMs, toMs),
    },
    onRefused: ({ peer, claimedNode }) =>
      refusals.note({
        action: "node.refuse",
        actor: "nodes",
        address: peer.replace(/:\d+$/, ""),
        targetKind: "node",
        targetName: claimedNode ?? "unknown",
        reason: claimedNode === null ? "a token that is nobody's" : "a token of another node",
      }),
    isShared: isShared ?? false,
  });
  const nodes = new NodeService({ db, units, registry, onRemoved: deps.onNodeRemoved });
  const receipts = new Receipts(registry);
  return {
    registry,
    nodes,
    receipts,
    usage,
    async [Symbol.asyncDispose]() {
      await registry[Symbol.asyncDispose]();
      await usage[Symbol.asyncDispose]();
      await refusals[Symbol.asyncDispose]();
    },
  };
}
