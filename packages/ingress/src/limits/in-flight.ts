/**
 * Requests in flight of one key, integration or subscription on this node, and the bytes of bodies that they hold.
 * Outlives changes of what it belongs to. The limits are checked in request/admission.ts and request/buffered-bytes.ts.
 */
export class InFlight {
  requests = 0;
  /** Of a subscription only. */
  bufferedBytes = 0;
}

/** The counts of subscriptions: one object each for as long as an integration or a request refers to it. */
export class SubscriptionsInFlight {
  readonly #counts = new Map<string, WeakRef<InFlight>>();
  readonly #registry = new FinalizationRegistry<string>((id) => {
    if (this.#counts.get(id)?.deref() === undefined) this.#counts.delete(id);
  });

  of(subscriptionId: string): InFlight {
    const known = this.#counts.get(subscriptionId)?.deref();
    if (known !== undefined) return known;
    const made = new InFlight();
    this.#counts.set(subscriptionId, new WeakRef(made));
    this.#registry.register(made, subscriptionId);
    return made;
  }
}
