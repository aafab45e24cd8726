/**
 * HOT. How a request ended, as one number, so that rows of counts are found by one comparison: its status, the gateway's
 * error code, and whether the client presented the key's secret before the last regeneration.
 */
import { type IngressErrorCode, ingressErrors } from "@latchkey/core";

const STATUS_BITS = 12;
const STATUS_MASK = (1 << STATUS_BITS) - 1;
const PREVIOUS_SECRET = 1 << STATUS_BITS;
const CODE_SHIFT = STATUS_BITS + 1;

const codes = Object.keys(ingressErrors) as IngressErrorCode[];
/** From 1: 0 is no code. */
const numberOfCode = new Map(codes.map((code, index) => [code, index + 1]));

/** HOT. The status alone for most requests. */
export function outcomeOf(
  status: number,
  code: IngressErrorCode | null,
  usesPreviousSecret: boolean,
): number {
  let outcome = status & STATUS_MASK;
  if (usesPreviousSecret) outcome |= PREVIOUS_SECRET;
  if (code !== null) outcome |= (numberOfCode.get(code) ?? 0) << CODE_SHIFT;
  return outcome;
}

export function statusOf(outcome: number): number {
  return outcome & STATUS_MASK;
}

/** Empty: the response is the integration's. */
export function codeOf(outcome: number): IngressErrorCode | "" {
  return codes[(outcome >> CODE_SHIFT) - 1] ?? "";
}

export function usesPreviousSecret(outcome: number): boolean {
  return (outcome & PREVIOUS_SECRET) !== 0;
}
