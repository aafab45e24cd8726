/**
 * HOT. A map over many small Maps: growing one big Map of a million entries re-hashes it in one go and stops the
 * event loop for that long; here it is 1/256 of it.
 */

const SHARDS = 256;

export class ShardedMap<V> {
  readonly #shards: Map<string, V>[] = Array.from({ length: SHARDS }, () => new Map<string, V>());
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): V | undefined {
    return this.#shard(key).get(key);
  }

  set(key: string, value: V): void {
    const shard = this.#shard(key);
    const before = shard.size;
    shard.set(key, value);
    this.#size += shard.size - before;
  }

  delete(key: string): boolean {
    const had = this.#shard(key).delete(key);
    if (had) this.#size--;
    return had;
  }

  *entries(): IterableIterator<[string, V]> {
    for (const shard of this.#shards) yield* shard;
  }

  *values(): IterableIterator<V> {
    for (const shard of this.#shards) yield* shard.values();
  }

  /** All values of this moment; quicker than the iterator, for one synchronous step. */
  toArray(): V[] {
    const all: V[] = [];
    for (const shard of this.#shards) for (const value of shard.values()) all.push(value);
    return all;
  }

  /** The last characters differ most: ids share prefixes, digests are random throughout. */
  #shard(key: string): Map<string, V> {
    const end = key.length - 1;
    const mixed =
      end < 1
        ? key.length
        : key.charCodeAt(end) * 31 + key.charCodeAt(end - 1) * 7 + key.charCodeAt(end >> 1);
    return this.#shards[mixed & (SHARDS - 1)] as Map<string, V>;
  }
}
