/**
 * How many connections one client may hold, by its address: what keeps a slowloris from taking them all. IPv6 clients
 * are counted by their /64, which is what one of them is given. Trusted proxies hold as many as they like: behind one
 * are many clients. Drops without an answer, as connections over the limit of all are.
 */
import type { Socket } from "node:net";
import { clientNetwork } from "@latchkey/core";

const IPV4_MAPPED = "::ffff:";

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

  /** Counts a new connection until it closes. False: it is one too many. */
  admits(socket: Socket): boolean {
    const { connectionsMax, isTrusted } = this.#options;
    const { remoteAddress } = socket;
    if (connectionsMax === 0 || remoteAddress === undefined) return true;
    const address = remoteAddress.startsWith(IPV4_MAPPED)
      ? remoteAddress.slice(IPV4_MAPPED.length)
      : remoteAddress;
    if (isTrusted(address)) return true;
    const client = clientNetwork(address);
    const held = this.#held.get(client) ?? 0;
    if (held >= connectionsMax) return false;
    this.#held.set(client, held + 1);
    socket.once("close", () => this.#release(client));
    return true;
  }

  #release(client: string): void {
    const held = (this.#held.get(client) ?? 1) - 1;
    if (held === 0) this.#held.delete(client);
    else this.#held.set(client, held);
  }
}
