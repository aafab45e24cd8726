/**
 * What nodes should hold: the current revision and digest, the way to it from older revisions, and the whole as chunks.
 * Reads changes from the log in short transactions. No network; never gives out a state that no revision had.
 */
import { type Clock, invariant, Pauses } from "@latchkey/core";
import {
  compareRevisions,
  formatRevision,
  type ResourceRecord,
  type ResourceRef,
  type Revision,
  resourceHash,
  resourceName,
  sameRevision,
} from "@latchkey/snapshot";
import type { Db } from "../db/schema.js";
import { readTransaction } from "../db/transaction.js";
import type { SqlChangeLog } from "./change-log.js";
import { revocationsFirst } from "./change-log.js";
import { ChangeTail, type ResourceState, type Step } from "./change-tail.js";
import { type Chunk, ChunkStore } from "./chunk-store.js";
import type { LoadedResources, ResourceSource } from "./ports.js";
import { ResourceHashes } from "./resource-hashes.js";
import { encodeDelta, encodeSnapshotBegin, encodeSnapshotEnd } from "./wire.js";

/** Steps kept with their bodies for streams that lag a little. */
const TAIL_BOUNDS = { bytesMax: 16 * 1024 * 1024, statesMax: 20_000 } as const;
/** A lagging stream gets its way in pieces of about this size. */
const DELTA_PIECE_BYTES = 1024 * 1024;
/** A larger delta is not sent: the node gets a full snapshot. Nodes accept messages up to 16 MiB. */
const DELTA_BYTES_MAX = 8 * 1024 * 1024;
/** Bytes of encoded deltas kept, by the revision they start from: after a restart most nodes stand at one of a few. */
const ENCODED_DELTAS_BYTES_MAX = 32 * 1024 * 1024;
/** A full snapshot as old as this is still given out: the delta that follows is smaller than encoding again. */
const SNAPSHOT_REUSE_MS = 1_000;
/** Without a node that needs the whole, its chunks are dropped after this. */
const SNAPSHOT_IDLE_MS = 300_000;
/** Resources read by one statement. */
const LOAD_REFS_MAX = 500;
const ATTEMPTS_MAX = 5;
/** A doubt about our own digest is settled by reading everything again, at most this often. */
const RECHECK_INTERVAL_MS = 60_000;

/** A delta as it goes to every node that stands at its `from`. */
export interface EncodedDelta {
  readonly to: Revision;
  readonly digest: Uint8Array;
  readonly message: Buffer;
}

/** A full snapshot; the chunks are shared with other revisions. */
export interface EncodedSnapshot {
  readonly revision: Revision;
  readonly digest: Uint8Array;
  readonly begin: Buffer;
  readonly chunks: readonly Chunk[];
  readonly end: Buffer;
}

export type Signer = (revision: Revision, digest: Uint8Array) => Uint8Array;

export interface SnapshotCacheOptions {
  readonly db: Db;
  readonly log: SqlChangeLog;
  readonly source: ResourceSource;
  readonly clock: Clock;
  /** Signs each revision; null = unsigned. */
  readonly sign: Signer | null;
  readonly snapshotIdleMs?: number;
}

/** States read from the database, all standing at `to`. */
interface ReadRange {
  readonly to: Revision;
  readonly states: readonly ResourceState[];
}

/** Chunks that stand at `revision`, or, fresh from a scan, somewhere between it and now. */
interface Base {
  revision: Revision;
  readonly chunks: ChunkStore;
}

export class SnapshotCache {
  readonly #options: SnapshotCacheOptions;
  readonly #listeners = new Set<(step: Step | null) => void>();
  readonly #tail: ChangeTail;
  /** All lead to the current revision, or to a piece of the way there. */
  readonly #encodedDeltas = new Map<number, EncodedDelta>();
  #encodedDeltasBytes = 0;
  #revision: Revision = { epoch: 0, number: 0 };
  #hashes = new ResourceHashes();
  #digest = this.#hashes.digest();
  #base: Base | null = null;
  #encoded: { readonly snapshot: EncodedSnapshot; readonly atMs: number } | null = null;
  #encoding: Promise<EncodedSnapshot> | null = null;
  #lastSnapshotMs: number;
  #lastScanMs = Number.NEGATIVE_INFINITY;
  #turn: Promise<unknown> = Promise.resolve();

  /** Reads everything once. @throws StorageError when the database cannot be read. */
  static async open(options: SnapshotCacheOptions): Promise<SnapshotCache> {
    const cache = new SnapshotCache(options);
    await cache.#exclusive(() => cache.#reload());
    return cache;
  }

  private constructor(options: SnapshotCacheOptions) {
    this.#options = options;
    this.#tail = new ChangeTail(TAIL_BOUNDS);
    this.#lastSnapshotMs = options.clock.monotonicMs();
  }

  get revision(): Revision {
    return this.#revision;
  }

  get digest(): Uint8Array {
    return this.#digest;
  }

  get resourceCount(): number {
    return this.#hashes.size;
  }

  /** The digest at a revision published lately, the current one included. */
  digestAt(revision: Revision): Uint8Array | undefined {
    return sameRevision(revision, this.#revision) ? this.#digest : this.#tail.digestAt(revision);
  }

  /** True when a node at `revision` must hear of a revocation. */
  hasRevocationSince(revision: Revision): boolean {
    return revision.epoch === this.#revision.epoch && this.#tail.hasRevocationSince(revision);
  }

  /** Calls `listener` after each new revision; with null when everything was read anew. Returns what ends it. */
  onAdvance(listener: (step: Step | null) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Catches up with the database. */
  advance(): Promise<void> {
    return this.#exclusive(() => this.#advance());
  }

  /** The next piece of the way from `from`, out of memory; null when only the log may know. */
  recentDelta(from: Revision): EncodedDelta | null {
    if (from.epoch !== this.#revision.epoch) return null;
    const kept = this.#encodedDeltas.get(from.number);
    if (kept !== undefined) return kept;
    const merged = this.#tail.since(from, DELTA_PIECE_BYTES);
    return merged === null ? null : this.#encodeDelta(from, merged.to, merged.states, merged.digest);
  }

  /** The way from `from` to now, by the log; null when the node needs the whole. */
  loggedDelta(from: Revision): Promise<EncodedDelta | null> {
    return this.#exclusive(async () => {
      const recent = this.recentDelta(from);
      if (recent !== null) return recent;
      const range = await this.#read(from);
      if (range === null) return null;
      this.#apply(range);
      return this.#encodeDelta(from, range.to, range.states, this.#digest);
    });
  }

  /**
   * The whole, encoded once for all who ask in the meantime. Not older than `atLeast`, which the node may hold
   * already; perhaps a little older than now.
   */
  snapshot(atLeast: Revision | null): Promise<EncodedSnapshot> {
    this.#lastSnapshotMs = this.#options.clock.monotonicMs();
    const kept = this.#encoded;
    if (kept !== null && this.#isUsable(kept) && isAtLeast(kept.snapshot.revision, atLeast))
      return Promise.resolve(kept.snapshot);
    this.#encoding ??= this.#encodeSnapshot().finally(() => {
      this.#encoding = null;
    });
    return this.#encoding;
  }

  /** Drops the chunks when no node has needed them for a while. Call it now and then. */
  releaseIdle(): void {
    const idleMs = this.#options.snapshotIdleMs ?? SNAPSHOT_IDLE_MS;
    if (this.#encoding !== null || this.#options.clock.monotonicMs() - this.#lastSnapshotMs < idleMs) return;
    this.#base = null;
    this.#encoded = null;
  }

  /** A node computed another digest over a full snapshot: reads everything again, unless that was just done. */
  async recheck(): Promise<void> {
    if (this.#options.clock.monotonicMs() - this.#lastScanMs < RECHECK_INTERVAL_MS) return;
    this.#lastScanMs = this.#options.clock.monotonicMs();
    await this.#exclusive(() => this.#reload());
  }

  #isUsable(encoded: { readonly snapshot: EncodedSnapshot; readonly atMs: number }): boolean {
    const { revision } = encoded.snapshot;
    if (sameRevision(revision, this.#revision)) return true;
    const isYoung = this.#options.clock.monotonicMs() - encoded.atMs < SNAPSHOT_REUSE_MS;
    return isYoung && revision.epoch === this.#revision.epoch && !this.#tail.hasRevocationSince(revision);
  }

  async #advance(): Promise<void> {
    const range = await this.#read(this.#revision);
    if (range === null) await this.#reload();
    else this.#apply(range);
  }

  /** States of what changed after `from`, all read from one snapshot of the database. Null when the log does not reach back that far. */
  async #read(from: Revision): Promise<ReadRange | null> {
    const { db, log, source } = this.#options;
    const read = await readTransaction(db, async (trx) => {
      const range = await log.changesSince(trx, from);
      if (range === null) return null;
      const upserts = range.changes.filter((change) => change.op === "upsert");
      const loads: LoadedResources[] = [];
      const pauses = new Pauses();
      for (let i = 0; i < upserts.length; i += LOAD_REFS_MAX) {
        const loaded = await source.load(upserts.slice(i, i + LOAD_REFS_MAX), trx);
        invariant(sameRevision(loaded.revision, range.to), "resources and change log stand at one revision");
        loads.push(loaded);
        await pauses.pause();
      }
      return { range, loads };
    });
    if (read === null) return null;
    const { range, loads } = read;
    const records = new Map<string, ResourceRecord>();
    for (const loaded of loads)
      for (const record of await loaded.records()) records.set(resourceName(record), record);
    const states = range.changes.map((change) => ({
      ref: { kind: change.kind, id: change.id },
      record: records.get(resourceName(change)) ?? null,
      revocation: change.revocation,
    }));
    return { to: range.to, states };
  }

  /** Takes over what was read. It may begin before the current revision: what is known already changes nothing. */
  #apply(range: ReadRange): void {
    if (range.to.number <= this.#revision.number) return;
    const states = range.states.filter(({ ref, record }) =>
      this.#hashes.set(resourceName(ref), record === null ? null : resourceHash(record)),
    );
    const from = this.#revision;
    this.#revision = range.to;
    this.#digest = this.#hashes.digest();
    this.#forgetDeltas();
    const revocation = states.some((state) => state.revocation);
    const step: Step = { from, to: range.to, states, digest: this.#digest, revocation };
    this.#tail.push(step);
    for (const listener of this.#listeners) listener(step);
  }

  /** Reads everything and starts over at what was found. */
  async #reload(): Promise<void> {
    this.#lastScanMs = this.#options.clock.monotonicMs();
    for (let attempt = 1; ; attempt++) {
      const hashes = new ResourceHashes();
      const base = await this.#scan((record) => hashes.set(resourceName(record), resourceHash(record)));
      // The slices stood anywhere between the revision before them and now; the log settles it.
      const range = await this.#read(base.revision);
      if (range === null) {
        invariant(attempt < ATTEMPTS_MAX, "the change log was trimmed while everything was read");
        continue;
      }
      for (const { ref, record } of range.states)
        hashes.set(resourceName(ref), record === null ? null : resourceHash(record));
      await this.#applyToChunks(base.chunks, range.states);
      this.#revision = range.to;
      this.#hashes = hashes;
      this.#digest = hashes.digest();
      this.#base = { revision: range.to, chunks: base.chunks };
      this.#encoded = null;
      this.#forgetDeltas();
      this.#tail.clear();
      for (const listener of this.#listeners) listener(null);
      return;
    }
  }

  async #scan(visit?: (record: ResourceRecord) => void): Promise<Base> {
    const revision = await this.#options.source.revision();
    const chunks = new ChunkStore();
    const pauses = new Pauses();
    for await (const slice of this.#options.source.loadAll()) {
      for (const record of slice) {
        visit?.(record);
        chunks.put(record);
        if (pauses.isDue()) await pauses.pause();
      }
    }
    return { revision, chunks };
  }

  async #encodeSnapshot(): Promise<EncodedSnapshot> {
    for (let attempt = 1; ; attempt++) {
      // Not in our turn: deltas go on while everything is read.
      this.#base ??= await this.#scan();
      const encoded = await this.#exclusive(() => this.#bringForward());
      if (encoded !== null) return encoded;
      this.#base = null;
      invariant(attempt < ATTEMPTS_MAX, "the snapshot does not add up");
    }
  }

  /** The chunks at the current revision, or null when they cannot be brought there. */
  async #bringForward(): Promise<EncodedSnapshot | null> {
    await this.#advance();
    const base = this.#base;
    if (base === null || base.revision.epoch !== this.#revision.epoch) return null;
    if (!sameRevision(base.revision, this.#revision)) {
      const states = this.#tail.since(base.revision)?.states ?? (await this.#readAndApply(base.revision));
      if (states === null) return null;
      await this.#applyToChunks(base.chunks, states);
      base.revision = this.#revision;
    }
    if (base.chunks.resourceCount !== this.#hashes.size) return null;
    const snapshot = this.#seal(base.chunks);
    this.#encoded = { snapshot, atMs: this.#options.clock.monotonicMs() };
    return snapshot;
  }

  async #readAndApply(from: Revision): Promise<readonly ResourceState[] | null> {
    const range = await this.#read(from);
    if (range === null) return null;
    this.#apply(range);
    return range.states;
  }

  async #applyToChunks(chunks: ChunkStore, states: readonly ResourceState[]): Promise<void> {
    const pauses = new Pauses();
    for (const _ of chunks.apply(states)) if (pauses.isDue()) await pauses.pause();
  }

  #seal(store: ChunkStore): EncodedSnapshot {
    const chunks = store.chunks();
    const revision = this.#revision;
    const digest = this.#digest;
    const signature = this.#sign(revision, digest);
    return {
      revision,
      digest,
      begin: encodeSnapshotBegin(revision, store.resourceCount, chunks.length),
      chunks,
      end: encodeSnapshotEnd({ revision, digest, signature, resourceCount: store.resourceCount }),
    };
  }

  #encodeDelta(
    from: Revision,
    to: Revision,
    states: readonly ResourceState[],
    digest: Uint8Array,
  ): EncodedDelta | null {
    const upserts: ResourceRecord[] = [];
    const removals: ResourceRef[] = [];
    for (const { ref, record } of revocationsFirst(states)) {
      if (record === null) removals.push(ref);
      else upserts.push(record);
    }
    const message = encodeDelta({ from, to, upserts, removals, digest, signature: this.#sign(to, digest) });
    if (message.length > DELTA_BYTES_MAX) return null;
    const delta: EncodedDelta = { to, digest, message };
    this.#encodedDeltasBytes += message.length;
    if (this.#encodedDeltasBytes > ENCODED_DELTAS_BYTES_MAX) this.#forgetDeltas(message.length);
    this.#encodedDeltas.set(from.number, delta);
    return delta;
  }

  #forgetDeltas(bytesLeft = 0): void {
    this.#encodedDeltas.clear();
    this.#encodedDeltasBytes = bytesLeft;
  }

  #sign(revision: Revision, digest: Uint8Array): Uint8Array {
    return this.#options.sign?.(revision, digest) ?? NO_SIGNATURE;
  }

  /** One at a time, first come first served: reading and taking over must not interleave. */
  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => {});
    return mine;
  }

  toString(): string {
    return `SnapshotCache(${formatRevision(this.#revision)}, ${this.#hashes.size} resources)`;
  }
}

const NO_SIGNATURE = new Uint8Array(0);

function isAtLeast(revision: Revision, least: Revision | null): boolean {
  return least === null || compareRevisions(revision, least) >= 0;
}
