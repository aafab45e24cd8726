/** Waits until the ingress nodes enforce a revision, and says in one sentence how that went. */
import type { Client } from "@urql/core";
import { AwaitRevisionDocument, type AwaitRevisionQuery } from "../gen/receipt.js";
import { toast } from "../ui/toasts.js";

const WAIT_MS = 5_000;
const NAMED_MAX = 3;

export interface RevisionRef {
  readonly epoch: number;
  readonly number: number;
}

/** `done` is what is in force then: "Refused", "In force". Shows its sentence as a toast; never throws. */
export async function announceReceipt(
  client: Client,
  revision: RevisionRef | null,
  what: string,
  done: string,
): Promise<void> {
  if (revision === null) return;
  const { data } = await client
    .query(
      AwaitRevisionDocument,
      { revision: { epoch: revision.epoch, number: revision.number }, timeoutMs: WAIT_MS },
      { requestPolicy: "network-only" },
    )
    .toPromise();
  if (data === undefined) toast(`${what}. Whether the nodes know it is not known yet.`, "info");
  else {
    const { text, isGood } = receiptSentence(data.awaitRevision, done);
    toast(`${what}. ${text}`, isGood ? "ok" : "bad");
  }
}

type Receipt = Pick<AwaitRevisionQuery["awaitRevision"], "acknowledged" | "pending">;

/** "Refused on 3 of 3 nodes after 12 ms." */
export function receiptSentence(
  { acknowledged, pending }: Receipt,
  done: string,
): { readonly text: string; readonly isGood: boolean } {
  const count = acknowledged.length + pending.length;
  if (count === 0) return { text: "No node is known yet; the first one will get it.", isGood: true };
  const slowestMs = Math.max(0, ...acknowledged.map((node) => node.afterMs ?? 0));
  const after =
    acknowledged.length > 0 && slowestMs > 0 ? ` after ${Math.max(1, Math.round(slowestMs))} ms` : "";
  const on = `${done} on ${acknowledged.length} of ${count} ${count === 1 ? "node" : "nodes"}${after}`;
  if (pending.length === 0) return { text: `${on}.`, isGood: true };
  const named = pending.slice(0, NAMED_MAX).map((node) => `${node.node} (${node.reason})`);
  const more = pending.length > NAMED_MAX ? ` and ${pending.length - NAMED_MAX} more` : "";
  return { text: `${on}; not confirmed by ${named.join(", ")}${more}.`, isGood: false };
}
