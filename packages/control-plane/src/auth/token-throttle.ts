/**
 * Counts wrong tokens by client and refuses further ones for the rest of the minute, so that nobody guesses for long
 * and nobody keeps others from signing in. Knows no tokens.
 */
import { type Clock, clientNetwork } from "@latchkey/core";
import { HttpError } from "../errors/http-error.js";

const MINUTE_MS = 60_000;
/** Clients that are remembered; the oldest is forgotten first. */
const CLIENTS_MAX = 10_000;

interface Window {
  readonly startMs: number;
  failures: number;
}

export interface TokenThrottleOptions {
  readonly clock: Clock;
  /** Wrong tokens in a minute from one client: an IPv4 address or an IPv6 /64. */
  readonly failuresPerMinuteMax: number;
}

export class TokenThrottle {
  readonly #options: TokenThrottleOptions;
  readonly #windows = new Map<string, Window>();

  constructor(options: TokenThrottleOptions) {
    this.#options = options;
  }

  /** The response for a client that may not try now, or null. */
  refusal(address: string): HttpError | null {
    const { clock, failuresPerMinuteMax } = this.#options;
    const window = this.#windows.get(clientNetwork(address));
    if (window === undefined || window.failures < failuresPerMinuteMax) return null;
    const leftMs = window.startMs + MINUTE_MS - clock.monotonicMs();
    if (leftMs <= 0) return null;
    const seconds = Math.ceil(leftMs / 1000);
    return new HttpError(
      429,
      "TOO_MANY_REQUESTS",
      `Too many wrong tokens came from this address. Try again in ${seconds} s.`,
      { "retry-after": String(seconds) },
    );
  }

  /** A wrong token came from this address. */
  failed(address: string): void {
    const { clock } = this.#options;
    const client = clientNetwork(address);
    const nowMs = clock.monotonicMs();
    const window = this.#windows.get(client);
    if (window !== undefined && nowMs - window.startMs < MINUTE_MS) {
      window.failures += 1;
      return;
    }
    this.#windows.delete(client);
    if (this.#windows.size >= CLIENTS_MAX) {
      const [oldest] = this.#windows.keys();
      if (oldest !== undefined) this.#windows.delete(oldest);
    }
    this.#windows.set(client, { startMs: nowMs, failures: 1 });
  }
}
