/** Sends what was counted up the stream each second while there is traffic. Bounded; what is lost is counted. */
import type { Clock } from "@latchkey/core";
import type { UsageBatch, UsageCount } from "@latchkey/proto";
import type { UsageRecorder, UsageTake } from "./usage-recorder.js";

const INTERVAL_MS = 1_000;
/** Counts in one message: about 200 bytes each, and the server takes 1 MiB. */
const COUNTS_MAX = 4_000;

export interface UsageSink {
  /** False: not taken. */
  sendUsage(batch: UsageBatch): boolean;
}

export class UsageBatcher {
  readonly #recorder: UsageRecorder;
  readonly #sink: UsageSink;
  readonly #clock: Clock;
  #timer: NodeJS.Timeout | null = null;
  #fromMs: number;
  /** Requests that no batch told of, since the start. */
  droppedTotal = 0;

  constructor(recorder: UsageRecorder, sink: UsageSink, clock: Clock) {
    this.#recorder = recorder;
    this.#sink = sink;
    this.#clock = clock;
    this.#fromMs = clock.now();
  }

  start(): void {
    this.#timer = setInterval(() => this.flush(), INTERVAL_MS);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.flush();
  }

  flush(): void {
    const toMs = this.#clock.now();
    const take = this.#recorder.take();
    const counts = countsOf(take);
    if (counts.length === 0 && take.samples.length === 0 && take.dropped === 0) {
      this.#fromMs = toMs;
      return;
    }
    let dropped = take.dropped;
    for (let at = 0; at === 0 || at < counts.length; at += COUNTS_MAX) {
      const part = counts.slice(at, at + COUNTS_MAX);
      const isFirst = at === 0;
      const batch: UsageBatch = {
        fromMs: BigInt(Math.round(this.#fromMs)),
        toMs: BigInt(Math.round(toMs)),
        counts: part,
        samples: isFirst
          ? take.samples.map((sample) => ({ ...sample, atMs: BigInt(Math.round(sample.atMs)) }))
          : [],
        dropped: BigInt(dropped),
      };
      if (this.#sink.sendUsage(batch)) dropped = 0;
      else {
        const lost = dropped + part.reduce((sum, count) => sum + Number(count.count), 0);
        this.droppedTotal += lost - dropped;
        this.#recorder.lost(lost);
        dropped = 0;
      }
    }
    this.#fromMs = toMs;
  }
}

function countsOf(take: UsageTake): UsageCount[] {
  const counts: UsageCount[] = [];
  for (const { key, cells } of take.counts) {
    for (const cell of cells) {
      counts.push({
        apiId: key.api.id,
        routeId: cell.route?.id ?? "",
        keyId: key.id,
        integrationId: cell.route?.integration.id ?? "",
        status: cell.status,
        count: BigInt(cell.count),
        requestBytes: BigInt(cell.requestBytes),
        responseBytes: BigInt(cell.responseBytes),
        latencyBuckets: cell.latencyBuckets.map(BigInt),
      });
    }
  }
  return counts;
}
