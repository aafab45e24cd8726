/**
 * How many connections one client may hold, by its address: what keeps a slowloris from taking them all. IPv6 clients
 * are counted by their /64, which is what one of them is given. Trusted proxies hold as many as they like: behind one
 * are many clients. With uWebSockets.js, which knows no connections, requests in flight are counted instead.
 */
import { clientNetwork } from "@latchkey/core";

const NOT_COUNTED = "";

export interface AddressCapOptions {
  /** 0: no limit. */
  readonly connectionsMax: number;
  readonly isTrusted: (address: string) => boolean;
}

export class AddressCap {
  readonly #options: AddressCapOptions;
  readonly #held = new Map<string, number>();

  constructor(options: AddressCapOptions) {
    this.#options = options;
  }

  /** Clients that are counted now. */
  get clients(): number {
    return this.#held.size;
  }

  /** Counts a connection. @returns what `leave` is to be called with once it is closed; null: it is one too many */
  enter(address: string): string | null {
    const { connectionsMax, isTrusted } = this.#options;
    if (connectionsMax === 0 || isTrusted(address)) return NOT_COUNTED;
    const client = clientNetwork(address);
    const held = this.#held.get(client) ?? 0;
    if (held >= connectionsMax) return null;
    this.#held.set(client, held + 1);
    return client;
  }

  leave(client: string): void {
    if (client === NOT_COUNTED) return;
    const held = (this.#held.get(client) ?? 1) - 1;
    if (held === 0) this.#held.delete(client);
    else this.#held.set(client, held);
  }
}
