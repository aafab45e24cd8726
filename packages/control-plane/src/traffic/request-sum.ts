/** Requests added up: how many by outcome, their bytes and latencies. */
import { safe } from "../db/safe-sum.js";
import { addCounts, emptyCounts, type LatencyCounts, quantileUs } from "./latency-histogram.js";

/** What is added up. */
export interface RequestCounts {
  readonly requests: number;
  readonly clientErrors: number;
  readonly refused: number;
  readonly serverErrors: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly latency: LatencyCounts;
}

/** A sum as charts show it. */
export interface RequestTotals {
  readonly requests: number;
  /** Responses with 4xx. */
  readonly clientErrors: number;
  /** Of those, responses that the gateway made itself: it refused the request. */
  readonly refused: number;
  /** Responses with 5xx. */
  readonly serverErrors: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** Null with too few requests. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
}

export class RequestSum implements RequestCounts {
  readonly #boundsUs: readonly number[];
  readonly latency: LatencyCounts;
  requests = 0;
  clientErrors = 0;
  refused = 0;
  serverErrors = 0;
  requestBytes = 0;
  responseBytes = 0;

  constructor(boundsUs: readonly number[]) {
    this.#boundsUs = boundsUs;
    this.latency = emptyCounts(boundsUs);
  }

  /** @param counts with latencies by the bounds of this sum */
  add(counts: RequestCounts): void {
    this.requests += counts.requests;
    this.clientErrors += counts.clientErrors;
    this.refused += counts.refused;
    this.serverErrors += counts.serverErrors;
    this.requestBytes += counts.requestBytes;
    this.responseBytes += counts.responseBytes;
    addCounts(this.latency, this.#boundsUs, counts.latency, this.#boundsUs);
  }

  /** @param quantileRequestsMin fewer requests have no quantiles */
  totals(quantileRequestsMin = 0): RequestTotals {
    const quantileMs = (fraction: number): number | null => {
      const us =
        this.requests < quantileRequestsMin ? null : quantileUs(this.latency, this.#boundsUs, fraction);
      return us === null ? null : us / 1_000;
    };
    return {
      requests: safe(this.requests),
      clientErrors: safe(this.clientErrors),
      refused: safe(this.refused),
      serverErrors: safe(this.serverErrors),
      requestBytes: safe(this.requestBytes),
      responseBytes: safe(this.responseBytes),
      p50Ms: quantileMs(0.5),
      p95Ms: quantileMs(0.95),
      p99Ms: quantileMs(0.99),
    };
  }
}
