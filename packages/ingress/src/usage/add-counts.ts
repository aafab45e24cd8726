/** Sums of plain counters. */

export function addCounts<K extends string>(to: Record<K, number>, from: Readonly<Record<K, number>>): void {
  for (const kind of Object.keys(to) as K[]) to[kind] += from[kind];
}

/** Index by index. */
export function addEach(to: number[], from: readonly number[]): void {
  for (const [i, count] of from.entries()) to[i] = (to[i] ?? 0) + count;
}
