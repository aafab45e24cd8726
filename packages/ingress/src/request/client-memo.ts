/** What the pipeline remembers of one client connection, beside what http1 does. Null where the front knows no connections. */
import { ConnectionMemo, type SharedHeaders } from "@latchkey/http1";
import type { TrustedProxyHeader } from "../forward/carried-forwarding.js";
import type { RequestScan, ScanMemo } from "./request-scan.js";

export class ClientMemo extends ConnectionMemo implements ScanMemo {
  /**
   * Caches: the scan of `headerBlock`. Bound: with it. Invalid: another block; the peer becomes a trusted proxy, or is none
   * any more. Gain: with `headerBlock`.
   */
  #scan: RequestScan | null = null;
  #scanned: readonly string[] | null = null;
  /**
   * Caches: the headers about the client. Bound: one; with `headerBlock`, or until the next tick. Invalid: another host or
   * pseudonym. Gain: 6 % of a small GET.
   */
  #forwarding: SharedHeaders | null = null;
  #host = "";
  #pseudonym = "";

  override age(): void {
    super.age();
    if (this.headerBlock.value !== null) return;
    this.#scan = null;
    this.#scanned = null;
    this.#forwarding = null;
  }

  scanOf(headers: readonly string[], proxyHeader: TrustedProxyHeader | null): RequestScan | null {
    return this.#scanned === headers && this.#scan?.proxyHeader === proxyHeader ? this.#scan : null;
  }

  keepScan(headers: readonly string[], scan: RequestScan): void {
    if (this.headerBlock.value?.headers !== headers) return;
    this.#scanned = headers;
    this.#scan = scan;
  }

  forwardingOf(host: string, pseudonym: string): SharedHeaders | null {
    return this.#host === host && this.#pseudonym === pseudonym ? this.#forwarding : null;
  }

  keepForwarding(host: string, pseudonym: string, forwarding: SharedHeaders): void {
    this.#host = host;
    this.#pseudonym = pseudonym;
    this.#forwarding = forwarding;
  }
}
