/** What a process tells an OpenTelemetry collector. */
import type { Registry } from "prom-client";
import type { NameResolver } from "../dns/name-resolver.js";
import type { Logger } from "../logger.js";
import type { LogExport } from "./log-export.js";
import type { Attributes } from "./otlp-encoding.js";
import type { OtlpCounts } from "./otlp-queue.js";
import type { OtlpSettings } from "./otlp-target.js";
import type { Tracing } from "./tracing.js";

/** What the collector took, and what was lost. */
export interface TelemetryCounts {
  readonly spans: OtlpCounts;
  readonly logRecords: OtlpCounts;
  /** Times that all metrics were read for the collector. */
  readonly metricExports: OtlpCounts;
}

export interface TelemetryOptions {
  readonly settings: OtlpSettings;
  /** Attributes of the process: `service.name` and others. */
  readonly resource: Attributes;
  readonly resolver: NameResolver;
  readonly log: Logger;
  /** Kept up to date. */
  readonly counts: TelemetryCounts;
}

/** What is null, is not exported. */
export interface Telemetry {
  readonly tracing: Tracing | null;
  readonly logs: LogExport | null;
  /** Exports what the registry shows, from here on, if metrics are exported. */
  exportMetrics(registry: Registry): void;
  /** Exports the last metrics: while what the registry reads is still open. */
  closeMetrics(): Promise<void>;
  /** Exports what there is, within some seconds. */
  close(): Promise<void>;
}

export function noTelemetryCounts(): TelemetryCounts {
  const none = (): OtlpCounts => ({ exported: 0, lost: 0 });
  return { spans: none(), logRecords: none(), metricExports: none() };
}
