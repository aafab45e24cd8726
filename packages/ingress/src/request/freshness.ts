/**
 * Whether the node may serve by the table that it has: not after a sleep of the process until the control plane was heard,
 * and in strict mode (`controlPlane.maxStaleMs`) not without news of it for too long.
 */
import type { SleepGate } from "../sync/sleep-gate.js";

interface Confirmed {
  /** When the control plane last confirmed the table; monotonic. */
  readonly confirmedAtMs: number;
}

export class Freshness {
  readonly #gate: SleepGate;
  readonly #currentTable: Confirmed;
  readonly #maxStaleMs: number;

  /** @param maxStaleMs 0: any age will do */
  constructor(gate: SleepGate, currentTable: Confirmed, maxStaleMs: number) {
    this.#gate = gate;
    this.#currentTable = currentTable;
    this.#maxStaleMs = maxStaleMs;
  }

  /** @param nowMs monotonic */
  isStale(nowMs: number): boolean {
    if (this.#gate.isClosed(nowMs)) return true;
    return this.#maxStaleMs > 0 && nowMs - this.#currentTable.confirmedAtMs > this.#maxStaleMs;
  }
}
