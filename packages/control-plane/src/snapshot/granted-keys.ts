/** The data keys that one node was granted on its stream. Knows when there are others. */
import type { KeyGrantValue } from "@latchkey/snapshot";
import { encodeKeyGrant } from "./wire.js";

/** Where data keys come from; the credential module has them. */
export interface KeyGrants {
  /** Grows with each change of the keys; 0: there are none. */
  readonly grantNumber: number;
  /** For the node with this public key; null: there are none. @throws Error when the public key is not fit */
  grantTo(publicKey: Uint8Array): Promise<{ readonly number: number; readonly grant: KeyGrantValue } | null>;
}

export class GrantedKeys {
  readonly #grants: KeyGrants;
  readonly #publicKey: Uint8Array;
  #granted = 0;

  constructor(grants: KeyGrants, publicKey: Uint8Array) {
    this.#grants = grants;
    this.#publicKey = publicKey;
  }

  /** The message that the node needs before what comes next, or null. @throws Error when its public key is not fit */
  async next(): Promise<Buffer | null> {
    if (this.#grants.grantNumber === this.#granted) return null;
    const granted = await this.#grants.grantTo(this.#publicKey);
    if (granted === null) return null;
    this.#granted = granted.number;
    return encodeKeyGrant(granted.grant);
  }
}
