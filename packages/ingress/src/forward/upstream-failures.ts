/**
 * Logs why requests and health checks of integrations fail, with the cause that the client is not told. One line for each integration and code in
 * ten seconds, however many requests fail. Logs hosts and ports, never paths or queries: they may hold secrets.
 */
import type { Clock, IngressErrorCode } from "@latchkey/core";
import { UpstreamError } from "@latchkey/http1";
import type { Logger } from "@latchkey/observe";
import { LogThrottle } from "./log-throttle.js";

/** Reasons may quote an origin's certificate. */
const REASON_CHARS_MAX = 200;

/** Why a check failed. */
export type HealthFailure =
  | UpstreamError
  | { readonly failure: "timeout"; readonly timeoutMs: number }
  | { readonly failure: "status"; readonly status: number };

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
    this.#log.warn(
      {
        integrationId,
        host,
        code,
        ...detailsOf(error),
        requestId,
        ...(notLogged === 0 ? {} : { notLogged }),
      },
      "a request to an integration failed",
    );
  }

  /** Once for each change of a target's health. @param failure of the last check; null: it passed */
  healthChanged(integrationId: string, host: string, failure: HealthFailure | null): void {
    if (failure === null) this.#log.info({ integrationId, host }, "a target is healthy again");
    else
      this.#log.warn(
        { integrationId, host, ...(failure instanceof UpstreamError ? detailsOf(failure) : failure) },
        "a target is unhealthy and gets no requests",
      );
  }
}

/** Without addresses and URLs. */
export function healthFailureText(failure: HealthFailure): string {
  if (failure instanceof UpstreamError) return `health check: ${failureText(failure)}`;
  return failure.failure === "status"
    ? `health check: status ${failure.status}`
    : `health check: no response within ${failure.timeoutMs} ms`;
}

/** The cause where there is one: `connect_failed (ECONNREFUSED)`. */
export function failureText(error: UpstreamError): string {
  const { failure = "", cause } = detailsOf(error);
  return cause === undefined ? failure : `${failure} (${cause})`;
}

function detailsOf(error: UpstreamError): Readonly<Record<string, string>> {
  const { code: cause } = (error.cause ?? {}) as { readonly code?: unknown };
  return {
    failure: error.code,
    ...(typeof cause === "string" ? { cause } : {}),
    reason: error.message.trim().slice(0, REASON_CHARS_MAX),
  };
}
