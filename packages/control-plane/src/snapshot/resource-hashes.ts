/**
 * The hash of every resource, by name, and their running sum: what it takes to keep the digest in O(changed).
 * Hashes lie in one slab outside the JavaScript heap (32 bytes each); bodies are not kept.
 */
import { DIGEST_BYTES, DigestSum } from "@latchkey/snapshot";

const SLOTS_INITIAL = 1024;

export class ResourceHashes {
  /** Name → slot in the slab. */
  readonly #slots = new Map<string, number>();
  readonly #free: number[] = [];
  readonly #sum = new DigestSum();
  #slab = new Uint8Array(SLOTS_INITIAL * DIGEST_BYTES);
  #used = 0;

  get size(): number {
    return this.#slots.size;
  }

  /** The digest over all resources. */
  digest(): Uint8Array {
    return this.#sum.bytes();
  }

  has(name: string): boolean {
    return this.#slots.has(name);
  }

  /** Notes the resource's new hash, or that it is gone (null). True when that changed anything. */
  set(name: string, hash: Uint8Array | null): boolean {
    const slot = this.#slots.get(name);
    if (slot === undefined) {
      if (hash === null) return false;
      this.#write(this.#take(name), hash);
      this.#sum.addHash(hash);
      return true;
    }
    const old = this.#at(slot);
    if (hash === null) {
      this.#sum.removeHash(old);
      this.#slots.delete(name);
      this.#free.push(slot);
      return true;
    }
    if (Buffer.compare(old, hash) === 0) return false;
    this.#sum.removeHash(old);
    this.#sum.addHash(hash);
    this.#write(slot, hash);
    return true;
  }

  #take(name: string): number {
    const slot = this.#free.pop() ?? this.#used++;
    this.#slots.set(name, slot);
    if ((slot + 1) * DIGEST_BYTES > this.#slab.length) {
      const grown = new Uint8Array(this.#slab.length * 2);
      grown.set(this.#slab);
      this.#slab = grown;
    }
    return slot;
  }

  #at(slot: number): Uint8Array {
    return this.#slab.subarray(slot * DIGEST_BYTES, (slot + 1) * DIGEST_BYTES);
  }

  #write(slot: number, hash: Uint8Array): void {
    this.#slab.set(hash, slot * DIGEST_BYTES);
  }
}
