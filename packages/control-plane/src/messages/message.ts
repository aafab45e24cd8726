/** A request of the message trail in domain terms, and what may be looked for. */
import type { RequestAttemptReport, RequestSampleReport } from "../snapshot/node-observer.js";

/** A request as a node reported it. */
export interface Message extends RequestSampleReport {
  readonly nodeId: string;
  readonly nodeName: string;
}

export type MessageAttempt = RequestAttemptReport;

/** `FAILED`: all with a 4xx or 5xx response, or one that broke off. `SERVER_ERROR`: 5xx or broken off. */
export type MessageOutcome = "SUCCEEDED" | "FAILED" | "CLIENT_ERROR" | "SERVER_ERROR";

/** What is null or absent says nothing. */
export interface MessageFilter {
  readonly interchangeId?: string | null;
  readonly apiId?: string | null;
  readonly keyId?: string | null;
  readonly routeId?: string | null;
  readonly integrationId?: string | null;
  readonly nodeId?: string | null;
  readonly method?: string | null;
  /** A part of the path, in its own case. */
  readonly path?: string | null;
  readonly status?: number | null;
  readonly outcome?: MessageOutcome | null;
  readonly errorCode?: string | null;
  readonly since?: Date | null;
  /** Exclusive. */
  readonly until?: Date | null;
}

export function isFailed({ status, errorCode }: Pick<Message, "status" | "errorCode">): boolean {
  return status >= 400 || errorCode !== "";
}

/** Whether a request that has just come is looked for; it came now, so times do not matter. */
export function isWanted(message: Message, filter: MessageFilter): boolean {
  const { path, outcome, status, since, until, ...equal } = filter;
  for (const [name, wanted] of Object.entries(equal))
    if (wanted != null && wanted !== message[name as keyof typeof equal]) return false;
  if (status != null && status !== message.status) return false;
  if (path != null && !message.path.includes(path)) return false;
  return outcome == null || hasOutcome(message, outcome);
}

function hasOutcome(message: Message, outcome: MessageOutcome): boolean {
  if (outcome === "SUCCEEDED") return !isFailed(message);
  if (outcome === "FAILED") return isFailed(message);
  const isClientError = message.status >= 400 && message.status < 500;
  return outcome === "CLIENT_ERROR" ? isClientError : isFailed(message) && !isClientError;
}
