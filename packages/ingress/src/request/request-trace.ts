/** The trace of one sampled request: its span, and that of each attempt, whose id the integration gets in `traceparent`. */
import { type SpanStart, type Tracing, traceparentOf } from "@latchkey/observe";

export class RequestTrace {
  readonly start: SpanStart;
  readonly #tracing: Tracing;
  /** Of attempts that began, in order. */
  readonly #attemptSpanIds: string[] = [];
  #nextSpanId = "";
  /** Index of the value of `traceparent` in the headers of the upstream request. */
  #valueAt = -1;

  constructor(tracing: Tracing, start: SpanStart) {
    this.#tracing = tracing;
    this.start = start;
  }

  /** Appends the headers of the trace; `prepareAttempt` gives `traceparent` its value. */
  push(headers: string[]): void {
    const { traceState } = this.start;
    headers.push("traceparent", "");
    this.#valueAt = headers.length - 1;
    if (traceState !== "") headers.push("tracestate", traceState);
  }

  /** Before an attempt's request is made of the headers. */
  prepareAttempt(headers: string[]): void {
    this.#nextSpanId = this.#tracing.newSpanId();
    headers[this.#valueAt] = traceparentOf(this.start.traceId, this.#nextSpanId);
  }

  attemptBegins(): void {
    this.#attemptSpanIds.push(this.#nextSpanId);
  }

  /** Of the last attempts. */
  attemptSpanIds(count: number): readonly string[] {
    return count === 0 ? [] : this.#attemptSpanIds.slice(-count);
  }
}
