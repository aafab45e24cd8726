/** HOT. Counts of one key by route and status. Plain numbers; drained once a second by usage/. */
import type { CompiledRoute } from "./compiled-api.js";

/** Upper bounds of the latency buckets in microseconds; one more bucket is open. */
export const LATENCY_BOUNDS_US = [
  1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 10_000_000,
] as const;

export class UsageCell {
  /** Null: the request matched no route. */
  readonly route: CompiledRoute | null;
  readonly status: number;
  count = 0;
  requestBytes = 0;
  responseBytes = 0;
  readonly latencyBuckets: number[] = new Array<number>(LATENCY_BOUNDS_US.length + 1).fill(0);

  constructor(route: CompiledRoute | null, status: number) {
    this.route = route;
    this.status = status;
  }

  add(requestBytes: number, responseBytes: number, durationUs: number): void {
    this.count++;
    this.requestBytes += requestBytes;
    this.responseBytes += responseBytes;
    let bucket = 0;
    while (bucket < LATENCY_BOUNDS_US.length && durationUs > (LATENCY_BOUNDS_US[bucket] as number)) bucket++;
    this.latencyBuckets[bucket] = (this.latencyBuckets[bucket] as number) + 1;
  }
}

/** Of the many keys without traffic. */
const NO_CELLS: UsageCell[] = [];

export class UsageCells {
  /** A key has few (route, status) pairs within a second: a list is quicker than a map. */
  #cells: UsageCell[] = NO_CELLS;

  get isEmpty(): boolean {
    return this.#cells.length === 0;
  }

  cell(route: CompiledRoute | null, status: number): UsageCell {
    for (const cell of this.#cells) if (cell.route === route && cell.status === status) return cell;
    const cell = new UsageCell(route, status);
    if (this.#cells === NO_CELLS) this.#cells = [cell];
    else this.#cells.push(cell);
    return cell;
  }

  /** What was counted since the last time. */
  take(): UsageCell[] {
    const cells = this.#cells;
    this.#cells = NO_CELLS;
    return cells;
  }
}
