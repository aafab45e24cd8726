/**
 * Logs why requests to integrations fail, with the cause that the client is not told. One line for each integration and code in
 * ten seconds, however many requests fail. Logs hosts and ports, never paths or queries: they may hold secrets.
 */
import type { Clock, IngressErrorCode } from "@latchkey/core";
import type { UpstreamError } from "@latchkey/http1";
import type { Logger } from "@latchkey/observe";
import { LogThrottle } from "./log-throttle.js";

/** Reasons may quote an origin's certificate. */
const REASON_CHARS_MAX = 200;

export class UpstreamFailures {
  readonly #log: Logger;
  /** By integration, host and code. */
  readonly #throttle: LogThrottle;

  constructor(log: Logger, clock: Clock) {
    this.#log = log;
    this.#throttle = new LogThrottle(clock);
  }

  /** @param host of the target, with its port */
  report(
    integrationId: string,
    host: string,
    code: IngressErrorCode,
    error: UpstreamError,
    requestId: string,
  ): void {
    const notLogged = this.#throttle.pass(`${integrationId} ${host} ${code}`);
    if (notLogged === null) return;
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
        ...(notLogged === 0 ? {} : { notLogged }),
      },
      "a request to an integration failed",
    );
  }
}
