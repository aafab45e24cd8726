/** What was counted in the last hour, of many at once: for lists that show it beside each item. */
import type { Clock } from "@latchkey/core";
import type { UsageReader, UsageTotals } from "./usage-reader.js";
import { lastMinutes } from "./usage-span.js";

export class RecentUsage {
  readonly #reader: UsageReader;
  readonly #clock: Clock;

  constructor(deps: { readonly reader: UsageReader; readonly clock: Clock }) {
    this.#reader = deps.reader;
    this.#clock = deps.clock;
  }

  /** By id; those without requests are left out. */
  of(
    kind: "ROUTE" | "KEY" | "INTEGRATION",
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, UsageTotals>> {
    return this.#reader.totalsOf(lastMinutes(this.#clock.now()), {}, kind, ids);
  }
}
