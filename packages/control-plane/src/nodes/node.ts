/** A node as people see it: what it enforces, how far behind it is, and whether that can be believed. No I/O. */
import type { Revision } from "@latchkey/snapshot";
import type { Problems } from "../errors/user-error.js";
import { checkText } from "../forms/form.js";
import type { Rejection } from "./rejections.js";

/** A node as it rests. */
export interface RegisteredNode {
  readonly id: string;
  /** Unique; what people call it. */
  readonly name: string;
  /** SHA-256 of its token; null when it has none and cannot come in. */
  readonly tokenDigest: Buffer | null;
  readonly createdAtMs: number;
  readonly lastSeenAtMs: number | null;
  readonly softwareVersion: string | null;
  readonly acked: Revision | null;
  readonly lastNack: { readonly atMs: number; readonly reason: string } | null;
  /** Of its process that was heard last; null when none was. */
  readonly instanceId: string | null;
  /** When what it cannot use last changed; the list is read apart, for it may be long. */
  readonly rejectedAtMs: number | null;
}

/**
 * `HEALTHY` only when all is well and lately heard: the node acknowledged the newest revision (or is about to), holds
 * what we think it holds, and could use all of it.
 */
export type NodeStatus = "HEALTHY" | "LAGGING" | "DRIFTED" | "REJECTING" | "SILENT" | "NEVER_SEEN";

/** A snapshot of what is known about a node. */
export interface NodeView {
  readonly id: string;
  readonly name: string;
  readonly status: NodeStatus;
  readonly createdAtMs: number;
  /** A stream to this control plane is open. */
  readonly isConnected: boolean;
  readonly lastSeenAtMs: number | null;
  readonly lastSeenAgeMs: number | null;
  readonly softwareVersion: string | null;
  /** The newest revision it acknowledged. */
  readonly acked: Revision | null;
  /** Its digest at that revision; null when it was not heard since this control plane started. */
  readonly digest: string | null;
  /** Committed revisions that it has not acknowledged; null when that cannot be counted. */
  readonly lagRevisions: number | null;
  /** How long the oldest of those has been waiting; 0 when none is. */
  readonly lagMs: number;
  /** Since when its digest has not been ours. */
  readonly driftSinceMs: number | null;
  readonly lastNack: { readonly atMs: number; readonly reason: string } | null;
  readonly rejected: readonly Rejection[];
  readonly isReady: boolean | null;
  readonly isDraining: boolean | null;
  readonly rssBytes: number | null;
  readonly requestsInFlight: number | null;
  /** How long it took to apply the newest revision. */
  readonly applyUs: number | null;
  /** Streams of this node that another one replaced: more than a few means that two processes share its token. */
  readonly replacedCount: number;
}

/** What the status is made of. */
export interface NodeFacts {
  readonly lastSeenAgeMs: number | null;
  readonly isGone: boolean;
  readonly hasDrifted: boolean;
  readonly isRefusing: boolean;
  /** Null when nothing is owed. */
  readonly lagMs: number | null;
  readonly hasAcked: boolean;
}

export interface NodeThresholds {
  /** Not heard for longer: silent. Nodes speak every 5 s. */
  readonly silentAfterMs: number;
  /** A revision not acknowledged for longer: lagging. */
  readonly laggingAfterMs: number;
}

export const nodeThresholds: NodeThresholds = { silentAfterMs: 15_000, laggingAfterMs: 2_000 };

export function nodeStatus(facts: NodeFacts, thresholds: NodeThresholds = nodeThresholds): NodeStatus {
  if (facts.lastSeenAgeMs === null) return "NEVER_SEEN";
  if (facts.isGone || facts.lastSeenAgeMs > thresholds.silentAfterMs) return "SILENT";
  if (facts.hasDrifted) return "DRIFTED";
  if (facts.isRefusing) return "REJECTING";
  if (!facts.hasAcked || (facts.lagMs !== null && facts.lagMs > thresholds.laggingAfterMs)) return "LAGGING";
  return "HEALTHY";
}

/** Why a node has not confirmed a revision, as half a sentence. */
export function whyPending(node: NodeView): string {
  switch (node.status) {
    case "NEVER_SEEN":
      return "never connected";
    case "SILENT":
      return `not heard from for ${seconds(node.lastSeenAgeMs ?? 0)}`;
    case "DRIFTED":
      return "holds something else than it should and is being refilled";
    case "REJECTING":
      return node.rejected.length > 0 && node.acked !== null
        ? `at revision ${node.acked.number}`
        : `refused it: ${node.lastNack?.reason ?? "no reason given"}`;
    case "LAGGING":
    case "HEALTHY":
      return node.acked === null ? "is being filled" : `at revision ${node.acked.number}`;
  }
}

function seconds(ms: number): string {
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;
}

export const nodeLimits = { nameCharsMax: 100, nodesMax: 10_000 } as const;

export function checkNodeName(problems: Problems, name: string): string {
  return checkText(problems, ["input", "name"], "The name", name, {
    charsMax: nodeLimits.nameCharsMax,
    required: true,
  });
}
