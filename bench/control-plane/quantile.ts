/** Of milliseconds, as text with one decimal; `fraction` 1 is the largest. */
export function quantile(values: readonly number[], fraction: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.ceil(fraction * sorted.length) - 1)] ?? Number.NaN).toFixed(
    1,
  );
}
