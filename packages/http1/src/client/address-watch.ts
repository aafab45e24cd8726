// Which addresses an origin's name has, while a pool has connections to it: one to an address that is none of them any more gets no
// further request.

import { isIP } from "node:net";
import type { HostResolver } from "./upstream-client.js";

export class AddressWatch {
  readonly #host: string;
  /** Null: the host is an address, or its resolver reports no changes. */
  readonly #resolver: HostResolver | null;
  readonly #onChange: () => void;
  #stop: (() => void) | null = null;
  /** Once they have changed; null: no change is known. */
  #addresses: ReadonlySet<string> | null = null;

  /** @param onChange `isMoved` may say something else than before */
  constructor(host: string, resolver: HostResolver | undefined, onChange: () => void) {
    this.#host = host;
    this.#resolver = resolver === undefined || isIP(host) !== 0 ? null : resolver;
    this.#onChange = onChange;
  }

  start(): void {
    if (this.#stop !== null || this.#resolver === null) return;
    this.#stop = this.#resolver.watch(this.#host, (addresses) => {
      this.#addresses = new Set(addresses.map(({ address }) => address));
      this.#onChange();
    });
  }

  stop(): void {
    this.#stop?.();
    this.#stop = null;
    this.#addresses = null;
  }

  /** The address is none of the name's any more. */
  isMoved(address: string | null): boolean {
    return address !== null && this.#addresses?.has(address) === false;
  }
}
