/**
 * The in-flight limits of key, subscription, node and integration, and the largest body: whether a request that has its route may
 * go on now, and who is in flight.
 */
import type { IngressErrorCode } from "@latchkey/core";
import { DenseList, type Placed } from "@latchkey/http1";
import type { IngressConfig } from "../config.js";
import type { Integration } from "../forward/integration.js";
import type { CompiledRoute } from "../table/compiled-api.js";
import type { KeyEntry } from "../table/key-entry.js";

/** A request in flight. */
export interface Admitted extends Placed {
  readonly key: KeyEntry;
  readonly integration: Integration;
  /** Ends it: the time for it is over. */
  giveUp(): void;
}

export class Admission {
  readonly #limits: IngressConfig["limits"];
  readonly #admitted = new DenseList<Admitted>();

  constructor(limits: IngressConfig["limits"]) {
    this.#limits = limits;
  }

  get inFlight(): number {
    return this.#admitted.size;
  }

  /** HOT. Why a request may not go on now, or null. @param bodyLength -1 = not known @param nowMs monotonic */
  refusalOf(
    key: KeyEntry,
    route: CompiledRoute<Integration>,
    integration: Integration,
    bodyLength: number,
    nowMs: number,
  ): IngressErrorCode | null {
    const limits = this.#limits;
    if (key.inFlight.requests >= limits.inFlightPerKeyMax) return "key.concurrency_limited";
    if (integration.subscription.requests >= limits.inFlightPerSubscriptionMax)
      return "subscription.concurrency_limited";
    if (this.#admitted.size >= limits.inFlightMax) return "gateway.overloaded";
    const { concurrentRequestsMax } = integration.settings;
    const isBusy =
      concurrentRequestsMax === 0
        ? integration.inFlight.requests >= limits.inFlightPerIntegrationMax
        : integration.places.refuses(key, concurrentRequestsMax, nowMs);
    if (isBusy) return "upstream.overloaded";
    const bodyMax = integration.requestBodyBytesMax(route.requestBodyBytesMax);
    return bodyLength > bodyMax ? "request.body_too_large" : null;
  }

  /** Counts it, until `leave`. */
  admit(request: Admitted): void {
    const { key, integration } = request;
    this.#admitted.add(request);
    key.inFlight.requests++;
    integration.inFlight.requests++;
    if (integration.settings.concurrentRequestsMax > 0) integration.places.take(key);
    integration.subscription.requests++;
  }

  leave(request: Admitted): void {
    const { key, integration } = request;
    this.#admitted.delete(request);
    key.inFlight.requests--;
    integration.inFlight.requests--;
    integration.places.leave(key);
    integration.subscription.requests--;
  }

  /** Ends all that is in flight. */
  giveUp(): void {
    for (const request of this.#admitted.toArray()) request.giveUp();
  }
}
