/**
 * Logs how responses differ from what their operations say. One line for each route and status in ten seconds. Shows
 * nothing of a response but its status: values and names in it may be secrets.
 */
import type { Clock } from "@latchkey/core";
import type { Logger } from "@latchkey/observe";
import type { ResponseIssue } from "@latchkey/validation";
import { LogThrottle } from "./log-throttle.js";

/** Issues in one line. */
const ISSUES_MAX = 5;

export interface ResponseFault {
  readonly apiId: string;
  readonly routeId: string;
  readonly integrationId: string;
  readonly requestId: string;
  readonly status: number;
  readonly isRefused: boolean;
  readonly issues: readonly ResponseIssue[];
}

export class ResponseFaults {
  readonly #log: Logger;
  readonly #throttle: LogThrottle;

  constructor(log: Logger, clock: Clock) {
    this.#log = log;
    this.#throttle = new LogThrottle(clock);
  }

  report({ issues, ...fault }: ResponseFault): void {
    const notLogged = this.#throttle.pass(`${fault.routeId} ${fault.status}`);
    if (notLogged === null) return;
    this.#log.warn(
      { ...fault, issues: issues.slice(0, ISSUES_MAX), ...(notLogged === 0 ? {} : { notLogged }) },
      "a response does not match its operation",
    );
  }
}
