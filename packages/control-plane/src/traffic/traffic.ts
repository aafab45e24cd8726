/**
 * What the nodes counted by the second, in a ring of buckets for five minutes. What is older is in the database.
 * Bounded in cells: beyond the bound, counts are kept by API only, then only as a sum. Times are of arrival, by our clock.
 */
import type { Clock } from "@latchkey/core";
import type { UsageCountReport, UsageReport } from "../snapshot/node-observer.js";
import { addCounts, LATENCY_BOUNDS_US } from "./latency-histogram.js";
import { RequestSum, type RequestTotals } from "./request-sum.js";

/** Which counts: all that match every id given. */
export interface TrafficFilter {
  readonly apiId?: string | null | undefined;
  readonly routeId?: string | null | undefined;
  readonly keyId?: string | null | undefined;
  readonly nodeId?: string | null | undefined;
}

export interface TrafficPoint extends RequestTotals {
  /** Start of the bucket. */
  readonly atMs: number;
  /** Length of the bucket. */
  readonly seconds: number;
}

export interface TrafficBounds {
  /** Distinct API, route, key and node in all buckets together. */
  readonly cellsMax: number;
}

const BOUNDS: TrafficBounds = { cellsMax: 50_000 };
const BUCKET_MS = 1_000;
export const TRAFFIC_SECONDS_MAX = 300;

/** One API, route, key and node in one bucket. */
interface Cell {
  readonly apiId: string;
  readonly routeId: string;
  readonly keyId: string;
  readonly nodeId: string;
  readonly sum: RequestSum;
}

interface Bucket {
  readonly index: number;
  readonly cells: Map<string, Cell>;
}

export class Traffic {
  readonly #clock: Clock;
  readonly #ring: Ring;
  readonly #startWallMs: number;
  readonly #startMonotonicMs: number;
  /** Those of the first node that says its own; the others' counts are translated. */
  #boundsUs: readonly number[] = LATENCY_BOUNDS_US;
  #hasBounds = false;
  #dropped = 0;

  constructor(clock: Clock, bounds: TrafficBounds = BOUNDS) {
    this.#clock = clock;
    this.#startWallMs = clock.now();
    this.#startMonotonicMs = clock.monotonicMs();
    this.#ring = new Ring(bounds.cellsMax);
  }

  /** When counting began; nothing is known of what came before. */
  get sinceMs(): number {
    return this.#startWallMs;
  }

  /** Counts that nodes lost before they could report them. */
  get dropped(): number {
    return this.#dropped;
  }

  record(nodeId: string, report: UsageReport, boundsUs: readonly number[]): void {
    this.#dropped += report.dropped;
    const from = this.#agreeOn(boundsUs);
    // What comes late belongs to its own second.
    const nowMs = this.#nowMs() - report.ageMs;
    if (report.ageMs >= (TRAFFIC_SECONDS_MAX - 1) * BUCKET_MS) return;
    for (const count of report.counts) {
      this.#add(this.#ring.cell(nowMs, nodeId, count, this.#boundsUs), count, from);
    }
  }

  /** The newest seconds, oldest first, empty ones included; the last one is still being filled. */
  points(filter: TrafficFilter, seconds: number): readonly TrafficPoint[] {
    const newest = Math.floor(this.#nowMs() / BUCKET_MS);
    const count = Math.min(Math.max(1, Math.trunc(seconds)), TRAFFIC_SECONDS_MAX);
    return Array.from({ length: count }, (_, i) => this.#point(newest - count + 1 + i, filter));
  }

  /** The newest second that is over. */
  lastSecond(filter: TrafficFilter): TrafficPoint {
    return this.#point(Math.floor(this.#nowMs() / BUCKET_MS) - 1, filter);
  }

  /** The newest seconds as one. */
  total(filter: TrafficFilter, seconds: number): RequestTotals {
    const newest = Math.floor(this.#nowMs() / BUCKET_MS);
    return this.#sumOf(this.#ring.since(newest - Math.max(1, Math.trunc(seconds)) + 1), filter);
  }

  #point(index: number, filter: TrafficFilter): TrafficPoint {
    const bucket = this.#ring.at(index);
    return {
      atMs: index * BUCKET_MS,
      seconds: 1,
      ...this.#sumOf(bucket === undefined ? [] : [bucket], filter),
    };
  }

  #sumOf(buckets: Iterable<Bucket>, filter: TrafficFilter): RequestTotals {
    const all = new RequestSum(this.#boundsUs);
    for (const { cells } of buckets)
      for (const cell of cells.values()) if (matches(cell, filter)) all.add(cell.sum);
    return all.totals();
  }

  #add({ sum }: Cell, count: UsageCountReport, from: readonly number[]): void {
    sum.requests += count.count;
    if (count.status >= 500) sum.serverErrors += count.count;
    else if (count.status >= 400) {
      sum.clientErrors += count.count;
      if (count.errorCode !== "") sum.refused += count.count;
    }
    sum.requestBytes += count.requestBytes;
    sum.responseBytes += count.responseBytes;
    addCounts(sum.latency, this.#boundsUs, count.latencyBuckets, from);
  }

  /** The bounds that a report was made with; the first report decides ours. */
  #agreeOn(boundsUs: readonly number[]): readonly number[] {
    if (boundsUs.length === 0 || sameNumbers(boundsUs, this.#boundsUs)) return this.#boundsUs;
    if (!this.#hasBounds && this.#ring.isEmpty) {
      this.#hasBounds = true;
      this.#boundsUs = [...boundsUs];
      return this.#boundsUs;
    }
    return boundsUs;
  }

  /** Wall time that does not jump. */
  #nowMs(): number {
    return this.#startWallMs + (this.#clock.monotonicMs() - this.#startMonotonicMs);
  }
}

class Ring {
  readonly #cellsMax: number;
  readonly #slots: (Bucket | undefined)[];
  #cells = 0;

  constructor(cellsMax: number) {
    this.#cellsMax = cellsMax;
    this.#slots = new Array<Bucket | undefined>(TRAFFIC_SECONDS_MAX).fill(undefined);
  }

  get isEmpty(): boolean {
    return this.#cells === 0;
  }

  at(index: number): Bucket | undefined {
    const bucket = this.#slots[index % this.#slots.length];
    return bucket?.index === index ? bucket : undefined;
  }

  *since(index: number): Generator<Bucket> {
    for (const bucket of this.#slots) if (bucket !== undefined && bucket.index >= index) yield bucket;
  }

  cell(nowMs: number, nodeId: string, count: UsageCountReport, boundsUs: readonly number[]): Cell {
    const { cells } = this.#open(Math.floor(nowMs / BUCKET_MS));
    const { apiId, routeId, keyId } = count;
    const exact = `${apiId} ${routeId} ${keyId} ${nodeId}`;
    const known = cells.get(exact);
    if (known !== undefined) return known;
    if (this.#cells < this.#cellsMax)
      return this.#make(cells, exact, { apiId, routeId, keyId, nodeId }, boundsUs);
    // A quarter more is for sums by API; what is beyond that is one cell a bucket.
    const byApi = cells.get(apiId);
    if (byApi !== undefined) return byApi;
    const only = { apiId: "", routeId: "", keyId: "", nodeId: "" };
    if (this.#cells < this.#cellsMax * 1.25) return this.#make(cells, apiId, { ...only, apiId }, boundsUs);
    return cells.get("") ?? this.#make(cells, "", only, boundsUs);
  }

  #make(
    cells: Map<string, Cell>,
    name: string,
    ids: Pick<Cell, "apiId" | "routeId" | "keyId" | "nodeId">,
    boundsUs: readonly number[],
  ): Cell {
    const cell: Cell = { ...ids, sum: new RequestSum(boundsUs) };
    cells.set(name, cell);
    this.#cells++;
    return cell;
  }

  #open(index: number): Bucket {
    const slot = index % this.#slots.length;
    const there = this.#slots[slot];
    if (there?.index === index) return there;
    this.#dropOlderThan(index - this.#slots.length + 1);
    const bucket: Bucket = { index, cells: new Map() };
    this.#slots[slot] = bucket;
    return bucket;
  }

  /** Also buckets whose place nobody has taken: quiet times must not hold cells. */
  #dropOlderThan(index: number): void {
    for (const [slot, bucket] of this.#slots.entries()) {
      if (bucket === undefined || bucket.index >= index) continue;
      this.#cells -= bucket.cells.size;
      this.#slots[slot] = undefined;
    }
  }
}

function matches(cell: Cell, filter: TrafficFilter): boolean {
  return (
    (filter.apiId == null || filter.apiId === cell.apiId) &&
    (filter.routeId == null || filter.routeId === cell.routeId) &&
    (filter.keyId == null || filter.keyId === cell.keyId) &&
    (filter.nodeId == null || filter.nodeId === cell.nodeId)
  );
}

function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
