/** The last requests of each API, without their keys: in memory, until the page is loaded again or the session ends. */
import { useState } from "react";
import type { RequestForm } from "./request-form.js";
import type { Outcome } from "./send-request.js";

const KEPT_MAX = 20;

/** What came back for one key. */
export interface Sent {
  /** The API and the key: `Orders · Default`. */
  readonly label: string;
  readonly apiId: string | null;
  /** Null: a pasted one that is not known. */
  readonly key: { readonly id: string; readonly name: string } | null;
  readonly outcome: Outcome;
}

export interface HistoryEntry {
  readonly id: number;
  readonly at: string;
  readonly routeId: string;
  /** `GET /orders/{id}` */
  readonly target: string;
  readonly method: string;
  /** As it was sent: `/orders/17?state=paid`. */
  readonly path: string;
  readonly form: RequestForm;
  /** One, or two when keys were compared. */
  readonly sent: readonly Sent[];
}

const histories = new Map<string, readonly HistoryEntry[]>();
let nextId = 1;

/** On a change of session. */
export function forgetTries(): void {
  histories.clear();
}

export function useTryHistory(
  apiId: string,
): readonly [readonly HistoryEntry[], (entry: Omit<HistoryEntry, "id" | "at">) => void] {
  const [entries, setEntries] = useState(histories.get(apiId) ?? []);
  return [
    entries,
    (entry) => {
      const next = [
        { ...entry, id: nextId++, at: new Date().toISOString() },
        ...(histories.get(apiId) ?? []),
      ];
      histories.set(apiId, next.slice(0, KEPT_MAX));
      setEntries(next.slice(0, KEPT_MAX));
    },
  ];
}
