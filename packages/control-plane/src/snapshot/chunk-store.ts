/**
 * A full snapshot as chunks of encoded resources. Chunks are immutable and shared: bringing the snapshot forward
 * rewrites only those whose resources changed, and a stream that still sends an older one keeps the rest in common.
 * Knows nothing of revisions.
 */
import { type ResourceRecord, resourceName } from "@latchkey/snapshot";
import type { ResourceState } from "./change-tail.js";
import { decodeChunkEntries, encodeChunkEntry } from "./wire.js";

/** Chunks are filled to here, which leaves room to grow. */
const FILL_BYTES = 192 * 1024;
/** No chunk is larger, unless one resource alone is. */
export const CHUNK_BYTES_MAX = 256 * 1024 - 64;

export interface Chunk {
  /** Entries one after another, see wire.ts. */
  readonly entries: Buffer;
  readonly resourceCount: number;
}

export class ChunkStore {
  readonly #chunks = new Map<number, Chunk>();
  /** Resource name → chunk. */
  readonly #chunkOf = new Map<string, number>();
  #nextId = 0;
  /** The chunk being filled: its entries are joined when it is full or asked for. */
  #open: { readonly id: number; readonly parts: Buffer[]; bytes: number } | null = null;

  get resourceCount(): number {
    return this.#chunkOf.size;
  }

  /** Adds a resource that may be there already, e.g. when it was read twice. */
  put(record: ResourceRecord): void {
    const name = resourceName(record);
    if (!this.#chunkOf.has(name)) this.#append(name, encodeChunkEntry(record));
    else for (const _ of this.apply([{ ref: record, record, revocation: false }]));
  }

  /** Brings the named resources to their new states; pauses after each chunk so that the caller can yield. */
  *apply(states: readonly ResourceState[]): Generator<undefined, void> {
    this.#seal();
    const byChunk = new Map<number, Map<string, ResourceState>>();
    const added: ResourceState[] = [];
    for (const state of states) {
      const name = resourceName(state.ref);
      const id = this.#chunkOf.get(name);
      if (id === undefined) {
        if (state.record !== null) added.push(state);
        continue;
      }
      let group = byChunk.get(id);
      if (group === undefined) {
        group = new Map();
        byChunk.set(id, group);
      }
      group.set(name, state);
    }
    for (const [id, group] of byChunk) {
      added.push(...this.#rewrite(id, group));
      yield;
    }
    for (const { ref, record } of added)
      if (record !== null) this.#append(resourceName(ref), encodeChunkEntry(record));
  }

  /** All chunks, in no promised order. */
  chunks(): readonly Chunk[] {
    this.#seal();
    return [...this.#chunks.values()];
  }

  /** Rewrites one chunk; gives back the states that no longer fit into it. */
  #rewrite(id: number, group: ReadonlyMap<string, ResourceState>): ResourceState[] {
    const chunk = this.#chunks.get(id);
    if (chunk === undefined) return [];
    const parts: Buffer[] = [];
    const overflow: ResourceState[] = [];
    let bytes = 0;
    for (const record of decodeChunkEntries(chunk.entries)) {
      const state = group.get(resourceName(record));
      if (state === undefined) bytes += parts[parts.push(encodeChunkEntry(record)) - 1]?.length ?? 0;
    }
    for (const [name, state] of group) {
      this.#chunkOf.delete(name);
      if (state.record === null) continue;
      const entry = encodeChunkEntry(state.record);
      if (parts.length > 0 && bytes + entry.length > CHUNK_BYTES_MAX) {
        overflow.push(state);
        continue;
      }
      this.#chunkOf.set(name, id);
      bytes += entry.length;
      parts.push(entry);
    }
    if (parts.length === 0) this.#chunks.delete(id);
    else this.#chunks.set(id, { entries: Buffer.concat(parts, bytes), resourceCount: parts.length });
    return overflow;
  }

  #append(name: string, entry: Buffer): void {
    if (this.#open !== null && this.#open.bytes + entry.length > FILL_BYTES) this.#seal();
    this.#open ??= this.#reopen(entry.length);
    this.#open.parts.push(entry);
    this.#open.bytes += entry.length;
    this.#chunkOf.set(name, this.#open.id);
  }

  /** Goes on with the newest chunk when it has room, so that single additions do not leave a chunk each. */
  #reopen(entryBytes: number): { readonly id: number; readonly parts: Buffer[]; bytes: number } {
    const id = this.#nextId - 1;
    const newest = this.#chunks.get(id);
    if (newest !== undefined && newest.entries.length + entryBytes <= FILL_BYTES) {
      this.#chunks.delete(id);
      const parts = decodeChunkEntries(newest.entries).map(encodeChunkEntry);
      return { id, parts, bytes: newest.entries.length };
    }
    return { id: this.#nextId++, parts: [], bytes: 0 };
  }

  #seal(): void {
    const open = this.#open;
    if (open === null) return;
    this.#open = null;
    this.#chunks.set(open.id, {
      entries: Buffer.concat(open.parts, open.bytes),
      resourceCount: open.parts.length,
    });
  }
}
