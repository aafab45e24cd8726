/** What the node registry needs, and what it reports. Types only. */
import type { Clock } from "@latchkey/core";
import type { Logger } from "@latchkey/observe";
import type { Db } from "../db/schema.js";
import type { SqlChangeLog } from "../snapshot/change-log.js";
import type { UsageReport } from "../snapshot/node-observer.js";
import type { LiveNode } from "./live-node.js";
import type { TimeSpan } from "./report-gaps.js";

/** A connection attempt with a wrong token, or with the token of another node. */
export interface RefusedEntry {
  readonly peer: string;
  /** The node id that it claimed with the token of another node; null when no node has the token. */
  readonly claimedNode: string | null;
}

/** Where counters of nodes go. */
export interface NodeName {
  readonly nodeId: string;
  readonly nodeName: string;
}

/** A process of a node that reports usage. */
export interface UsageSource extends NodeName {
  readonly instanceId: string;
  /** It waits for its last batches to be stored, and ends. */
  readonly isDraining: boolean;
}

/** The last batch of a node's process that is stored. */
export interface UsageCursor {
  readonly nodeId: string;
  readonly instanceId: string;
  readonly sequence: number;
}

/** A time without reports of a node. */
export interface NodeGap extends NodeName, TimeSpan {}

export interface NodeUsageSink {
  usage(source: UsageSource, report: UsageReport, latencyBoundsUs: readonly number[]): void;
  /** A time for which nothing of the node is counted. */
  silent(nodeId: string, fromMs: number, toMs: number): void;
}

export interface NodeRegistryOptions {
  readonly db: Db;
  readonly changeLog: SqlChangeLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly usage: NodeUsageSink;
  /** Several control planes share the database. */
  readonly isShared?: boolean;
  /** Called for each refused entry, e.g. to write the audit log. */
  readonly onRefused?: (entry: RefusedEntry) => void;
}

/** A node confirmed a revision, was added, connected for the first time, or was removed. */
export type RegistryEvent =
  | { readonly kind: "acked" | "added" | "seen"; readonly node: LiveNode }
  | { readonly kind: "removed"; readonly nodeId: string };
