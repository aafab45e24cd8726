// What load processes share: how they keep clients busy, and the one line that the benchmark reads at their end.

export function report(summary) {
  process.stdout.write(`\nLOAD ${JSON.stringify(summary)}\n`);
}

/** Keeps `clients` at work until the time is over, each with one request after the other. */
export async function keepBusy(clients, endsAt, one) {
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (performance.now() < endsAt) await one();
    }),
  );
}

/** @param latencies in microseconds, one for each response */
export function reportLatencies(latencies, startedAt, more) {
  latencies.sort((a, b) => a - b);
  const at = (share) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
  report({
    requests: latencies.length,
    durationUs: (performance.now() - startedAt) * 1000,
    p50Us: at(0.5),
    p99Us: at(0.99),
    p999Us: at(0.999),
    ...more,
  });
}
