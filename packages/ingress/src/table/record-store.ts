/**
 * The resources of a table by kind and id. Not by one name over all kinds: two hundred thousand names are as many
 * strings to make, to hash and to hold beside the ids that are there anyway.
 */
import type { ResourceRecord, ResourceRef } from "@latchkey/snapshot";
import { ShardedMap, type SnapshotIterator } from "./sharded-map.js";

export class RecordStore {
  readonly #kinds = new Map<string, ShardedMap<ResourceRecord>>();

  get(ref: ResourceRef): ResourceRecord | undefined {
    return this.#kinds.get(ref.kind)?.get(ref.id);
  }

  set(record: ResourceRecord): void {
    let ofKind = this.#kinds.get(record.kind);
    if (ofKind === undefined) {
      ofKind = new ShardedMap<ResourceRecord>();
      this.#kinds.set(record.kind, ofKind);
    }
    ofKind.set(record.id, record);
  }

  /** True when it was there. */
  delete(ref: ResourceRef): boolean {
    return this.#kinds.get(ref.kind)?.delete(ref.id) ?? false;
  }

  *values(): IterableIterator<ResourceRecord> {
    for (const ofKind of this.#kinds.values()) yield* ofKind.values();
  }

  /** All records as they are now, for reading over many turns of the event loop. Must be closed. */
  snapshot(): SnapshotIterator<ResourceRecord> {
    return new RecordsSnapshot([...this.#kinds.values()].map((ofKind) => ofKind.snapshot()));
  }
}

class RecordsSnapshot implements SnapshotIterator<ResourceRecord> {
  readonly size: number;
  readonly #ofKinds: readonly SnapshotIterator<ResourceRecord>[];

  constructor(ofKinds: readonly SnapshotIterator<ResourceRecord>[]) {
    this.#ofKinds = ofKinds;
    this.size = ofKinds.reduce((sum, { size }) => sum + size, 0);
  }

  *[Symbol.iterator](): IterableIterator<ResourceRecord> {
    for (const ofKind of this.#ofKinds) yield* ofKind;
  }

  close(): void {
    for (const ofKind of this.#ofKinds) ofKind.close();
  }
}
