/** The one reference to the current table. One assignment publishes a table; a request reads it once. */
import type { Clock } from "@latchkey/core";
import type { IntegrationHandle } from "./integration-slot.js";
import type { RouteTable } from "./route-table.js";

export class TableHolder<I extends IntegrationHandle> {
  #current: RouteTable<I> | null = null;
  /** Control plane's clock minus our monotonic one, from heartbeats; NaN until the first. */
  #serverOffsetMs = Number.NaN;
  /** Monotonic time at which the control plane last confirmed our revision. */
  confirmedAtMs = Number.NEGATIVE_INFINITY;

  /** HOT. Null until a revision is applied. */
  get current(): RouteTable<I> | null {
    return this.#current;
  }

  /** The control plane told its time. */
  heardServerTime(serverTimeMs: number, clock: Clock): void {
    this.#serverOffsetMs = serverTimeMs - clock.monotonicMs();
  }

  /**
   * HOT. The control plane's time, in milliseconds since 1970. Goes on by our monotonic clock, so that a step of our
   * wall clock makes no key expire or live again; by our wall clock only until the control plane was heard.
   */
  serverTimeMs(clock: Clock): number {
    const offsetMs = this.#serverOffsetMs;
    return Number.isNaN(offsetMs) ? clock.now() : clock.monotonicMs() + offsetMs;
  }

  /** Gives the table that was replaced. */
  swap(table: RouteTable<I>): RouteTable<I> | null {
    const previous = this.#current;
    this.#current = table;
    return previous;
  }
}
