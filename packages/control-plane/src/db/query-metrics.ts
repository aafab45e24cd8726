/** Times what the database is asked. Sees no text and no parameter of a query. */
import { type Counter, counter, type Histogram, histogram, type Registry } from "@latchkey/observe";
import type { LogEvent } from "kysely";

export type QueryLog = (event: LogEvent) => void;

export function queryMetrics(registry: Registry): QueryLog {
  const durations: Histogram = histogram(registry, {
    name: "latchkey_database_query_duration_seconds",
    help: "Durations of database queries, waiting for the writers' lock included. The rate of its sum is how busy the database is.",
    buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
  });
  const failures: Counter = counter(registry, {
    name: "latchkey_database_query_failures_total",
    help: "Database queries that failed.",
  });
  return ({ level, queryDurationMillis }) => {
    durations.observe(queryDurationMillis / 1000);
    if (level === "error") failures.inc();
  };
}
