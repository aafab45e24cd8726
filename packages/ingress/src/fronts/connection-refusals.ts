/**
 * Client connections that were refused, or closed while idle to make room for others: counted, and logged at once but no
 * more often than the operator can read. The response is the engine's to send.
 */
import type { Clock } from "@latchkey/core";
import type { Logger } from "@latchkey/observe";
import type { ConnectionCounts, ConnectionRefusalReason } from "../usage/ingress-stats.js";

const LOG_INTERVAL_MS = 10_000;

const SENTENCES: Readonly<Record<ConnectionRefusalReason, string>> = {
  server_full:
    "a client connection was refused: limits.connectionsMax, or the file descriptors of this process, are used up",
  address_full:
    "a client connection was refused: its address has limits.connectionsPerAddressMax open; a proxy of yours belongs into trustedProxies",
  idle_closed: "an idle client connection was closed to make room for a new one",
};

export class ConnectionRefusals {
  readonly #counts: ConnectionCounts;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #lastLoggedMs = new Map<ConnectionRefusalReason, number>();
  readonly #logged: Record<ConnectionRefusalReason, number> = {
    server_full: 0,
    address_full: 0,
    idle_closed: 0,
  };

  constructor(counts: ConnectionCounts, clock: Clock, log: Logger) {
    this.#counts = counts;
    this.#clock = clock;
    this.#log = log;
  }

  /** @param address of the client, where it is known */
  count(reason: ConnectionRefusalReason, address?: string): void {
    const total = ++this.#counts[reason];
    const now = this.#clock.monotonicMs();
    const last = this.#lastLoggedMs.get(reason);
    if (last !== undefined && now - last < LOG_INTERVAL_MS) return;
    this.#lastLoggedMs.set(reason, now);
    this.#log.warn({ reason, address, count: total - this.#logged[reason] }, SENTENCES[reason]);
    this.#logged[reason] = total;
  }
}
