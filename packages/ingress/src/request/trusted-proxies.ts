/** Which peers are believed about the client, and the one header that they write about it. */
import { IpBlocks } from "@latchkey/core";
import type { TrustedProxyHeader } from "../forward/carried-forwarding.js";
import type { FrontRequest } from "../fronts/front-request.js";

export class TrustedProxies {
  readonly #blocks: IpBlocks | null;
  readonly #header: TrustedProxyHeader;

  /** @param cidrs none: nobody is trusted */
  constructor(cidrs: readonly string[], header: TrustedProxyHeader) {
    this.#blocks = cidrs.length === 0 ? null : new IpBlocks(cidrs);
    this.#header = header;
  }

  has(address: string): boolean {
    return this.#blocks?.has(address) === true;
  }

  /** The header that the peer writes, null when it is not trusted. Asks for its address, a system call with uws, only if need be. */
  headerOf(request: FrontRequest): TrustedProxyHeader | null {
    return this.#blocks?.has(request.remoteAddress) === true ? this.#header : null;
  }
}
