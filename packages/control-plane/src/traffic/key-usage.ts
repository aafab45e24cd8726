/** When and where each key and its previous secret were last used. Bounded: the keys unused for longest are forgotten first. */
import type { Clock } from "@latchkey/core";
import type { UsageReport } from "../snapshot/node-observer.js";

const KEYS_MAX = 100_000;

interface Entry {
  lastUsedAtMs: number;
  lastUsedNode: string;
  /** Of the secret before the last regeneration; null: not heard. */
  previousUsedAtMs: number | null;
}

export class KeyUsage {
  readonly #clock: Clock;
  readonly #keysMax: number;
  /** In order of use. */
  readonly #entries = new Map<string, Entry>();
  #unsaved = new Map<string, number>();

  constructor(clock: Clock, keysMax: number = KEYS_MAX) {
    this.#clock = clock;
    this.#keysMax = keysMax;
  }

  record(node: string, report: UsageReport): void {
    const nowMs = this.#clock.now();
    for (const { keyId, count, previousSecret } of report.counts) {
      if (keyId === "" || count === 0) continue;
      const entry = this.#used(keyId, nowMs);
      entry.lastUsedNode = node;
      if (previousSecret) entry.previousUsedAtMs = nowMs;
    }
  }

  /** Null when no use is known since the start. */
  lastUsedAtMs(keyId: string): number | null {
    return this.#entries.get(keyId)?.lastUsedAtMs ?? null;
  }

  /** Name of the node that last reported a use; null when none is known since the start. */
  lastUsedNode(keyId: string): string | null {
    return this.#entries.get(keyId)?.lastUsedNode ?? null;
  }

  /** Of the secret before the last regeneration. Null when no use is known since the regeneration or the start. */
  previousUsedAtMs(keyId: string): number | null {
    return this.#entries.get(keyId)?.previousUsedAtMs ?? null;
  }

  /** Another secret is the previous one from now on. */
  regenerated(keyId: string): void {
    const entry = this.#entries.get(keyId);
    if (entry !== undefined) entry.previousUsedAtMs = null;
  }

  /** Last uses (milliseconds since 1970) by key since the call before, to be written down. */
  takeUnsaved(): ReadonlyMap<string, number> {
    const taken = this.#unsaved;
    this.#unsaved = new Map();
    return taken;
  }

  /** Puts back what could not be written. */
  giveBack(entries: ReadonlyMap<string, number>): void {
    for (const [keyId, atMs] of entries) if (!this.#unsaved.has(keyId)) this.#unsaved.set(keyId, atMs);
  }

  #used(keyId: string, nowMs: number): Entry {
    const entry = this.#entries.get(keyId) ?? {
      lastUsedAtMs: nowMs,
      lastUsedNode: "",
      previousUsedAtMs: null,
    };
    this.#entries.delete(keyId);
    this.#entries.set(keyId, entry);
    entry.lastUsedAtMs = nowMs;
    if (this.#unsaved.size < this.#keysMax || this.#unsaved.has(keyId)) this.#unsaved.set(keyId, nowMs);
    if (this.#entries.size > this.#keysMax) {
      const oldest = this.#entries.keys().next().value;
      if (oldest !== undefined) this.#entries.delete(oldest);
    }
    return entry;
  }
}
