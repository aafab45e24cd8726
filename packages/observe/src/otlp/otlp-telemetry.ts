/** The exporters of a process. Loaded by `openTelemetry` alone. */
import type { Registry } from "prom-client";
import { standardError } from "../log-output.js";
import { GrpcTransport } from "./grpc-transport.js";
import { HttpTransport } from "./http-transport.js";
import { LogExport } from "./log-export.js";
import { MetricExport } from "./metric-export.js";
import { OtlpEnvelope } from "./otlp-encoding.js";
import { type OtlpCounts, OtlpQueue } from "./otlp-queue.js";
import { targetOf } from "./otlp-target.js";
import { OtlpTracing } from "./otlp-tracing.js";
import type { Signal } from "./otlp-transport.js";
import type { Telemetry, TelemetryOptions } from "./telemetry.js";

/** Spans and log records wait so long for others; a reading of the metrics is a whole. */
const BATCH_DELAY_MS = 1_000;

export class OtlpTelemetry implements Telemetry {
  readonly tracing: OtlpTracing | null;
  readonly logs: LogExport | null;
  readonly #options: TelemetryOptions;
  #metrics: MetricExport | null = null;

  constructor(options: TelemetryOptions) {
    this.#options = options;
    const { settings, counts } = options;
    const spans = this.#queue("trace", "spans", counts.spans);
    this.tracing = spans && new OtlpTracing(settings, spans);
    const records = this.#queue("logs", "log records", counts.logRecords);
    this.logs = records && new LogExport(records);
    if (this.logs !== null) standardError().copyTo = this.logs;
  }

  exportMetrics(registry: Registry): void {
    const { settings, counts } = this.#options;
    const queue = this.#queue("metrics", "metrics", counts.metricExports);
    if (queue !== null)
      this.#metrics = new MetricExport(registry, queue, settings.metrics.intervalMs, this.#options.log);
  }

  async close(): Promise<void> {
    if (this.logs !== null && standardError().copyTo === this.logs) standardError().copyTo = null;
    await Promise.all([this.tracing?.close(), this.closeMetrics(), this.logs?.close()]);
  }

  async closeMetrics(): Promise<void> {
    const metrics = this.#metrics;
    this.#metrics = null;
    await metrics?.close();
  }

  /** @param noun of the items, for the log */
  #queue(signal: Signal, noun: string, counts: OtlpCounts): OtlpQueue | null {
    const { settings, resource, resolver, log } = this.#options;
    const { serviceName, resourceAttributes } = settings;
    const target = targetOf(settings, signal);
    if (target === null) return null;
    const attributes = {
      ...resource,
      ...resourceAttributes,
      ...(serviceName !== undefined && { "service.name": serviceName }),
    };
    const transport =
      target.protocol === "grpc"
        ? new GrpcTransport(target, signal, resolver)
        : new HttpTransport(target, resolver.lookup);
    const envelope = new OtlpEnvelope(attributes, "latchkey");
    const delayMs = signal === "metrics" ? 0 : BATCH_DELAY_MS;
    return new OtlpQueue({ noun, origin: target.url.origin, envelope, delayMs, transport, log, counts });
  }
}
