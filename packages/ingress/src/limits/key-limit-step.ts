/** HOT. Counts a request against the limits of its key: on this node, or in the counter that nodes or workers share. */
import type { Integration } from "../forward/integration.js";
import type { CurrentTable } from "../table/current-table.js";
import type { KeyEntry } from "../table/key-entry.js";
import type { KeyLimits, LimitRefusal } from "./rate-limiter.js";
import type { SharedLimits } from "./shared-limits.js";

export class KeyLimitStep {
  readonly #currentTable: CurrentTable<Integration>;
  readonly #shared: SharedLimits | null;

  /** @param shared null: this node counts for itself */
  constructor(currentTable: CurrentTable<Integration>, shared: SharedLimits | null) {
    this.#currentTable = currentTable;
    this.#shared = shared;
  }

  /** @returns null when the request may go on; a promise, which never rejects, while the shared counter is asked */
  take(keyId: string, limits: KeyLimits): LimitRefusal | null | Promise<LimitRefusal | null> {
    const nowMs = this.#currentTable.serverTimeMs();
    return this.#shared === null ? limits.take(nowMs) : this.#shared.take(keyId, limits, nowMs);
  }

  /** Appends the headers that tell a client its limits; nothing for a key without any. */
  pushHeaders(headers: string[], key: KeyEntry): void {
    key.limits?.pushHeaders(headers, this.#currentTable.serverTimeMs());
  }
}
