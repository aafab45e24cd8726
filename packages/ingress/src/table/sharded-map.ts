/**
 * A map over many small Maps: growing one big Map of a million entries re-hashes it in one go and stops the
 * event loop for that long; here it is 1/256 of it. The same for reading all of it at one moment.
 */

const SHARDS = 256;

/** The values of a map at one time, read in parts while the map changes. Must be closed, read to its end or not. */
export interface SnapshotIterator<V> extends Iterable<V> {
  readonly size: number;
  close(): void;
}

export class ShardedMap<V> {
  readonly #shards: Map<string, V>[] = Array.from({ length: SHARDS }, () => new Map<string, V>());
  /** Those that are being read. */
  readonly #snapshots = new Set<MapSnapshot<V>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): V | undefined {
    return this.#shard(key).get(key);
  }

  set(key: string, value: V): void {
    const index = shardOf(key);
    const shard = this.#shards[index] as Map<string, V>;
    if (this.#snapshots.size > 0) this.#keep(index);
    const before = shard.size;
    shard.set(key, value);
    this.#size += shard.size - before;
  }

  delete(key: string): boolean {
    const index = shardOf(key);
    if (this.#snapshots.size > 0) this.#keep(index);
    const had = (this.#shards[index] as Map<string, V>).delete(key);
    if (had) this.#size--;
    return had;
  }

  *entries(): IterableIterator<[string, V]> {
    for (const shard of this.#shards) yield* shard;
  }

  *values(): IterableIterator<V> {
    for (const shard of this.#shards) yield* shard.values();
  }

  /** The values as they are now. Nothing is copied now: a shard is, before it changes or when its turn comes. */
  snapshot(): SnapshotIterator<V> {
    const snapshot = new MapSnapshot<V>(this.#shards, this.#size, () => this.#snapshots.delete(snapshot));
    this.#snapshots.add(snapshot);
    return snapshot;
  }

  #keep(index: number): void {
    for (const snapshot of this.#snapshots) snapshot.keep(index);
  }

  #shard(key: string): Map<string, V> {
    return this.#shards[shardOf(key)] as Map<string, V>;
  }
}

class MapSnapshot<V> implements SnapshotIterator<V> {
  readonly size: number;
  readonly #shards: readonly Map<string, V>[];
  readonly #kept: (readonly V[] | undefined)[] = [];
  readonly #onClosed: () => void;
  /** Shards before it were read. */
  #next = 0;

  constructor(shards: readonly Map<string, V>[], size: number, onClosed: () => void) {
    this.#shards = shards;
    this.size = size;
    this.#onClosed = onClosed;
  }

  /** Before the shard changes. */
  keep(index: number): void {
    if (index >= this.#next) this.#kept[index] ??= this.#valuesOf(index);
  }

  *[Symbol.iterator](): IterableIterator<V> {
    while (this.#next < SHARDS) {
      const index = this.#next++;
      const values = this.#kept[index] ?? this.#valuesOf(index);
      this.#kept[index] = undefined;
      yield* values;
    }
  }

  close(): void {
    this.#onClosed();
  }

  #valuesOf(index: number): V[] {
    return [...(this.#shards[index] as Map<string, V>).values()];
  }
}

/** The last characters differ most: ids share prefixes, digests are random throughout. */
function shardOf(key: string): number {
  const end = key.length - 1;
  const mixed =
    end < 1 ? key.length : key.charCodeAt(end) * 31 + key.charCodeAt(end - 1) * 7 + key.charCodeAt(end >> 1);
  return mixed & (SHARDS - 1);
}
