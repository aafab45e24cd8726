/**
 * Counts by key, route and outcome of one interval, as rows of numbers that are used again: with ten thousand
 * keys a second an object for each would be made, survive, be promoted and collected, and that costs more than counting.
 */
import type { CompiledRoute } from "../table/compiled-api.js";
import { UsageMark } from "../table/usage-mark.js";
import { LATENCY_BUCKETS, latencyBucket } from "./latency-bounds.js";
import { classOutcomeOf } from "./outcome.js";

/** API id of the rows that count what found no row of its own. */
export const OVERFLOW_API = "other";

/** Columns of a row's numbers; the latency buckets follow. */
export const COUNT = 0;
export const REQUEST_BYTES = 1;
export const RESPONSE_BYTES = 2;
export const DURATION_US = 3;
export const FIRST_BUCKET = 4;
export const COLUMNS = FIRST_BUCKET + LATENCY_BUCKETS;

/** The duration of a request that was refused before it was forwarded: it is in no latency bucket. */
export const NOT_FORWARDED = -1;

/** What is counted of a key. */
export interface CountedKey {
  readonly id: string;
  readonly api: { readonly id: string };
  readonly usage: UsageMark;
}

const FIRST_CAPACITY = 256;

/** Rows for what finds no row of its own, by class of outcome: more than there are classes. */
const OVERFLOW_ROWS = 1_024;

export class UsageRows {
  /** Marks of keys with another interval say nothing about these rows. Never 0. */
  interval = 0;
  length = 0;
  readonly #max: number;
  readonly #keys: (CountedKey | null)[] = [];
  readonly #routes: (CompiledRoute | null)[] = [];
  readonly #outcomes: number[] = [];
  /** The same key's row before, or -1. */
  readonly #earlier: number[] = [];
  #numbers = new Float64Array(FIRST_CAPACITY * COLUMNS);
  /** All requests that found no row, for the metrics of this node. */
  readonly #overflow: CountedKey = { id: "", api: { id: OVERFLOW_API }, usage: new UsageMark() };

  /** @param max rows by key; requests that would need more are counted by outcome alone, in rows behind them */
  constructor(max: number) {
    this.#max = max;
  }

  /** Rows by key: those for the control plane. */
  get keyed(): number {
    return Math.min(this.length, this.#max);
  }

  /** False: there is no room, and the request is counted by its outcome alone. @param durationUs or NOT_FORWARDED */
  add(
    key: CountedKey,
    route: CompiledRoute | null,
    outcome: number,
    requestBytes: number,
    responseBytes: number,
    durationUs: number,
  ): boolean {
    const { usage } = key;
    const latest = usage.interval === this.interval ? usage.row : -1;
    let row = latest;
    if (latest >= 0 && (usage.route !== route || usage.outcome !== outcome)) {
      // A key has few (route, outcome) pairs within a second: walking them is quicker than a map.
      do row = this.#earlier[row] as number;
      while (row >= 0 && (this.#routes[row] !== route || this.#outcomes[row] !== outcome));
    }
    if (row < 0) {
      row = this.length;
      if (row >= this.#max && key !== this.#overflow) {
        this.add(this.#overflow, null, classOutcomeOf(outcome), requestBytes, responseBytes, durationUs);
        return false;
      }
      if (row >= this.#max + OVERFLOW_ROWS) return false;
      this.#open(row, key, route, outcome, latest);
    }
    const numbers = this.#numbers;
    const at = row * COLUMNS;
    numbers[at + COUNT] = (numbers[at + COUNT] as number) + 1;
    numbers[at + REQUEST_BYTES] = (numbers[at + REQUEST_BYTES] as number) + requestBytes;
    numbers[at + RESPONSE_BYTES] = (numbers[at + RESPONSE_BYTES] as number) + responseBytes;
    if (durationUs === NOT_FORWARDED) return true;
    numbers[at + DURATION_US] = (numbers[at + DURATION_US] as number) + durationUs;
    const bucketAt = at + FIRST_BUCKET + latencyBucket(durationUs);
    numbers[bucketAt] = (numbers[bucketAt] as number) + 1;
    return true;
  }

  key(row: number): CountedKey {
    return this.#keys[row] as CountedKey;
  }

  route(row: number): CompiledRoute | null {
    return this.#routes[row] as CompiledRoute | null;
  }

  /** See outcome.ts. */
  outcome(row: number): number {
    return this.#outcomes[row] as number;
  }

  number(row: number, column: number): number {
    return this.#numbers[row * COLUMNS + column] as number;
  }

  /** Empty, for another interval. */
  reset(interval: number): void {
    this.#keys.fill(null, 0, this.length); // a key that was deleted is not held
    this.#routes.fill(null, 0, this.length);
    this.length = 0;
    this.interval = interval;
  }

  #open(row: number, key: CountedKey, route: CompiledRoute | null, outcome: number, earlier: number): void {
    this.length = row + 1;
    this.#keys[row] = key;
    this.#routes[row] = route;
    this.#outcomes[row] = outcome;
    this.#earlier[row] = earlier;
    const { usage } = key;
    usage.interval = this.interval;
    usage.row = row;
    usage.route = route;
    usage.outcome = outcome;
    const end = (row + 1) * COLUMNS;
    if (end > this.#numbers.length) {
      const larger = new Float64Array(this.#numbers.length * 2);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers.fill(0, end - COLUMNS, end);
  }
}
