/** How far a saved change is: from saved to in force on every node. Pure. */
import type { RevisionAcknowledgedSubscription } from "../gen/receipt.js";

type Receipt = RevisionAcknowledgedSubscription["revisionAcknowledged"];
export type PendingNode = Receipt["pending"][number];

export type ReceiptState =
  /** No node was heard of yet. */
  | { readonly kind: "saved" }
  | { readonly kind: "noNodes" }
  | { readonly kind: "enforcing"; readonly confirmed: number; readonly total: number }
  /** Some nodes are silent, or cannot use the change. The others enforce it. */
  | {
      readonly kind: "waiting";
      readonly confirmed: number;
      readonly total: number;
      readonly isRefused: boolean;
      readonly pending: readonly PendingNode[];
    }
  | { readonly kind: "inForce"; readonly total: number; readonly afterMs: number | null };

const NAMED_MAX = 3;

export function receiptState({ complete, acknowledged, pending }: Receipt): ReceiptState {
  const total = acknowledged.length + pending.length;
  if (total === 0) return { kind: "noNodes" };
  if (complete) {
    const known = acknowledged.flatMap(({ afterMs }) => (afterMs === null ? [] : [afterMs]));
    return { kind: "inForce", total, afterMs: known.length === 0 ? null : Math.max(...known) };
  }
  const isRefused = pending.some(({ status }) => status === "REJECTING" || status === "DRIFTED");
  if (isRefused || pending.some(({ status }) => status === "SILENT"))
    return { kind: "waiting", confirmed: acknowledged.length, total, isRefused, pending };
  return { kind: "enforcing", confirmed: acknowledged.length, total };
}

/** `In force on 3 nodes, 18 ms` */
export function receiptText(state: ReceiptState): string {
  switch (state.kind) {
    case "saved":
      return "Saved";
    case "noNodes":
      return "Saved. No node has connected yet";
    case "enforcing":
      return `Enforcing ${state.confirmed}/${state.total}`;
    case "waiting":
      return `In force on ${state.confirmed} of ${state.total} nodes. Not confirmed: ${named(state.pending)}`;
    case "inForce": {
      const after = state.afterMs === null ? "" : `, ${Math.max(1, Math.round(state.afterMs))} ms`;
      return `In force on ${state.total} ${state.total === 1 ? "node" : "nodes"}${after}`;
    }
  }
}

function named(pending: readonly PendingNode[]): string {
  const names = pending.slice(0, NAMED_MAX).map(({ node, reason }) => `${node} (${reason})`);
  const more = pending.length > NAMED_MAX ? ` and ${pending.length - NAMED_MAX} more` : "";
  return names.join(", ") + more;
}
