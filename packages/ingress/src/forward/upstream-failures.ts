/**
 * Logs why requests to integrations fail, with the cause that the client is not told. One line for each integration and code in
 * ten seconds, however many requests fail. Logs hosts and ports, never paths or queries: they may hold secrets.
 */
import type { Clock, IngressErrorCode } from "@latchkey/core";
import type { UpstreamError } from "@latchkey/http1";
import type { Logger } from "@latchkey/observe";

const QUIET_MS = 10_000;
/** Integrations times codes; more begin anew. */
const REMEMBERED_MAX = 1_024;
/** Reasons may quote an origin's certificate. */
const REASON_CHARS_MAX = 200;

interface Remembered {
  readonly untilMs: number;
  /** Failures that were not logged. */
  more: number;
}

export class UpstreamFailures {
  readonly #log: Logger;
  readonly #clock: Clock;
  #remembered = new Map<string, Remembered>();

  constructor(log: Logger, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** @param host of the target, with its port */
  report(
    integrationId: string,
    host: string,
    code: IngressErrorCode,
    error: UpstreamError,
    requestId: string,
  ): void {
    const key = `${integrationId} ${host} ${code}`;
    const nowMs = this.#clock.monotonicMs();
    const known = this.#remembered.get(key);
    if (known !== undefined && nowMs < known.untilMs) {
      known.more++;
      return;
    }
    if (this.#remembered.size >= REMEMBERED_MAX) this.#remembered = new Map();
    this.#remembered.set(key, { untilMs: nowMs + QUIET_MS, more: 0 });
    const { code: cause } = (error.cause ?? {}) as { readonly code?: unknown };
    this.#log.warn(
      {
        integrationId,
        host,
        code,
        failure: error.code,
        ...(typeof cause === "string" ? { cause } : {}),
        reason: error.message.trim().slice(0, REASON_CHARS_MAX),
        requestId,
        ...(known === undefined || known.more === 0 ? {} : { notLogged: known.more }),
      },
      "a request to an integration failed",
    );
  }
}
