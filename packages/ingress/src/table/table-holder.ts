/** The one reference to the current table. One assignment publishes a table; a request reads it once. */
import type { IntegrationHandle } from "./integration-slot.js";
import type { RouteTable } from "./route-table.js";

export class TableHolder<I extends IntegrationHandle> {
  #current: RouteTable<I> | null = null;
  /** Control plane's clock minus ours, from heartbeats: expiry does not hang on our clock. */
  clockOffsetMs = 0;
  /** Monotonic time at which the control plane last confirmed our revision. */
  confirmedAtMs = Number.NEGATIVE_INFINITY;

  /** HOT. Null until a revision is applied. */
  get current(): RouteTable<I> | null {
    return this.#current;
  }

  /** Gives the table that was replaced. */
  swap(table: RouteTable<I>): RouteTable<I> | null {
    const previous = this.#current;
    this.#current = table;
    return previous;
  }
}
