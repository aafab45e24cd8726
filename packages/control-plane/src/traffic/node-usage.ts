/** Where the counters of all nodes come together: charts, and the last use of keys. */
import type { Clock } from "@latchkey/core";
import type { Logger } from "@latchkey/observe";
import type { NodeName, NodeUsageSink } from "../nodes/node-registry-options.js";
import { Broadcast } from "../pub-sub/broadcast.js";
import type { Mailbox } from "../pub-sub/mailbox.js";
import type { UsageReport } from "../snapshot/node-observer.js";
import { HourRanking } from "./hour-ranking.js";
import { KeyUsage } from "./key-usage.js";
import { Traffic } from "./traffic.js";

const SAVE_INTERVAL_MS = 30_000;
const SECOND_MS = 1_000;
const LISTENERS_MAX = 200;

export interface NodeUsageOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Writes last uses (milliseconds since 1970) by key. */
  readonly saveKeysUsed: (lastUsedAtMs: ReadonlyMap<string, number>) => Promise<void>;
}

export class NodeUsage implements NodeUsageSink, AsyncDisposable {
  readonly traffic: Traffic;
  readonly keys: KeyUsage;
  readonly ranking: HourRanking;
  readonly #options: NodeUsageOptions;
  readonly #seconds = new Broadcast<null>({ listenersMax: LISTENERS_MAX, backlogMax: 1 });
  readonly #timers: readonly NodeJS.Timeout[];
  #saving: Promise<void> = Promise.resolve();

  constructor(options: NodeUsageOptions) {
    this.#options = options;
    this.traffic = new Traffic(options.clock);
    this.keys = new KeyUsage(options.clock);
    this.ranking = new HourRanking(options.clock);
    this.#timers = [
      setInterval(() => void this.save(), SAVE_INTERVAL_MS),
      setInterval(() => this.#seconds.send(null), SECOND_MS),
    ];
    for (const timer of this.#timers) timer.unref();
  }

  usage({ nodeId, nodeName }: NodeName, report: UsageReport, latencyBoundsUs: readonly number[]): void {
    this.traffic.record(nodeId, report, latencyBoundsUs);
    this.keys.record(nodeName, report);
    this.ranking.record(report);
  }

  /** Now, and then once a second. @throws TooManyListeners */
  seconds(): Mailbox<null> {
    const seconds = this.#seconds.listen();
    seconds.push(null);
    return seconds;
  }

  /** Writes the last uses of keys down. Never throws: what failed is tried again. */
  save(): Promise<void> {
    this.#saving = this.#saving.then(async () => {
      const entries = this.keys.takeUnsaved();
      if (entries.size === 0) return;
      try {
        await this.#options.saveKeysUsed(entries);
      } catch (error) {
        this.keys.giveBack(entries);
        this.#options.logger.warn({ err: error }, "cannot write when keys were last used");
      }
    });
    return this.#saving;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#seconds.close();
    await this.save();
  }
}
