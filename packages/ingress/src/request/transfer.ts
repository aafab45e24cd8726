/** What is known of a proxied request once it is over, for those who count and report it. */
import type { IngressErrorCode } from "@latchkey/core";
import type { RequestAttempt } from "../usage/request-samples.js";

/** What was transferred for a proxied request, and how it ended. */
export interface Transfer {
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** What was sent to the integration. Asked for once the request is over. */
  attempts(): RequestAttempt[];
  /** Null: the response is the integration's and complete. */
  readonly errorCode: IngressErrorCode | null;
  /** Monotonic; when the response was over, if not now: what follows a 101 is no response. */
  readonly respondedAtMs: number | null;
  /** The time that the gateway added. @param durationUs of the whole request */
  gatewayUsOf(durationUs: number): number;
}
