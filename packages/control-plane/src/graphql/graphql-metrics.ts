/** Counts and times operations by kind and outcome. Labels come from this file only. */
import { type Counter, counter, type Histogram, histogram, type Registry } from "@latchkey/observe";

const kinds = ["query", "mutation", "subscription", "none"] as const;
export type OperationKind = (typeof kinds)[number];

const outcomes = ["ok", "error"] as const;

export class GraphqlMetrics {
  readonly #operations: Counter<"kind" | "outcome">;
  readonly #durations: Histogram<"kind">;

  constructor(registry: Registry) {
    this.#operations = counter(registry, {
      name: "latchkey_graphql_operations_total",
      help: "GraphQL operations by kind (none: unknown) and outcome.",
      labels: ["kind", "outcome"],
      series: kinds.flatMap((kind) => outcomes.map((outcome) => ({ kind, outcome }))),
    });
    this.#durations = histogram(registry, {
      name: "latchkey_graphql_operation_duration_seconds",
      help: "Durations of GraphQL operations over HTTP, waiting for receipts included.",
      labels: ["kind"],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    });
  }

  count(kind: OperationKind, outcome: (typeof outcomes)[number], durationMs: number): void {
    this.#operations.inc({ kind, outcome });
    this.#durations.observe({ kind }, durationMs / 1000);
  }
}
