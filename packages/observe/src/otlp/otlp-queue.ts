/**
 * Sends encoded items of one signal to the collector, in batches, one request at a time. A batch that the collector may take later is
 * sent again, at growing intervals; meanwhile new items wait until there is no room, and are lost and counted then.
 */
import type { Logger } from "../logger.js";
import type { OtlpEnvelope } from "./otlp-encoding.js";
import type { OtlpTransport, SendResult } from "./otlp-transport.js";

/** Of all items that wait or are on their way. */
const QUEUE_BYTES_MAX = 4 * 1024 * 1024;
/** What an item takes beside its bytes. */
const ITEM_OVERHEAD_BYTES = 200;
/** A batch is sent when it has so many, or after a while. Collectors take 4 MiB over gRPC. */
const BATCH_ITEMS_MAX = 512;
const BATCH_BYTES_MAX = 1024 * 1024;
const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 30_000;
/** At the end of the process. */
const CLOSE_MS_MAX = 3_000;

/** Not an interface: metrics read it as a record of numbers. */
export type OtlpCounts = { exported: number; lost: number };

export interface OtlpQueueOptions {
  /** Of the items, for the log: `spans`. */
  readonly noun: string;
  /** Scheme, host and port of the collector. */
  readonly origin: string;
  readonly envelope: OtlpEnvelope;
  /** An item waits so long for others to be sent with. */
  readonly delayMs: number;
  readonly transport: OtlpTransport;
  readonly log: Logger;
  /** Kept up to date. */
  readonly counts: OtlpCounts;
}

interface Batch {
  readonly items: Uint8Array[];
  bytes: number;
}

type State =
  | { readonly kind: "idle" }
  | { readonly kind: "waiting"; readonly timer: NodeJS.Timeout; readonly isRetry: boolean }
  | { readonly kind: "sending" }
  | { readonly kind: "closed" };

export class OtlpQueue {
  readonly #options: OtlpQueueOptions;
  /** The first is sent next; the last is being filled. */
  readonly #batches: Batch[] = [];
  #bytes = 0;
  #state: State = { kind: "idle" };
  #retryMs = RETRY_MS_MIN;
  #lostBefore = -1;
  #onSettled: (() => void) | null = null;

  constructor(options: OtlpQueueOptions) {
    this.#options = options;
  }

  /** Whether there is room for an item; without room it is counted as lost. Asked before the item is encoded. */
  admits(): boolean {
    if (this.#state.kind !== "closed" && this.#bytes < QUEUE_BYTES_MAX) return true;
    this.lose();
    return false;
  }

  get isEmpty(): boolean {
    return this.#batches.length === 0;
  }

  /** Counts an item as lost that was not even made. */
  lose(): void {
    this.#options.counts.lost++;
  }

  add(item: Uint8Array): void {
    this.#bytes += item.length + ITEM_OVERHEAD_BYTES;
    const batch = this.#openBatch();
    batch.items.push(item);
    batch.bytes += item.length;
    const isFull = isFullOf(batch);
    if (this.#state.kind === "idle") this.#sendAfter(isFull ? 0 : this.#options.delayMs, false);
    else if (isFull && this.#state.kind === "waiting" && !this.#state.isRetry) this.#sendAfter(0, false);
  }

  /** Sends what there is, for some seconds at most. What is left is lost. */
  async close(): Promise<void> {
    const deadlineMs = performance.now() + CLOSE_MS_MAX;
    const late = setTimeout(() => this.#options.transport.close(), CLOSE_MS_MAX);
    try {
      while (this.#batches.length > 0 && performance.now() < deadlineMs) {
        if (this.#state.kind !== "sending") this.#send();
        const isTaken = await this.#settled();
        if (!isTaken) break;
      }
    } finally {
      clearTimeout(late);
      if (this.#state.kind === "waiting") clearTimeout(this.#state.timer);
      this.#state = { kind: "closed" };
      for (const { items } of this.#batches) this.#options.counts.lost += items.length;
      this.#batches.length = 0;
      this.#options.transport.close();
    }
  }

  /** Whether the request under way was taken or refused, rather than left for later. */
  async #settled(): Promise<boolean> {
    await new Promise<void>((resolve) => {
      this.#onSettled = resolve;
    });
    return this.#retryMs === RETRY_MS_MIN;
  }

  /** The batch under way takes no further items. */
  #openBatch(): Batch {
    const last = this.#batches.at(-1);
    const isUnderWay = this.#state.kind === "sending" && this.#batches.length === 1;
    if (last !== undefined && !isUnderWay && !isFullOf(last)) return last;
    const batch: Batch = { items: [], bytes: 0 };
    this.#batches.push(batch);
    return batch;
  }

  #sendAfter(ms: number, isRetry: boolean): void {
    if (this.#state.kind === "waiting") clearTimeout(this.#state.timer);
    const timer = setTimeout(() => this.#send(), ms);
    timer.unref();
    this.#state = { kind: "waiting", timer, isRetry };
  }

  #send(): void {
    const [batch] = this.#batches;
    if (batch === undefined) {
      this.#state = { kind: "idle" };
      return;
    }
    if (this.#state.kind === "waiting") clearTimeout(this.#state.timer);
    this.#state = { kind: "sending" };
    const { transport, envelope } = this.#options;
    void transport
      .send(envelope.around(batch.items, batch.bytes))
      .then((result) => this.#sent(batch, result));
  }

  #sent(batch: Batch, result: SendResult): void {
    if (this.#state.kind === "closed") return;
    if (result.kind === "away") {
      this.#failing(result.reason);
      const retryMs = this.#retryMs;
      this.#retryMs = Math.min(retryMs * 2, RETRY_MS_MAX);
      this.#sendAfter(retryMs * (0.5 + Math.random() / 2), true);
    } else {
      this.#batches.shift();
      this.#bytes -= batch.bytes + batch.items.length * ITEM_OVERHEAD_BYTES;
      this.#retryMs = RETRY_MS_MIN;
      this.#count(batch.items.length, result);
      this.#state = { kind: "idle" };
      const [next] = this.#batches;
      if (next !== undefined) this.#sendAfter(isFullOf(next) ? 0 : this.#options.delayMs, false);
    }
    this.#onSettled?.();
    this.#onSettled = null;
  }

  #count(items: number, result: Exclude<SendResult, { kind: "away" }>): void {
    const { counts, log, noun, origin } = this.#options;
    if (result.kind === "refused") {
      this.#failing(result.reason);
      counts.lost += items;
      return;
    }
    const rejected = Math.min(result.rejected, items);
    counts.lost += rejected;
    counts.exported += items - rejected;
    if (this.#lostBefore < 0) return;
    log.info({ collector: origin, lost: counts.lost - this.#lostBefore }, `${noun} are exported again`);
    this.#lostBefore = -1;
  }

  /** Logs the first of several failures. */
  #failing(reason: string): void {
    if (this.#lostBefore >= 0) return;
    const { counts, log, noun, origin } = this.#options;
    this.#lostBefore = counts.lost;
    log.warn({ collector: origin, reason }, `the collector does not take ${noun}`);
  }
}

function isFullOf({ items, bytes }: Batch): boolean {
  return items.length >= BATCH_ITEMS_MAX || bytes >= BATCH_BYTES_MAX;
}
