/**
 * HOT (record). Counts by key, route and status, and a few sampled requests, until the batcher takes them. Bounded:
 * what does not fit is counted as dropped. Never holds a key's secret, a query or a body.
 */
import type { CompiledRoute } from "../table/compiled-api.js";
import type { KeyEntry } from "../table/key-entry.js";
import { UsageRows } from "./usage-rows.js";

/** Key, route and status that were seen within one interval: 8 MiB. */
const ROWS_MAX = 65_536;
const PATH_CHARS_MAX = 256;

export interface RequestSampleValue {
  readonly atMs: number;
  readonly interchangeId: string;
  readonly apiId: string;
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
  #rows = new UsageRows(ROWS_MAX);
  /** Null while the batcher has them. */
  #spare: UsageRows | null = new UsageRows(ROWS_MAX);
  #samples: RequestSampleValue[] = [];
  #dropped = 0;

  /** @param samplesMax sampled requests an interval; errors of the gateway come first */
  constructor(samplesMax: number) {
    this.#samplesMax = samplesMax;
    this.#rows.reset(this.#interval);
  }

  /** HOT. One finished request whose key is known. */
  record(
    key: KeyEntry,
    route: CompiledRoute | null,
    status: number,
    requestBytes: number,
    responseBytes: number,
    durationUs: number,
  ): void {
    if (!this.#rows.add(key, route, status, requestBytes, responseBytes, durationUs)) this.#dropped++;
  }

  /** HOT. Whether a request would be kept; asked before a sample is made. */
  wantsSample(): boolean {
    return this.#samples.length < this.#samplesMax;
  }

  sample(value: RequestSampleValue): void {
    if (!this.wantsSample()) return;
    const path = value.path.length > PATH_CHARS_MAX ? value.path.slice(0, PATH_CHARS_MAX) : value.path;
    this.#samples.push(path === value.path ? value : { ...value, path });
  }

  /** What was counted since the last time; null while what was taken before is not given back. */
  take(): UsageTake | null {
    if (this.#spare === null) return null;
    const take = { rows: this.#rows, samples: this.#samples, dropped: this.#dropped };
    this.#rows = this.#spare;
    this.#rows.reset(++this.#interval);
    this.#spare = null;
    this.#samples = [];
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
