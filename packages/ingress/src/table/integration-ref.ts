/** Where an integration's id leads. Routes hold the reference, so a change of an integration touches no route. */
import type { RequestLimits } from "../limits/rate-limiter.js";

import type { CredentialRef } from "./credential-ref.js";

/** What the forwarder makes of an integration; the table only keeps it and says when it is over. */
export interface IntegrationHandle {
  readonly id: string;
  /** The credentials that its requests log in with. */
  readonly credentialIds: readonly string[];
  /** Called once for each of them, before the first request. */
  link(credential: CredentialRef): void;
  /** Null: there are none. */
  readonly limits: RequestLimits | null;
  /** Replaced or removed: no new request comes; requests in flight go on. */
  retire(): void;
}

export class IntegrationRef<I extends IntegrationHandle = IntegrationHandle> {
  readonly id: string;
  /** Null: the integration does not exist, or is quarantined. */
  current: I | null = null;
  /** Built APIs that hold this reference. */
  holderCount = 0;

  constructor(id: string) {
    this.id = id;
  }
}
