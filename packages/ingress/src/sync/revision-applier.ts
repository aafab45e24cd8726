/**
 * Takes revisions and enforces them: whole or not at all, in order, checked against digest and signature. One at a
 * time: the caller awaits each call. Knows nothing of gRPC and of files.
 */
import type { KeyObject } from "node:crypto";
import { type Clock, Pauses } from "@latchkey/core";
import {
  compareRevisions,
  formatRevision,
  RecordPacker,
  type ResourceRecord,
  type Revision,
  resourceName,
  sameRevision,
  verifyRevision,
} from "@latchkey/snapshot";
import { retireAll, SLICE_MS, TableBuilder } from "../table/build-table.js";
import type { ApisToRecheck } from "../table/checks.js";
import type { CurrentTable } from "../table/current-table.js";
import type { IntegrationHandle } from "../table/integration-ref.js";
import type { RouteTable } from "../table/route-table.js";
import {
  commitChange,
  digestAfter,
  type IntegrationFactory,
  type PreparedChange,
  prepareRecord,
  type Rejection,
  rejectionsOf,
  stamp,
  type TableChange,
} from "../table/table-change.js";

export type RefusalReason = "digest_mismatch" | "gap" | "older_revision" | "bad_signature" | "malformed";

export type ApplyOutcome =
  | {
      readonly kind: "applied";
      readonly revision: Revision;
      readonly digest: Uint8Array;
      readonly rejected: readonly Rejection[];
      readonly applyUs: number;
    }
  | {
      readonly kind: "refused";
      readonly revision: Revision;
      readonly reason: RefusalReason;
      readonly detail: string;
    };

export interface DeltaValue {
  readonly from: Revision;
  readonly to: Revision;
  readonly change: TableChange;
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
}

export interface SnapshotEndValue {
  readonly revision: Revision;
  readonly digest: Uint8Array;
  readonly resourceCount: number;
  readonly signature: Uint8Array;
}

/** What gets each applied revision: the last-known-good file. */
export interface RevisionObserver {
  onSnapshot(table: RouteTable, signature: Uint8Array): void;
  onDelta(delta: DeltaValue, table: RouteTable): void;
}

export interface ApplierOptions<I extends IntegrationHandle> {
  readonly currentTable: CurrentTable<I>;
  readonly factory: IntegrationFactory<I>;
  readonly clock: Clock;
  /** Null: revisions need no signature. */
  readonly publicKey: KeyObject | null;
  readonly acceptLowerEpoch: boolean;
}

/** A change of more resources is built beside the current table and swapped in. */
const IN_PLACE_MAX = 1_000;

export class RevisionApplier<I extends IntegrationHandle> {
  /** Told in order, synchronously, of each revision that is enforced. */
  readonly observers: RevisionObserver[] = [];
  readonly #options: ApplierOptions<I>;
  readonly #packer = new RecordPacker();
  #assembly: Assembly<I> | null = null;

  constructor(options: ApplierOptions<I>) {
    this.#options = options;
  }

  /** Where the node stands; null when it has nothing. */
  standing(): { readonly revision: Revision; readonly digest: Uint8Array } | null {
    const table = this.#options.currentTable.table;
    return table === null ? null : { revision: table.revision, digest: table.digest.bytes() };
  }

  /**
   * Null when the snapshot may come.
   * @param apisToRecheck of the last-known-good file; null (from the stream): all are checked
   */
  beginSnapshot(revision: Revision, apisToRecheck: ApisToRecheck = null): ApplyOutcome | null {
    this.abandonSnapshot();
    const refusal = this.#orderRefusal(revision, true);
    if (refusal !== null) return refusal;
    const { currentTable, factory } = this.#options;
    this.#assembly = {
      builder: new TableBuilder<I>(revision, factory, currentTable.table, apisToRecheck),
      startedAtMs: performance.now(),
      nextIndex: 0,
    };
    return null;
  }

  /** A chunk after a refused or abandoned begin is ignored. Of the records, copies are kept. */
  async addChunk(index: number, records: Iterable<ResourceRecord>): Promise<ApplyOutcome | null> {
    const assembly = this.#assembly;
    if (assembly === null) return null;
    if (index !== assembly.nextIndex) {
      this.abandonSnapshot();
      return refused(
        assembly.builder.table.revision,
        "malformed",
        `chunk ${index} instead of ${assembly.nextIndex}`,
      );
    }
    assembly.nextIndex++;
    await assembly.builder.add(records);
    return null;
  }

  /** Null when there was nothing to end. */
  endSnapshot(end: SnapshotEndValue): ApplyOutcome | null {
    const assembly = this.#assembly;
    if (assembly === null) return null;
    const { table } = assembly.builder;
    const refusal = this.#endRefusal(assembly, end);
    if (refusal !== null) {
      this.abandonSnapshot();
      return refusal;
    }
    this.#assembly = null;
    this.#publish(table);
    for (const observer of this.observers) observer.onSnapshot(table, end.signature);
    return this.#applied(table, assembly.startedAtMs);
  }

  /** The stream broke, or another snapshot begins. */
  abandonSnapshot(): void {
    this.#assembly?.builder.discard();
    this.#assembly = null;
  }

  async applyDelta(delta: DeltaValue): Promise<ApplyOutcome> {
    const startedAtMs = performance.now();
    const table = this.#options.currentTable.table;
    const refusal = this.#deltaRefusal(delta, table);
    if (refusal !== null) return refusal;
    const current = table as RouteTable<I>;
    const { upserts, removals } = delta.change;
    if (upserts.length + removals.length > IN_PLACE_MAX)
      return this.#applyBeside(delta, current, startedAtMs);

    const digest = digestAfter(current, delta.change);
    if (!digest.equals(delta.digest)) return mismatch(delta.to);
    const prepared = await this.#prepareSliced(delta.change, current);
    commitChange(current, prepared, current);
    stamp(current, delta.to, digest);
    for (const observer of this.observers) observer.onDelta(delta, current);
    return this.#applied(current, startedAtMs);
  }

  async #prepareSliced(change: TableChange, table: RouteTable<I>): Promise<PreparedChange<I>> {
    const upserts: PreparedChange<I>["upserts"][number][] = [];
    const pauses = new Pauses(SLICE_MS);
    for (const record of change.upserts) {
      // Bodies as decoded lie in Node's pool: one that stays would hold 8 KiB that others have left.
      upserts.push(prepareRecord(this.#packer.pack(record), this.#options.factory, table));
      if (pauses.isDue()) await pauses.pause();
    }
    return { upserts, removals: change.removals };
  }

  async #applyBeside(delta: DeltaValue, current: RouteTable<I>, startedAtMs: number): Promise<ApplyOutcome> {
    const builder = new TableBuilder<I>(delta.to, this.#options.factory, current);
    await builder.add(recordsAfter(current, delta.change));
    if (!builder.table.digest.equals(delta.digest)) {
      builder.discard();
      return mismatch(delta.to);
    }
    this.#publish(builder.table);
    for (const observer of this.observers) observer.onDelta(delta, builder.table);
    return this.#applied(builder.table, startedAtMs);
  }

  #publish(table: RouteTable<I>): void {
    const previous = this.#options.currentTable.swap(table);
    if (previous !== null) retireAll(previous);
  }

  #applied(table: RouteTable<I>, startedAtMs: number): ApplyOutcome {
    return {
      kind: "applied",
      revision: table.revision,
      digest: table.digest.bytes(),
      rejected: rejectionsOf(table),
      applyUs: Math.round((performance.now() - startedAtMs) * 1000),
    };
  }

  /** Within an epoch a node never goes back, and to a lower epoch only when told to. */
  #orderRefusal(revision: Revision, mayBeSame: boolean): ApplyOutcome | null {
    const current = this.#options.currentTable.table;
    if (current === null) return null;
    const order = compareRevisions(revision, current.revision);
    if (order > 0 || (order === 0 && mayBeSame)) return null;
    if (revision.epoch < current.revision.epoch && this.#options.acceptLowerEpoch) return null;
    return refused(
      revision,
      "older_revision",
      `this node is at ${formatRevision(current.revision)}, which is not older than ${formatRevision(revision)}`,
    );
  }

  #deltaRefusal(delta: DeltaValue, table: RouteTable<I> | null): ApplyOutcome | null {
    if (this.#assembly !== null) return refused(delta.to, "malformed", "a delta within a snapshot");
    if (table === null) return refused(delta.to, "gap", "this node has nothing to apply a delta to");
    const order = this.#orderRefusal(delta.to, true);
    if (order !== null) return order;
    if (!sameRevision(delta.from, table.revision))
      return refused(
        delta.to,
        "gap",
        `this node is at ${formatRevision(table.revision)}, the delta starts from ${formatRevision(delta.from)}`,
      );
    return this.#signatureRefusal(delta.to, delta.digest, delta.signature);
  }

  #endRefusal(assembly: Assembly<I>, end: SnapshotEndValue): ApplyOutcome | null {
    const { table } = assembly.builder;
    if (!sameRevision(end.revision, table.revision))
      return refused(end.revision, "malformed", "begin and end name different revisions");
    if (end.resourceCount !== assembly.builder.count)
      return refused(
        end.revision,
        "malformed",
        `${assembly.builder.count} resources came instead of ${end.resourceCount}`,
      );
    if (!table.digest.equals(end.digest)) return mismatch(end.revision);
    return this.#signatureRefusal(end.revision, end.digest, end.signature);
  }

  #signatureRefusal(revision: Revision, digest: Uint8Array, signature: Uint8Array): ApplyOutcome | null {
    const { publicKey } = this.#options;
    if (publicKey === null || verifyRevision(revision, digest, signature, publicKey)) return null;
    const what = signature.length === 0 ? "is not signed" : "has a wrong signature";
    return refused(revision, "bad_signature", `the revision ${what}`);
  }
}

interface Assembly<I extends IntegrationHandle> {
  readonly builder: TableBuilder<I>;
  readonly startedAtMs: number;
  nextIndex: number;
}

function refused(revision: Revision, reason: RefusalReason, detail: string): ApplyOutcome {
  return { kind: "refused", revision, reason, detail };
}

function mismatch(revision: Revision): ApplyOutcome {
  return refused(revision, "digest_mismatch", "the digest is not that of the resources");
}

function* recordsAfter(table: RouteTable, change: TableChange): IterableIterator<ResourceRecord> {
  const touched = new Set<string>();
  for (const ref of change.removals) touched.add(resourceName(ref));
  for (const record of change.upserts) touched.add(resourceName(record));
  for (const record of table.records.values()) if (!touched.has(resourceName(record))) yield record;
  const last = new Map<string, ResourceRecord>();
  for (const record of change.upserts) last.set(resourceName(record), record);
  yield* last.values();
}
