/** Upper bounds of the latency buckets in microseconds: 100 µs to 10 s; one more bucket is open. */
export const LATENCY_BOUNDS_US = [
  100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
  5_000_000, 10_000_000,
] as const;

export const LATENCY_BUCKETS = LATENCY_BOUNDS_US.length + 1;

/** The bucket of a latency in microseconds. */
export function latencyBucket(durationUs: number): number {
  let bucket = 0;
  while (bucket < LATENCY_BOUNDS_US.length && durationUs > (LATENCY_BOUNDS_US[bucket] as number)) bucket++;
  return bucket;
}
