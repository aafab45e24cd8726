/** Where the counters of all nodes come together: live charts, sums in the database, and the last use of keys. */
import type { Clock } from "@latchkey/core";
import type { Logger } from "@latchkey/observe";
import { CoalescedTask } from "../db/coalesced-task.js";
import type { Db } from "../db/schema.js";
import type { NodeUsageSink, UsageCursor, UsageSource } from "../nodes/node-registry-options.js";
import { Broadcast } from "../pub-sub/broadcast.js";
import type { Mailbox } from "../pub-sub/mailbox.js";
import type { UsageReport } from "../snapshot/node-observer.js";
import { KeyUsage } from "./key-usage.js";
import { RecentUsage } from "./recent-usage.js";
import { Traffic } from "./traffic.js";
import { UsageReader } from "./usage-reader.js";
import { type UsageDays, UsageRetention } from "./usage-retention.js";
import { UsageRows } from "./usage-rows.js";
import { UsageWriter } from "./usage-writer.js";

/** Each writing is an fsync. */
const FLUSH_INTERVAL_MS = 5_000;
const SAVE_INTERVAL_MS = 30_000;
const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
/** A node that claims to be later than this is not believed. */
const AGE_MS_MAX = 7 * 24 * HOUR_MS;
const LISTENERS_MAX = 200;
/** Processes of nodes whose last batch is remembered. */
const PROCESSES_MAX = 10_000;

export interface NodeUsageOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly days: UsageDays;
  /** The batches of a process up to this one are in the database. */
  readonly onStored: (cursor: UsageCursor) => void;
  /** Writes last uses (milliseconds since 1970) by key. */
  readonly saveKeysUsed: (lastUsedAtMs: ReadonlyMap<string, number>) => Promise<void>;
}

export class NodeUsage implements NodeUsageSink, AsyncDisposable {
  readonly traffic: Traffic;
  readonly keys: KeyUsage;
  /** What is in the database. */
  readonly reader: UsageReader;
  /** The same as rows. */
  readonly rows: UsageRows;
  readonly recent: RecentUsage;
  readonly days: UsageDays;
  readonly #options: NodeUsageOptions;
  readonly #writer: UsageWriter;
  readonly #retention: UsageRetention;
  /** The last batch that was taken, by process; oldest first. */
  readonly #taken = new Map<string, number>();
  readonly #seconds = new Broadcast<null>({ listenersMax: LISTENERS_MAX, backlogMax: 1 });
  readonly #timers: readonly NodeJS.Timeout[];
  readonly #flushing = new CoalescedTask(() => this.#writer.flush());
  readonly #saving = new CoalescedTask(() => this.#save());

  constructor(options: NodeUsageOptions) {
    this.#options = options;
    this.traffic = new Traffic(options.clock);
    this.keys = new KeyUsage(options.clock);
    this.reader = new UsageReader(options.db);
    this.rows = new UsageRows(options.db);
    this.recent = new RecentUsage({ reader: this.reader, clock: options.clock });
    this.days = options.days;
    this.#writer = new UsageWriter(options);
    this.#retention = new UsageRetention(options);
    this.#timers = [
      setInterval(() => void this.flush(), FLUSH_INTERVAL_MS),
      setInterval(() => void this.save(), SAVE_INTERVAL_MS),
      setInterval(() => this.#seconds.send(null), SECOND_MS),
    ];
    for (const timer of this.#timers) timer.unref();
  }

  /** False: the batch came before. */
  usage(source: UsageSource, report: UsageReport, latencyBoundsUs: readonly number[]): boolean {
    const { nodeId, nodeName, instanceId } = source;
    const nowMs = this.#options.clock.now();
    if (!this.#isNew(source, report)) {
      // It is confirmed again, behind what waits.
      const { sequence } = report;
      const nothing = { fromMs: nowMs, atMs: nowMs, counts: [], dropped: 0, boundsUs: latencyBoundsUs };
      this.#writer.add({ nodeId, instanceId, sequence, ...nothing });
      return false;
    }
    const ageMs = Math.min(report.ageMs, AGE_MS_MAX);
    const atMs = nowMs - ageMs;
    const { counts, sequence, dropped } = report;
    const fromMs = atMs - Math.min(Math.max(0, report.toMs - report.fromMs), HOUR_MS);
    this.#writer.add({
      nodeId,
      instanceId,
      sequence,
      fromMs,
      atMs,
      counts,
      dropped,
      boundsUs: latencyBoundsUs,
    });
    this.traffic.record(nodeId, report, latencyBoundsUs);
    this.keys.record(nodeName, report);
    if (source.isDraining) void this.flush();
    return true;
  }

  silent(nodeId: string, fromMs: number, toMs: number): void {
    this.#writer.addGap({ nodeId, fromMs, toMs, lost: null });
  }

  /** Now, and then once a second. @throws TooManyListeners */
  seconds(): Mailbox<null> {
    const seconds = this.#seconds.listen();
    seconds.push(null);
    return seconds;
  }

  /** Writes what was counted to the database. Never throws: what failed is tried again. */
  flush(): Promise<void> {
    return this.#flushing.run();
  }

  /** Writes the last uses of keys down. Never throws: what failed is tried again. */
  save(): Promise<void> {
    return this.#saving.run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#seconds.close();
    await this.#retention[Symbol.asyncDispose]();
    await Promise.all([this.flush(), this.save()]);
  }

  async #save(): Promise<void> {
    const entries = this.keys.takeUnsaved();
    if (entries.size === 0) return;
    try {
      await this.#options.saveKeysUsed(entries);
    } catch (error) {
      this.keys.giveBack(entries);
      this.#options.logger.warn({ err: error }, "cannot write when keys were last used");
    }
  }

  /** False for a batch that came before: the process sent it again on another stream. */
  #isNew({ nodeId, instanceId }: UsageSource, { sequence }: UsageReport): boolean {
    if (sequence === 0) return true;
    const process = `${nodeId} ${instanceId}`;
    if (sequence <= (this.#taken.get(process) ?? 0)) return false;
    this.#taken.delete(process);
    this.#taken.set(process, sequence);
    if (this.#taken.size > PROCESSES_MAX) {
      const oldest = this.#taken.keys().next().value;
      if (oldest !== undefined) this.#taken.delete(oldest);
    }
    return true;
  }
}
