/** The address of a request's client, and whether it may send. */
import type { IpPolicy } from "@latchkey/core";
import type { RequestContext } from "../request/request-context.js";
import type { TrustedProxies } from "../request/trusted-proxies.js";

export class ClientAddresses {
  readonly #proxies: TrustedProxies;

  constructor(proxies: TrustedProxies) {
    this.#proxies = proxies;
  }

  /** Both have to admit it. @param ofApi null: any address */
  refuses(context: RequestContext, ofApi: IpPolicy | null, ofKey: IpPolicy | null): boolean {
    if (ofApi === null && ofKey === null) return false;
    const address = this.of(context);
    return ofApi?.admits(address) === false || ofKey?.admits(address) === false;
  }

  /**
   * The peer, or what trusted proxies wrote: the last address that is not one of theirs, since a client can write those before it.
   * `unknown` where that element names no address.
   */
  of({ request, scan }: RequestContext): string {
    if (scan.carried === null) return request.remoteAddress;
    const { hops } = scan.carried;
    for (let i = hops.length - 1; i > 0; i--) {
      const hop = hops[i] as string;
      if (!this.#proxies.has(hop)) return hop;
    }
    return hops[0] ?? request.remoteAddress;
  }
}
