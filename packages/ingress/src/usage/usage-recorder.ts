/**
 * HOT (record). Counts by key, route and status, and a few sampled requests, until the batcher takes them. Bounded:
 * what does not fit is counted as dropped. Never holds a key's secret, a query or a body.
 */
import type { CompiledRoute } from "../table/compiled-api.js";
import type { KeyEntry } from "../table/key-entry.js";
import type { UsageCell } from "../table/usage-cells.js";

/** Keys with traffic within one interval. More are counted as dropped. */
const DIRTY_KEYS_MAX = 50_000;
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
  readonly counts: readonly { readonly key: KeyEntry; readonly cells: readonly UsageCell[] }[];
  readonly samples: readonly RequestSampleValue[];
  readonly dropped: number;
}

/** One finished request whose key is known. */
export interface RequestRecord {
  readonly key: KeyEntry;
  readonly route: CompiledRoute | null;
  readonly status: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly durationUs: number;
}

export class UsageRecorder {
  readonly #samplesMax: number;
  #dirty: KeyEntry[] = [];
  #samples: RequestSampleValue[] = [];
  #dropped = 0;

  /** @param samplesMax sampled requests an interval; errors of the gateway come first */
  constructor(samplesMax: number) {
    this.#samplesMax = samplesMax;
  }

  /** HOT. */
  record(
    key: KeyEntry,
    route: CompiledRoute | null,
    status: number,
    requestBytes: number,
    responseBytes: number,
    durationUs: number,
  ): void {
    const { usage } = key;
    if (usage.isEmpty) {
      if (this.#dirty.length >= DIRTY_KEYS_MAX) {
        this.#dropped++;
        return;
      }
      this.#dirty.push(key);
    }
    usage.cell(route, status).add(requestBytes, responseBytes, durationUs);
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

  /** Takes what was counted since the last time. */
  take(): UsageTake {
    const counts = this.#dirty.map((key) => ({ key, cells: key.usage.take() }));
    const samples = this.#samples;
    const dropped = this.#dropped;
    this.#dirty = [];
    this.#samples = [];
    this.#dropped = 0;
    return { counts, samples, dropped };
  }

  /** A batch that could not be sent. */
  lost(count: number): void {
    this.#dropped += count;
  }
}
