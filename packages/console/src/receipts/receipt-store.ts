/**
 * The receipts of recent changes, by what was changed. Follows each until every node enforces it. Kept outside of the
 * pages, so that a receipt is still there after a move to another page.
 */
import type { Client } from "@urql/core";
import { useCallback, useSyncExternalStore } from "react";
import { useClient } from "urql";
import { onEnd, pipe, subscribe } from "wonka";
import { RevisionAcknowledgedDocument } from "../gen/receipt.js";
import { type ReceiptState, receiptState } from "./receipt-state.js";

export interface RevisionRef {
  readonly epoch: number;
  readonly number: number;
}

/** An object with its optimistic lock. */
export interface Versioned {
  readonly id: string;
  readonly version: number;
}

export interface Receipt {
  /** What was done, where the place does not say it: `Key “Default” disabled`. */
  readonly what: string | null;
  /** The object as the change left it. */
  readonly saved: Versioned | null;
  readonly state: ReceiptState;
}

interface Entry extends Receipt {
  readonly stop: () => void;
}

/** More are not followed: each is a live query on the control plane. */
const FOLLOWED_MAX = 20;
/** Wait between two live queries for one receipt. */
const AGAIN_MS = 2_000;

let receipts: ReadonlyMap<string, Entry> = new Map();
const listeners = new Set<() => void>();

function publish(next: ReadonlyMap<string, Entry>): void {
  receipts = next;
  for (const listener of listeners) listener();
}

function follow(
  client: Client,
  subject: string,
  revision: RevisionRef,
  { what, saved }: Pick<Receipt, "what" | "saved">,
): void {
  receipts.get(subject)?.stop();
  let end = () => {};
  let isStopped = false;
  let again: ReturnType<typeof setTimeout> | undefined;
  const stop = () => {
    isStopped = true;
    clearTimeout(again);
    end();
  };
  const entry: Entry = { what, saved, state: { kind: "saved" }, stop };
  let current = entry;
  const start = () => {
    const { epoch, number } = revision;
    const variables = { revision: { epoch, number } };
    end = pipe(
      client.subscription(RevisionAcknowledgedDocument, variables),
      // The control plane ends a live query after a minute: a silent node may come back later.
      onEnd(() => {
        if (!isStopped && !isFinal(current.state)) again = setTimeout(start, AGAIN_MS);
      }),
      subscribe(({ data }) => {
        if (data === undefined || isStopped) return;
        current = { ...current, state: receiptState(data.revisionAcknowledged) };
        publish(new Map(receipts).set(subject, current));
      }),
    ).unsubscribe;
  };
  const others = [...receipts].filter(([key]) => key !== subject);
  for (const [, dropped] of others.slice(0, -FOLLOWED_MAX + 1)) dropped.stop();
  publish(new Map([...others.slice(-FOLLOWED_MAX + 1), [subject, entry]]));
  start();
}

function isFinal(state: ReceiptState): boolean {
  return state.kind === "inForce" || state.kind === "noNodes";
}

/** On a change of session. */
export function forgetReceipts(): void {
  for (const entry of receipts.values()) entry.stop();
  publish(new Map());
}

function subscribeToStore(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useReceipt(subject: string): Receipt | null {
  return useSyncExternalStore(subscribeToStore, () => receipts.get(subject) ?? null);
}

/** The object as the last change left it, until it is read again: none stands in its old state beside the receipt. */
export function useSaved<T extends Versioned>(shown: T): T {
  const saved = useReceipt(shown.id)?.saved ?? null;
  return saved === null || saved.version <= shown.version ? shown : { ...shown, ...saved };
}

type TrackDetails = Partial<Pick<Receipt, "what" | "saved">>;

/** Follows the receipt of a change. Null: nothing changed that nodes have to know. */
export type TrackReceipt = (subject: string, revision: RevisionRef | null, details?: TrackDetails) => void;

export function useTrackReceipt(): TrackReceipt {
  const client = useClient();
  return useCallback(
    (subject, revision, { what = null, saved = null }: TrackDetails = {}) => {
      if (revision !== null) follow(client, subject, revision, { what, saved });
    },
    [client],
  );
}
