/** Counts operations by kind and outcome. Labels come from this file only. */
import { type Counter, counter, type Registry } from "@latchkey/observe";

export type OperationKind = "query" | "mutation" | "subscription" | "none";

export class GraphqlMetrics {
  readonly #operations: Counter<"kind" | "outcome">;

  constructor(registry: Registry) {
    this.#operations = counter(registry, {
      name: "latchkey_graphql_operations_total",
      help: "GraphQL operations by kind (none: unknown) and outcome.",
      labels: ["kind", "outcome"],
    });
  }

  count(kind: OperationKind, outcome: "ok" | "error"): void {
    this.#operations.inc({ kind, outcome });
  }
}
