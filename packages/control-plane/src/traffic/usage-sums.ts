/** Batches of nodes as sums by level, time and series. Pure. */
import type { UsageCountReport } from "../snapshot/node-observer.js";
import { addCounts, emptyCounts, type LatencyCounts } from "./latency-histogram.js";
import { levelShapes, USAGE_BOUNDS_US, type UsageLevel, usageLevels } from "./usage-levels.js";

/** What usage is counted by. */
export interface UsageSeries {
  readonly nodeId: string;
  readonly apiId: string;
  readonly routeId: string;
  readonly keyId: string;
  readonly integrationId: string;
  readonly status: number;
  readonly errorCode: string;
}

/** Counts of one batch of a node, by our clock. */
export interface CountedBatch {
  readonly nodeId: string;
  /** When it ends. */
  readonly atMs: number;
  readonly counts: readonly UsageCountReport[];
  readonly boundsUs: readonly number[];
}

export interface UsageSum {
  readonly level: UsageLevel;
  readonly startMs: number;
  readonly series: UsageSeries;
  requests: number;
  requestBytes: number;
  responseBytes: number;
  previousSecret: number;
  readonly latency: LatencyCounts;
}

/** A sum for each level, time and series. */
export function sumsOf(batches: readonly CountedBatch[]): readonly UsageSum[] {
  const sums = new Map<string, UsageSum>();
  for (const { nodeId, atMs, counts, boundsUs } of batches)
    for (const count of counts) {
      const series = seriesOf(nodeId, count);
      const name = nameOfSeries(series);
      for (const level of usageLevels) {
        const { ms } = levelShapes[level];
        const startMs = Math.floor(atMs / ms) * ms;
        const key = `${level} ${startMs} ${name}`;
        const sum = sums.get(key) ?? emptySum(level, startMs, series);
        sums.set(key, sum);
        add(sum, count, boundsUs);
      }
    }
  return [...sums.values()];
}

function emptySum(level: UsageLevel, startMs: number, series: UsageSeries): UsageSum {
  return {
    level,
    startMs,
    series,
    requests: 0,
    requestBytes: 0,
    responseBytes: 0,
    previousSecret: 0,
    latency: emptyCounts(USAGE_BOUNDS_US),
  };
}

export function nameOfSeries({
  nodeId,
  apiId,
  routeId,
  keyId,
  integrationId,
  status,
  errorCode,
}: UsageSeries): string {
  return JSON.stringify([nodeId, apiId, routeId, keyId, integrationId, status, errorCode]);
}

function seriesOf(nodeId: string, count: UsageCountReport): UsageSeries {
  const { apiId, routeId, keyId, integrationId, status, errorCode } = count;
  return { nodeId, apiId, routeId, keyId, integrationId, status, errorCode };
}

function add(sum: UsageSum, count: UsageCountReport, boundsUs: readonly number[]): void {
  sum.requests += count.count;
  sum.requestBytes += count.requestBytes;
  sum.responseBytes += count.responseBytes;
  if (count.previousSecret) sum.previousSecret += count.count;
  addCounts(sum.latency, USAGE_BOUNDS_US, count.latencyBuckets, boundsUs);
}
