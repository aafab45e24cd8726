/**
 * The address a request came from: the peer of its connection, or what a trusted proxy says in `X-Forwarded-For`. The
 * header of anybody else is ignored.
 */
import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";
import { plainAddress } from "@latchkey/core";

export class ClientAddresses {
  readonly #trusted: BlockList | null;

  /** `trustedProxies`: addresses and ranges, checked by `isAddressRange`. */
  constructor(trustedProxies: readonly string[]) {
    this.#trusted = trustedProxies.length === 0 ? null : new BlockList();
    for (const entry of trustedProxies) {
      const [address = "", prefix] = entry.split("/");
      const family = isIP(address) === 6 ? "ipv6" : "ipv4";
      if (prefix === undefined) this.#trusted?.addAddress(address, family);
      else this.#trusted?.addSubnet(address, Number(prefix), family);
    }
  }

  isTrusted(peer: string): boolean {
    const address = plainAddress(peer);
    const family = isIP(address);
    return family !== 0 && this.#trusted?.check(address, family === 6 ? "ipv6" : "ipv4") === true;
  }

  of(req: IncomingMessage): string {
    let client = plainAddress(req.socket.remoteAddress ?? "");
    const forwarded = req.headers["x-forwarded-for"];
    const hops = (Array.isArray(forwarded) ? forwarded.join(",") : (forwarded ?? "")).split(",");
    // Each proxy adds the address it saw at the end: the last one that is no trusted proxy is the client.
    while (this.isTrusted(client)) {
      const previous = plainAddress(hops.pop()?.trim() ?? "");
      if (isIP(previous) === 0) break;
      client = previous;
    }
    return client;
  }
}

/** An address or a range like 10.0.0.0/8. */
export function isAddressRange(entry: string): boolean {
  const [address = "", prefix, ...rest] = entry.split("/");
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 6 ? 128 : 32));
}
