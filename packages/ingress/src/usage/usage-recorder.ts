/**
 * HOT (record). Counts by key, route and outcome, and a few sampled requests, until the batcher takes them. Bounded:
 * what does not fit is counted as dropped, and by its outcome alone. Never holds a key's secret, a query or a body.
 */
import type { CompiledRoute } from "../table/compiled-api.js";
import { UsageMark } from "../table/usage-mark.js";
import { type CountedKey, UsageRows } from "./usage-rows.js";

/** Key, route and outcome that were seen within one interval: 11 MiB. */
const ROWS_MAX = 65_536;
const PATH_CHARS_MAX = 256;
/** A client may send any token for a method. */
const METHOD_CHARS_MAX = 32;
/** Clients without a key get one sample in so many: they must not crowd out the others. */
const KEYLESS_SHARE = 4;

export interface RequestSampleValue {
  readonly atMs: number;
  readonly interchangeId: string;
  readonly apiId: string;
  /** Empty: not known. */
  readonly keyId: string;
  readonly routeId: string;
  readonly integrationId: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly errorCode: string;
  readonly durationUs: number;
}

export interface UsageTake {
  /** Given back by `giveBack` once they were read. */
  readonly rows: UsageRows;
  readonly samples: readonly RequestSampleValue[];
  readonly dropped: number;
}

export class UsageRecorder {
  readonly #samplesMax: number;
  #interval = 1;
  #rows: UsageRows;
  /** Null while the batcher has them. */
  #spare: UsageRows | null;
  #samples: RequestSampleValue[] = [];
  #keylessSamples = 0;
  /** All requests without a known key: one row for each outcome, however many clients send them. */
  readonly #keyless: CountedKey = { id: "", api: { id: "" }, usage: new UsageMark() };
  #dropped = 0;
  /** Requests that found no row of their own, since the start. */
  overflowTotal = 0;

  /** @param samplesMax sampled requests an interval; clients without a known key get a quarter */
  constructor(samplesMax: number, rowsMax = ROWS_MAX) {
    this.#samplesMax = samplesMax;
    this.#rows = new UsageRows(rowsMax);
    this.#spare = new UsageRows(rowsMax);
    this.#rows.reset(this.#interval);
  }

  /** HOT. One finished request. @param key null: not known @param outcome see outcome.ts @param durationUs or NOT_FORWARDED */
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

  /** HOT. Whether a request would be kept; asked before a sample is made. */
  wantsSample(isKeyKnown: boolean): boolean {
    if (this.#samples.length >= this.#samplesMax) return false;
    return isKeyKnown || this.#keylessSamples * KEYLESS_SHARE < this.#samplesMax;
  }

  sample(value: RequestSampleValue): void {
    const isKeyKnown = value.keyId !== "";
    if (!this.wantsSample(isKeyKnown)) return;
    if (!isKeyKnown) this.#keylessSamples++;
    const { path, method } = value;
    const fits = path.length <= PATH_CHARS_MAX && method.length <= METHOD_CHARS_MAX;
    this.#samples.push(
      fits
        ? value
        : { ...value, path: path.slice(0, PATH_CHARS_MAX), method: method.slice(0, METHOD_CHARS_MAX) },
    );
  }

  /** What was counted since the last time; null while what was taken before is not given back. */
  take(): UsageTake | null {
    if (this.#spare === null) return null;
    const take = { rows: this.#rows, samples: this.#samples, dropped: this.#dropped };
    this.#rows = this.#spare;
    this.#rows.reset(++this.#interval);
    this.#spare = null;
    this.#samples = [];
    this.#keylessSamples = 0;
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
