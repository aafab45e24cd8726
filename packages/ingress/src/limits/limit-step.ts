/**
 * Counts a request against the limits of its key, API, route and integration: on this node, or in the counter that
 * nodes or workers share.
 */
import type { Integration } from "../forward/integration.js";
import type { BuiltApi, CompiledRoute } from "../table/compiled-api.js";
import type { CurrentTable } from "../table/current-table.js";
import type { KeyEntry } from "../table/key-entry.js";
import { type LimitRefusal, pushLimitHeaders, type RequestLimits, takeAll } from "./rate-limiter.js";
import type { SharedLimits } from "./shared-limits.js";

export class LimitStep {
  readonly #currentTable: CurrentTable<Integration>;
  readonly #shared: SharedLimits | null;

  /** @param shared null: this node counts for itself */
  constructor(currentTable: CurrentTable<Integration>, shared: SharedLimits | null) {
    this.#currentTable = currentTable;
    this.#shared = shared;
  }

  /** The limits that a request is counted against; null: there are none. @param route null: none matches */
  limitsOf(
    key: KeyEntry,
    api: BuiltApi<Integration>,
    route: CompiledRoute<Integration> | null,
  ): readonly RequestLimits[] | null {
    const ofApi = api.limits.api;
    const ofRoute = route === null ? null : route.limits;
    const ofIntegration = route?.integration.current?.limits ?? null;
    if (ofApi === null && ofRoute === null && ofIntegration === null)
      return key.limits === null ? null : [key.limits];
    return [key.limits, ofApi, ofRoute, ofIntegration].filter((limits) => limits !== null);
  }

  /** @returns null when the request may go on; a promise, which never rejects, while the shared counter is asked */
  take(limits: readonly RequestLimits[]): LimitRefusal | null | Promise<LimitRefusal | null> {
    const nowMs = this.#currentTable.serverTimeMs();
    return this.#shared === null ? takeAll(limits, nowMs) : this.#shared.take(limits, nowMs);
  }

  /** Appends the headers that tell a client its limits. @param limits null: there are none */
  pushHeaders(headers: string[], limits: readonly RequestLimits[] | null): void {
    if (limits !== null) pushLimitHeaders(headers, limits, this.#currentTable.serverTimeMs());
  }
}
