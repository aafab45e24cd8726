/** Spans of OpenTelemetry, for both planes: what they are made of, and who decides about them and exports them. */
import type { NameResolver } from "../dns/name-resolver.js";
import type { Logger } from "../logger.js";
import type { Attributes } from "./otlp-encoding.js";
import type { OtlpCounts } from "./otlp-queue.js";

/** Of the exporter and the sampler; docs/config.md has them under `otlp`. */
export interface TracingSettings {
  readonly endpoint?: string | undefined;
  readonly protocol: "http/protobuf" | "grpc";
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly serviceName?: string | undefined;
  readonly resourceAttributes?: Readonly<Record<string, string>> | undefined;
  readonly sampler: string;
  readonly samplerArg: number;
}

export interface TracingOptions {
  readonly settings: TracingSettings;
  /** Attributes of the process: `service.name` and others. */
  readonly resource: Attributes;
  readonly resolver: NameResolver;
  readonly log: Logger;
  /** Kept up to date. */
  readonly counts: SpanCounts;
}

/** Spans that the collector took, and those that were lost. */
export type SpanCounts = OtlpCounts;

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
/** Numbers are whole. */
export type SpanAttributes = Record<string, string | number | boolean>;

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
  /** Exports what there is, within some seconds. */
  close(): Promise<void>;
}
