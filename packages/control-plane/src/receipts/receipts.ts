/**
 * Publish receipts: which nodes enforce a revision, after how long, and which have not confirmed it, by name.
 * Counts every node that has ever connected: one that is silent may still serve, one that never came serves nothing.
 * Claims nothing that a node did not acknowledge.
 */
import type { Revision } from "@latchkey/snapshot";
import { compareText } from "../db/text.js";
import type { LiveNode } from "../nodes/live-node.js";
import { type NodeStatus, whyPending } from "../nodes/node.js";
import type { NodeRegistry } from "../nodes/node-registry.js";
import type { RegistryEvent } from "../nodes/node-registry-options.js";
import { Mailbox } from "../pub-sub/mailbox.js";

/** Whose confirmation is waited for: every node that has ever connected, or more than half of them. */
export type ReceiptScope = "ALL" | "QUORUM";

export interface Confirmation {
  readonly nodeId: string;
  readonly nodeName: string;
  /** From the commit to the node's ACK; null when either was before this control plane started. */
  readonly afterMs: number | null;
}

export interface Outstanding {
  readonly nodeId: string;
  readonly nodeName: string;
  readonly status: NodeStatus;
  /** Half a sentence: `not heard from for 42 s`, `at revision 41`. */
  readonly reason: string;
}

export interface RevisionReceipt {
  readonly revision: Revision;
  readonly scope: ReceiptScope;
  /** Fastest first. */
  readonly acknowledged: readonly Confirmation[];
  readonly pending: readonly Outstanding[];
  /** As many nodes confirmed as the scope asks for. */
  readonly isComplete: boolean;
  readonly message: string;
}

export const receiptLimits = { timeoutMsMax: 60_000, waitersMax: 1_000 } as const;

export class TooManyWaiters extends Error {
  override readonly name = "TooManyWaiters";
}

export class Receipts {
  readonly #registry: NodeRegistry;
  #waiters = 0;

  constructor(registry: NodeRegistry) {
    this.#registry = registry;
  }

  /** The receipt as it stands now. */
  now(revision: Revision, scope: ReceiptScope): RevisionReceipt {
    const problem = this.#problem(revision);
    const confirmed: Confirmation[] = [];
    const pending: Outstanding[] = [];
    const committedAtMs = this.#registry.committedAtMs(revision);
    for (const live of this.#registry.nodes()) {
      if (!live.isSeen) continue;
      const { id: nodeId, name: nodeName } = live.node;
      if (live.hasAcked(revision)) {
        const ackedAtMs = live.ackedAtMs(revision);
        const afterMs =
          ackedAtMs === null || committedAtMs === null ? null : Math.max(0, ackedAtMs - committedAtMs);
        confirmed.push({ nodeId, nodeName, afterMs });
      } else {
        const view = this.#registry.view(nodeId);
        if (view !== null) pending.push({ nodeId, nodeName, status: view.status, reason: whyPending(view) });
      }
    }
    confirmed.sort((a, b) => (a.afterMs ?? -1) - (b.afterMs ?? -1) || compareText(a.nodeName, b.nodeName));
    pending.sort((a, b) => compareText(a.nodeName, b.nodeName));
    const needed = neededOf(confirmed.length + pending.length, scope);
    const isComplete = problem === null && confirmed.length >= needed;
    return {
      revision,
      scope,
      acknowledged: confirmed,
      pending,
      isComplete,
      message: problem ?? describe(confirmed, pending),
    };
  }

  /** Waits until the receipt is complete, at most `timeoutMs` (cut to 60 s). @throws TooManyWaiters */
  async wait(revision: Revision, scope: ReceiptScope, timeoutMs: number): Promise<RevisionReceipt> {
    if (this.#problem(revision) !== null) return this.now(revision, scope);
    const waitMs = Math.min(Math.max(0, timeoutMs), receiptLimits.timeoutMsMax);
    await this.#complete(revision, scope, waitMs);
    return this.now(revision, scope);
  }

  /** The receipt now and after each further confirmation, until it is complete or the time is over. @throws TooManyWaiters */
  follow(
    revision: Revision,
    scope: ReceiptScope,
    timeoutMs: number = receiptLimits.timeoutMsMax,
  ): Mailbox<RevisionReceipt> {
    const first = this.now(revision, scope);
    if (first.isComplete || this.#problem(revision) !== null) {
      const values = new Mailbox<RevisionReceipt>(1);
      values.push(first);
      values.finish();
      return values;
    }
    this.#enter();
    const stop = this.#registry.onEvent((event) => {
      if (event.kind === "acked" && !event.node.hasAcked(revision)) return;
      const receipt = this.now(revision, scope);
      receipts.push(receipt);
      if (receipt.isComplete) receipts.finish();
    });
    const timer = setTimeout(() => receipts.finish(), Math.min(timeoutMs, receiptLimits.timeoutMsMax));
    // Only the newest receipt counts.
    const receipts = new Mailbox<RevisionReceipt>(1, () => {
      clearTimeout(timer);
      stop();
      this.#waiters--;
    });
    receipts.push(first);
    return receipts;
  }

  /** Why the revision cannot be confirmed at all, or null. */
  #problem(revision: Revision): string | null {
    const { newest } = this.#registry;
    if (revision.epoch !== newest.epoch)
      return "This revision belongs to another epoch: the database was restored from a backup since, or is another one.";
    if (revision.number > newest.number) return "This revision does not exist yet.";
    return null;
  }

  /** Resolves when enough nodes confirmed, or the time is over. */
  #complete(revision: Revision, scope: ReceiptScope, waitMs: number): Promise<void> {
    const counted = new Set<string>();
    const pending = new Set<string>();
    const count = (live: LiveNode) => {
      const { id } = live.node;
      if (live.isSeen) counted.add(id);
      if (!live.isSeen || live.hasAcked(revision)) pending.delete(id);
      else pending.add(id);
    };
    for (const live of this.#registry.nodes()) count(live);
    const isDone = () => counted.size - pending.size >= neededOf(counted.size, scope);
    return this.#waitFor(waitMs, isDone, (event) => {
      if (event.kind === "removed") {
        counted.delete(event.nodeId);
        pending.delete(event.nodeId);
      } else count(event.node);
      return isDone();
    });
  }

  async #waitFor(
    waitMs: number,
    isDone: () => boolean,
    onEvent: (event: RegistryEvent) => boolean,
  ): Promise<void> {
    if (isDone() || waitMs === 0) return;
    this.#enter();
    try {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(finish, waitMs);
        const stop = this.#registry.onEvent((event) => {
          if (onEvent(event)) finish();
        });
        function finish(): void {
          clearTimeout(timer);
          stop();
          resolve();
        }
      });
    } finally {
      this.#waiters--;
    }
  }

  #enter(): void {
    if (this.#waiters >= receiptLimits.waitersMax)
      throw new TooManyWaiters(`more than ${receiptLimits.waitersMax} receipts are being waited for`);
    this.#waiters++;
  }
}

function neededOf(nodeCount: number, scope: ReceiptScope): number {
  return scope === "ALL" || nodeCount === 0 ? nodeCount : Math.floor(nodeCount / 2) + 1;
}

function describe(confirmed: readonly Confirmation[], pending: readonly Outstanding[]): string {
  const all = confirmed.length + pending.length;
  if (all === 0) return "no node has connected yet";
  const slowest = confirmed.reduce<number | null>(
    (worst, { afterMs }) => (afterMs === null ? worst : Math.max(worst ?? 0, afterMs)),
    null,
  );
  const after = slowest === null ? "" : ` after ${Math.round(slowest)} ms`;
  const head = `enforced on ${confirmed.length} of ${all} ${all === 1 ? "node" : "nodes"}${after}`;
  if (pending.length === 0) return head;
  const named = pending.slice(0, NAMES_MAX).map(({ nodeName, reason }) => `${nodeName} (${reason})`);
  const more = pending.length > NAMES_MAX ? ` and ${pending.length - NAMES_MAX} more` : "";
  return `${head}; not confirmed by ${named.join(", ")}${more}`;
}

/** Names in the sentence; the list has them all. */
const NAMES_MAX = 10;
