/**
 * How a request ended, as one number, so that rows of counts are found by one comparison: its status, its method, the
 * gateway's error code, and whether the client presented the key's secret before the last regeneration.
 */
import { type IngressErrorCode, ingressErrors } from "@latchkey/core";

const STATUS_BITS = 12;
const STATUS_MASK = (1 << STATUS_BITS) - 1;
const PREVIOUS_SECRET = 1 << STATUS_BITS;
const METHOD_SHIFT = STATUS_BITS + 1;
const METHOD_BITS = 4;
const METHOD_MASK = (1 << METHOD_BITS) - 1;
const CODE_SHIFT = METHOD_SHIFT + METHOD_BITS;

/** Of metrics: a client may send any token for a method. Empty: the front refused the request before it had one. */
const methods = ["other", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", ""] as const;
export type CountedMethod = (typeof methods)[number];

/** Of a request whose client went away without a response. Never on the wire. */
export const CLIENT_CLOSED_STATUS = 499;

/** Classes of statuses; the first is for clients that went away. */
export const statusClasses = ["client_closed", "1xx", "2xx", "3xx", "4xx", "5xx"] as const;
export type StatusClass = (typeof statusClasses)[number];

const codes = Object.keys(ingressErrors) as IngressErrorCode[];
/** From 1: 0 is no code. */
const numberOfCode = new Map(codes.map((code, index) => [code, index + 1]));

/** Status and method alone for most requests. */
export function outcomeOf(
  status: number,
  code: IngressErrorCode | null,
  usesPreviousSecret: boolean,
  method: string,
): number {
  let outcome = (status & STATUS_MASK) | (numberOfMethod(method) << METHOD_SHIFT);
  if (usesPreviousSecret) outcome |= PREVIOUS_SECRET;
  if (code !== null) outcome |= (numberOfCode.get(code) ?? 0) << CODE_SHIFT;
  return outcome;
}

/** The outcome of all requests with the same class of status, method and code: a few hundred at most. */
export function classOutcomeOf(outcome: number): number {
  const hundreds = 100 * statusClassIndex(statusOf(outcome));
  return (outcome & ~(STATUS_MASK | PREVIOUS_SECRET)) | hundreds;
}

export function statusOf(outcome: number): number {
  return outcome & STATUS_MASK;
}

/** Of `classOutcomeOf`, too. */
export function statusClassOf(outcome: number): StatusClass {
  return statusClasses[statusClassIndex(statusOf(outcome))] ?? "client_closed";
}

/** Index in `statusClasses`. */
export function statusClassIndex(status: number): number {
  return status === CLIENT_CLOSED_STATUS ? 0 : Math.floor(status / 100);
}

export function methodOf(outcome: number): CountedMethod {
  return methods[(outcome >> METHOD_SHIFT) & METHOD_MASK] ?? "other";
}

/** Empty: the response is the integration's. */
export function codeOf(outcome: number): IngressErrorCode | "" {
  return codes[(outcome >> CODE_SHIFT) - 1] ?? "";
}

export function usesPreviousSecret(outcome: number): boolean {
  return (outcome & PREVIOUS_SECRET) !== 0;
}

/** Index in `methods`. */
function numberOfMethod(method: string): number {
  switch (method) {
    case "GET":
      return 1;
    case "POST":
      return 3;
    case "HEAD":
      return 2;
    case "PUT":
      return 4;
    case "PATCH":
      return 5;
    case "DELETE":
      return 6;
    case "OPTIONS":
      return 7;
    case "":
      return 8;
    default:
      return 0;
  }
}
