// What a load process says at its end: one line that the benchmark reads.
export function report(summary) {
  process.stdout.write(`\nLOAD ${JSON.stringify(summary)}\n`);
}

export function quantile(latencies) {
  latencies.sort((a, b) => a - b);
  const at = (share) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
  return { p50Us: at(0.5), p99Us: at(0.99), p999Us: at(0.999) };
}
