/** HOT (count). Plain counters of a node; the admin server turns them into metrics when asked. No ids, no paths. */
import { type IngressErrorCode, ingressErrorCodes } from "@latchkey/core";
import { LATENCY_BOUNDS_US } from "../table/usage-cells.js";

export class IngressStats {
  /** By class of status: index 1 = 1xx … 5 = 5xx; 0 = the client went away. */
  readonly byStatusClass = [0, 0, 0, 0, 0, 0];
  readonly errors = new Map<IngressErrorCode, number>(ingressErrorCodes.map((code) => [code, 0]));
  readonly latencyBuckets: number[] = new Array<number>(LATENCY_BOUNDS_US.length + 1).fill(0);
  latencySumUs = 0;
  requestBytes = 0;
  responseBytes = 0;
  retries = 0;

  countStatus(status: number): void {
    const at = status === 499 ? 0 : Math.floor(status / 100);
    this.byStatusClass[at] = (this.byStatusClass[at] ?? 0) + 1;
  }

  countError(code: IngressErrorCode): void {
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  }

  countForwarded(requestBytes: number, responseBytes: number, durationUs: number): void {
    this.requestBytes += requestBytes;
    this.responseBytes += responseBytes;
    this.latencySumUs += durationUs;
    let bucket = 0;
    while (bucket < LATENCY_BOUNDS_US.length && durationUs > (LATENCY_BOUNDS_US[bucket] as number)) bucket++;
    this.latencyBuckets[bucket] = (this.latencyBuckets[bucket] as number) + 1;
  }
}
