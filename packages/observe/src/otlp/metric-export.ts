/** Reads the metrics of a process for the collector, at intervals: what `/metrics` shows at that moment. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Registry } from "prom-client";
import type { Logger } from "../logger.js";
import { type ReadMetric, writeMetric } from "./metric-encoding.js";
import type { OtlpQueue } from "./otlp-queue.js";
import { ProtoWriter } from "./proto-writer.js";

export class MetricExport {
  readonly #registry: Registry;
  readonly #queue: OtlpQueue;
  readonly #log: Logger;
  readonly #timer: NodeJS.Timeout;
  #reading: Promise<void> | null = null;

  constructor(registry: Registry, queue: OtlpQueue, intervalMs: number, log: Logger) {
    this.#registry = registry;
    this.#queue = queue;
    this.#log = log;
    this.#timer = setInterval(() => this.#export(), intervalMs);
    this.#timer.unref();
  }

  /** With the last counts. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#reading;
    this.#export();
    await this.#reading;
    await this.#queue.close();
  }

  /** What is cumulative need not wait in a row: while one reading is under way, further ones are lost. */
  #export(): void {
    if (this.#reading !== null || !this.#queue.isEmpty) {
      this.#queue.lose();
      return;
    }
    this.#reading = this.#read()
      .catch((error: unknown) => {
        this.#queue.lose();
        this.#log.warn({ err: error }, "metrics could not be read for the collector");
      })
      .finally(() => {
        this.#reading = null;
      });
  }

  async #read(): Promise<void> {
    const metrics = (await this.#registry.getMetricsAsJSON()) as unknown as readonly ReadMetric[];
    const times = { startMs: performance.timeOrigin, nowMs: Date.now() };
    const writer = new ProtoWriter();
    for (const metric of metrics) {
      writeMetric(writer, metric, times);
      await nextTurn(); // thousands of series take some milliseconds
    }
    this.#queue.add(writer.take());
  }
}
