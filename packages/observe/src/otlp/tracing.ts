/** Spans of OpenTelemetry, for both planes: what they are made of, and who decides about them and exports them. */
/** A sampled span that has begun. */
export interface SpanStart {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty: the trace begins with it. */
  readonly parentSpanId: string;
  /** The parent is of another process. */
  readonly isParentRemote: boolean;
  /** W3C `tracestate`, as it came. */
  readonly traceState: string;
}

export type SpanKind = "internal" | "server" | "client";
/** Numbers are whole. Undefined: there is no such attribute; an object that always has the same members is made and read faster. */
export type SpanAttributes = Record<string, string | number | boolean | undefined>;

/** A span that is over. */
export interface FinishedSpan extends SpanStart {
  readonly name: string;
  readonly kind: SpanKind;
  /** Monotonic milliseconds, as `performance.now()` gives them. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly attributes: SpanAttributes;
  readonly isError: boolean;
}

export interface Tracing {
  /**
   * Begins a span where a request comes in, if it is sampled.
   * @param traceparent valid or null: the client sent none
   */
  begin(traceparent: string | null, traceState: string): SpanStart | null;
  newSpanId(): string;
  end(span: FinishedSpan): void;
}
