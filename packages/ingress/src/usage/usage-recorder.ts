/**
 * Counts by key, route and outcome, and the requests for the message trail, until the batcher takes them.
 * Bounded: what does not fit is counted as dropped, and by its outcome alone.
 */
import type { RequestSample } from "@latchkey/proto";
import type { CompiledRoute } from "../table/compiled-api.js";
import { UsageMark } from "../table/usage-mark.js";
import { RequestSamples } from "./request-samples.js";
import { type CountedKey, UsageRows } from "./usage-rows.js";

/** Key, route and outcome that were seen within one interval: 11 MiB. */
const ROWS_MAX = 65_536;

export interface UsageTake {
  /** Given back by `giveBack` once they were read. */
  readonly rows: UsageRows;
  readonly samples: readonly RequestSample[];
  readonly dropped: number;
}

export class UsageRecorder {
  /** For the message trail. */
  readonly samples: RequestSamples;
  #interval = 1;
  #rows: UsageRows;
  /** Null while the batcher has them. */
  #spare: UsageRows | null;
  /** All requests without a known key: one row for each outcome, however many clients send them. */
  readonly #keyless: CountedKey = { id: "", api: { id: "" }, usage: new UsageMark() };
  #dropped = 0;
  /** Requests that found no row of their own, since the start. */
  overflowTotal = 0;

  /** @param samplesMax requests for the message trail in an interval */
  constructor(samplesMax: number, rowsMax = ROWS_MAX) {
    this.samples = new RequestSamples(samplesMax);
    this.#rows = new UsageRows(rowsMax);
    this.#spare = new UsageRows(rowsMax);
    this.#rows.reset(this.#interval);
  }

  /** One finished request. @param key null: not known @param outcome see outcome.ts @param durationUs or NOT_FORWARDED */
  record(
    key: CountedKey | null,
    route: CompiledRoute | null,
    outcome: number,
    requestBytes: number,
    responseBytes: number,
    durationUs: number,
  ): void {
    if (this.#rows.add(key ?? this.#keyless, route, outcome, requestBytes, responseBytes, durationUs)) return;
    this.#dropped++;
    this.overflowTotal++;
  }

  /** What was counted since the last time; null while what was taken before is not given back. */
  take(): UsageTake | null {
    if (this.#spare === null) return null;
    const take = { rows: this.#rows, samples: this.samples.take(), dropped: this.#dropped };
    this.#rows = this.#spare;
    this.#rows.reset(++this.#interval);
    this.#spare = null;
    this.#dropped = 0;
    return take;
  }

  giveBack(rows: UsageRows): void {
    rows.reset(0);
    this.#spare = rows;
  }

  /** Requests of a batch that could not be sent. */
  lost(count: number): void {
    this.#dropped += count;
  }
}
