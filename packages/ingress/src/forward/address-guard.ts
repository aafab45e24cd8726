/**
 * Decides which addresses the gateway may connect to, by the policy that both planes share (`AddressPolicy` of core).
 * Asked with each resolved address, so that a DNS response that changes is caught.
 */
import { AddressPolicy } from "@latchkey/core";
import type { UpstreamAddress } from "@latchkey/http1";

export class AddressGuard {
  readonly #policy: AddressPolicy;

  /** @throws RangeError with the text that is not an address block */
  constructor(allowCidrs: readonly string[]) {
    this.#policy = new AddressPolicy(allowCidrs);
  }

  /** Bound, so that it can be handed on as it is. */
  readonly check = ({ address }: UpstreamAddress): boolean => this.#policy.refusal(address) === null;
}
