/**
 * Takes what was counted each second while there is traffic: adds it to the counts of the metrics, and sends it up the
 * stream, a slice each turn of the event loop. Bounded; what is lost on the way up is counted.
 */
import type { Clock } from "@latchkey/core";
import { UsageBatch } from "@latchkey/proto";
import { EMPTY_BATCH } from "./empty-batch.js";
import type { RequestCounts } from "./request-counts.js";
import { encodeCounts } from "./usage-encoder.js";
import type { UsageRecorder, UsageTake } from "./usage-recorder.js";
import { COUNT, type UsageRows } from "./usage-rows.js";

const INTERVAL_MS = 1_000;
/** Counts in one message: about 200 bytes each. The control plane writes a message in one transaction: some ten milliseconds. */
const SLICE_ROWS = 100;
/** Requests of the message trail in one message: at most 2.5 KiB each. */
const SLICE_SAMPLES = 200;

export interface UsageSink {
  /**
   * Two parts of one encoded UsageBatch: all but the samples, and the samples. False: not taken.
   * @param ageMs time since the batch ended
   */
  sendUsage(counts: Uint8Array, samples: Uint8Array, ageMs?: number): boolean;
}

/** What of a take is not sent yet. */
interface Rest extends UsageTake {
  readonly fromMs: bigint;
  readonly toMs: bigint;
  nextRow: number;
  nextSample: number;
}

export class UsageBatcher {
  readonly #recorder: UsageRecorder;
  readonly #counts: RequestCounts;
  readonly #sink: UsageSink;
  readonly #clock: Clock;
  #timer: NodeJS.Timeout | null = null;
  #fromMs: number;
  #rest: Rest | null = null;
  #refusedTotal = 0;

  /** @param counts gets all requests, whether or not `sink` does */
  constructor(recorder: UsageRecorder, counts: RequestCounts, sink: UsageSink, clock: Clock) {
    this.#recorder = recorder;
    this.#counts = counts;
    this.#sink = sink;
    this.#clock = clock;
    this.#fromMs = clock.now();
  }

  /** Requests that no batch reported, since the start. */
  get droppedTotal(): number {
    return this.#refusedTotal + this.#recorder.overflowTotal;
  }

  start(): void {
    this.#timer = setInterval(() => this.flush(), INTERVAL_MS);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#sendAll();
    this.#take();
    this.#sendAll();
  }

  /** Starts to send what was counted; the turns that follow send what is more than a slice. */
  flush(): void {
    if (this.#rest !== null) return; // the interval before is still under way: counting goes on
    this.#take();
    this.#sendSome();
  }

  #take(): void {
    const take = this.#recorder.take();
    if (take === null) return;
    const toMs = this.#clock.now();
    const fromMs = BigInt(Math.round(this.#fromMs));
    this.#fromMs = toMs;
    if (take.rows.length === 0 && take.samples.length === 0 && take.dropped === 0)
      this.#recorder.giveBack(take.rows);
    else this.#rest = { ...take, fromMs, toMs: BigInt(Math.round(toMs)), nextRow: 0, nextSample: 0 };
  }

  #sendSome(): void {
    if (this.#rest === null) return;
    this.#sendSlice(this.#rest);
    if (this.#rest !== null) setImmediate(() => this.#sendSome());
  }

  #sendAll(): void {
    while (this.#rest !== null) this.#sendSlice(this.#rest);
  }

  #sendSlice(rest: Rest): void {
    const { rows, samples, nextRow, nextSample } = rest;
    const end = Math.min(rows.length, nextRow + SLICE_ROWS);
    const keyedEnd = Math.min(rows.keyed, end);
    this.#counts.addRows(rows, nextRow, end);
    const samplesEnd = Math.min(samples.length, nextSample + SLICE_SAMPLES);
    const isFirst = nextRow === 0 && nextSample === 0;
    const dropped = isFirst ? rest.dropped : 0;
    const head = UsageBatch.encode({
      ...EMPTY_BATCH,
      fromMs: rest.fromMs,
      toMs: rest.toMs,
      dropped: BigInt(dropped),
    }).finish();
    const sampled = UsageBatch.encode({
      ...EMPTY_BATCH,
      samples: samples.slice(nextSample, samplesEnd),
    }).finish();
    const counts = encodeCounts(rows, nextRow, keyedEnd);
    if (!this.#sink.sendUsage(Buffer.concat([head, counts]), sampled)) {
      const requests = requestsIn(rows, nextRow, keyedEnd);
      this.#refusedTotal += requests;
      this.#recorder.lost(dropped + requests);
    }
    rest.nextRow = end;
    rest.nextSample = samplesEnd;
    if (end < rows.length || samplesEnd < samples.length) return;
    this.#rest = null;
    this.#recorder.giveBack(rows);
  }
}

function requestsIn(rows: UsageRows, from: number, to: number): number {
  let requests = 0;
  for (let row = from; row < to; row++) requests += rows.number(row, COUNT);
  return requests;
}
