/**
 * HOT. Secrets that were presented lately → where their digest leads, so that a repeat visit hashes nothing.
 * Bounded: two generations, the older one is dropped when the younger is full. Holds known secrets only, and
 * entries are never invalidated by search: the slot itself goes dead or points to the key's newest state.
 */
import type { SecretSlot } from "./key-entry.js";

/** Entries of one generation: about 200 bytes each. */
const GENERATION_SIZE = 16_384;

export class PresentedCache {
  #young = new Map<string, SecretSlot>();
  #old = new Map<string, SecretSlot>();

  get(secret: string): SecretSlot | null {
    const young = this.#young.get(secret);
    if (young !== undefined) return young;
    const old = this.#old.get(secret);
    if (old === undefined) return null;
    this.set(secret, old);
    return old;
  }

  set(secret: string, slot: SecretSlot): void {
    if (this.#young.size >= GENERATION_SIZE) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(secret, slot);
  }
}
