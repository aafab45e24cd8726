/** The usage of all workers on its way to the control plane: what is not taken is counted, and reported by the next batch. */
import { UsageBatch } from "@latchkey/proto";
import { EMPTY_BATCH } from "../usage/empty-batch.js";
import type { UsageSink } from "../usage/usage-batcher.js";

export class WorkerUsage {
  /** Requests of batches that were not taken, since the start. What workers dropped themselves is in their reports. */
  lostTotal = 0;
  readonly #sink: UsageSink;
  /** Dropped requests that no batch has reported yet. */
  #unreported = 0n;

  constructor(sink: UsageSink) {
    this.#sink = sink;
  }

  /** A batch of a worker. */
  pass({ fromMs, toMs, counts, samples, dropped, ageMs }: UsageBatch): void {
    const allDropped = dropped + this.#unreported;
    const encoded = UsageBatch.encode({ ...EMPTY_BATCH, fromMs, toMs, counts, dropped: allDropped }).finish();
    const sampled = UsageBatch.encode({ ...EMPTY_BATCH, samples }).finish();
    if (this.#sink.sendUsage(encoded, sampled, Number(ageMs))) {
      this.#unreported = 0n;
      return;
    }
    const lost = counts.reduce((sum, { count }) => sum + count, 0n);
    this.lostTotal += Number(lost);
    this.#unreported = allDropped + lost;
  }
}
