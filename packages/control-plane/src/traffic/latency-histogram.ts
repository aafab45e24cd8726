/** Latencies as counts between bounds, and quantiles out of them. Approximate by nature: as fine as the bounds. */

/** Until a node says its own: 1 ms to 100 s. */
export const LATENCY_BOUNDS_US: readonly number[] = [
  1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000, 5_000_000,
  10_000_000, 30_000_000, 100_000_000,
];

/** Counts by bucket: one more than there are bounds, the last is open. */
export type LatencyCounts = number[];

export function emptyCounts(boundsUs: readonly number[]): LatencyCounts {
  return new Array<number>(boundsUs.length + 1).fill(0);
}

/** Adds counts made with the bounds `from` to counts made with the bounds `to`. Too many buckets are taken as open. */
export function addCounts(
  target: LatencyCounts,
  to: readonly number[],
  counts: readonly number[],
  from: readonly number[],
): void {
  for (const [i, count] of counts.entries()) {
    if (count === 0) continue;
    const bound = from[i];
    const index =
      from === to ? Math.min(i, to.length) : bound === undefined ? to.length : bucketOf(bound, to);
    target[index] = (target[index] ?? 0) + count;
  }
}

/** The first bucket whose bound is not below the value. */
function bucketOf(valueUs: number, boundsUs: readonly number[]): number {
  const index = boundsUs.findIndex((bound) => bound >= valueUs);
  return index < 0 ? boundsUs.length : index;
}

/** The value below which the fraction lies, in microseconds; null without counts. Within a bucket, evenly spread. */
export function quantileUs(
  counts: LatencyCounts,
  boundsUs: readonly number[],
  fraction: number,
): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const rank = fraction * total;
  let below = 0;
  for (const [i, count] of counts.entries()) {
    if (count > 0 && below + count >= rank) {
      const low = i === 0 ? 0 : (boundsUs[i - 1] ?? 0);
      const high = boundsUs[i];
      // Of the open bucket only its lower bound is known.
      return high === undefined ? low : low + (high - low) * ((rank - below) / count);
    }
    below += count;
  }
  return boundsUs.at(-1) ?? null;
}
