/**
 * Writes what nodes counted to the database, every few seconds, in transactions that are short enough to let mutations in
 * between. A batch is in the sums once: its number is written in the same transaction. Bounded: while the database
 * cannot be written, batches wait, and what is beyond the bound is counted as lost.
 */
import type { Clock } from "@latchkey/core";
import type { Logger } from "@latchkey/observe";
import type { Db, Trx } from "../db/schema.js";
import { writeTransaction } from "../db/transaction.js";
import type { UsageCursor } from "../nodes/node-registry-options.js";
import { UsageCatalog } from "./usage-catalog.js";
import type { UsageLevel } from "./usage-levels.js";
import { readCursor, saveCursor, saveGap, saveLoss, saveSums, type UsageGap } from "./usage-store.js";
import { type CountedBatch, sumsOf } from "./usage-sums.js";

/** What a transaction takes: some ten milliseconds of CPU time. A batch of a node is not divided. */
const COUNTS_AT_ONCE = 100;
/** Batches and their counts that wait for the database: some 100 MB. */
const WAITING_MAX = 200_000;
/** Series that were deleted for age by another control plane must not be used again. */
const CATALOG_MS_MAX = 3_600_000;

export interface UsageBatch extends CountedBatch {
  /** Of the node's process. */
  readonly instanceId: string;
  /** Rises by one with each batch of a process; 0: the node does not number them. */
  readonly sequence: number;
  /** When it begins, by our clock. */
  readonly fromMs: number;
  /** Requests before this batch that the node could not report. */
  readonly dropped: number;
}

export interface UsageWriterOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The process's batches up to this number are in the database. */
  readonly onStored: (cursor: UsageCursor) => void;
  /** Default: `SERIES_MAX`. */
  readonly seriesMax?: Readonly<Record<UsageLevel, number>>;
  /** Batches and their counts that wait. */
  readonly waitingMax?: number;
}

export class UsageWriter {
  readonly #options: UsageWriterOptions;
  readonly #catalog: UsageCatalog;
  #catalogSinceMs: number;
  #waiting: UsageBatch[] = [];
  /** Batches and counts in `#waiting`. */
  #waitingSize = 0;
  /** What is beyond the bound, by process: one batch that says how much was lost. Written after what waits. */
  readonly #beyond = new Map<string, UsageBatch>();
  #gaps: UsageGap[] = [];
  /** The last transaction was rolled back, or is not over. */
  #isUnsure = false;

  constructor(options: UsageWriterOptions) {
    this.#options = options;
    this.#catalog = new UsageCatalog(options.seriesMax);
    this.#catalogSinceMs = options.clock.monotonicMs();
  }

  /** Batches that are not written yet; those beyond the bound are one for each process. */
  get waiting(): number {
    return this.#waiting.length + this.#beyond.size;
  }

  add(batch: UsageBatch): void {
    const process = processOf(batch);
    const before = this.#beyond.get(process);
    const waitingMax = this.#options.waitingMax ?? WAITING_MAX;
    if (before === undefined && this.#waitingSize + sizeOf(batch) <= waitingMax) this.#wait(batch);
    else this.#beyond.set(process, lostWith(before, batch));
  }

  /** A time without reports of a node. */
  addGap(gap: UsageGap): void {
    this.#gaps.push(gap);
  }

  /** Writes what waits. Never throws: what failed is tried again with the next call. One call at a time. */
  async flush(): Promise<void> {
    const { clock } = this.#options;
    if (clock.monotonicMs() - this.#catalogSinceMs > CATALOG_MS_MAX) {
      this.#catalog.clear();
      this.#catalogSinceMs = clock.monotonicMs();
    }
    while (this.waiting > 0 || this.#gaps.length > 0) if (!(await this.#flushSome())) return;
  }

  #wait(batch: UsageBatch): void {
    this.#waiting.push(batch);
    this.#waitingSize += sizeOf(batch);
  }

  /** False: the database cannot be written. */
  async #flushSome(): Promise<boolean> {
    const { db, logger, onStored } = this.#options;
    const batches = this.#next();
    const gaps = this.#gaps;
    try {
      const cursors = await writeTransaction(db, (trx) => this.#write(trx, batches, gaps));
      this.#isUnsure = false;
      this.#waiting = this.#waiting.slice(batches.length);
      for (const batch of batches) this.#waitingSize -= sizeOf(batch);
      this.#gaps = this.#gaps.slice(gaps.length);
      for (const cursor of cursors) onStored(cursor);
      return true;
    } catch (error) {
      logger.warn({ err: error }, "usage cannot be written; trying again");
      return false;
    }
  }

  /** The oldest batches, at least one. */
  #next(): readonly UsageBatch[] {
    if (this.#waiting.length === 0) {
      for (const batch of this.#beyond.values()) this.#wait(batch);
      this.#beyond.clear();
    }
    let counts = 0;
    const end = this.#waiting.findIndex((batch, index) => {
      counts += batch.counts.length;
      return index > 0 && counts > COUNTS_AT_ONCE;
    });
    return this.#waiting.slice(0, end < 0 ? this.#waiting.length : end);
  }

  async #write(
    trx: Trx,
    batches: readonly UsageBatch[],
    gaps: readonly UsageGap[],
  ): Promise<readonly UsageCursor[]> {
    if (this.#isUnsure) this.#catalog.clear();
    this.#isUnsure = true;
    const cursors = new Map<string, UsageCursor>();
    const fresh: UsageBatch[] = [];
    for (const batch of batches) {
      const { nodeId, instanceId, sequence } = batch;
      const name = processOf(batch);
      if (sequence > 0) {
        const stored = cursors.get(name)?.sequence ?? (await readCursor(trx, nodeId, instanceId));
        cursors.set(name, { nodeId, instanceId, sequence: Math.max(stored, sequence) });
        if (sequence <= stored) continue;
      }
      fresh.push(batch);
    }
    const sums = sumsOf(fresh);
    const seriesIds = await this.#catalog.place(trx, sums);
    await saveSums(
      trx,
      sums.map((sum, index) => ({ sum, seriesId: seriesIds[index] as number })),
    );
    for (const gap of gaps) await saveGap(trx, gap);
    for (const { nodeId, fromMs, atMs, dropped } of fresh)
      if (dropped > 0) await saveLoss(trx, { nodeId, fromMs, toMs: atMs, lost: dropped });
    for (const cursor of cursors.values()) await saveCursor(trx, cursor, this.#options.clock.now());
    return [...cursors.values()];
  }
}

function processOf({ nodeId, instanceId }: UsageBatch): string {
  return `${nodeId} ${instanceId}`;
}

/** A batch without counts takes memory too. */
function sizeOf({ counts }: UsageBatch): number {
  return 1 + counts.length;
}

/** One batch for a process's batches beyond the bound: all that they counted is lost. */
function lostWith(before: UsageBatch | undefined, batch: UsageBatch): UsageBatch {
  const dropped = batch.counts.reduce((sum, { count }) => sum + count, batch.dropped);
  if (before === undefined) return { ...batch, counts: [], dropped };
  return {
    ...before,
    sequence: Math.max(before.sequence, batch.sequence),
    fromMs: Math.min(before.fromMs, batch.fromMs),
    atMs: Math.max(before.atMs, batch.atMs),
    dropped: before.dropped + dropped,
  };
}
