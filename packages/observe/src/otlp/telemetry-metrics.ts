/** What the collector took, and what was lost, as metrics. */
import type { Registry } from "prom-client";
import { counter } from "../metrics.js";
import type { TelemetryCounts } from "./telemetry.js";

/** @param read asked when the registry is read */
export function telemetryMetrics(registry: Registry, read: () => TelemetryCounts): void {
  const register = (name: `latchkey_${string}`, help: string, key: keyof TelemetryCounts): void => {
    const metric = counter(registry, {
      name,
      help,
      labels: ["outcome"],
      collect: () => {
        metric.reset();
        const counts = read()[key];
        for (const outcome of ["exported", "lost"] as const) metric.inc({ outcome }, counts[outcome]);
      },
    });
  };
  register(
    "latchkey_spans_total",
    "Spans of sampled requests: exported to the collector, or lost because it did not take them.",
    "spans",
  );
  register(
    "latchkey_log_records_total",
    "Log records: exported to the collector, or lost because it did not take them.",
    "logRecords",
  );
  register(
    "latchkey_metric_exports_total",
    "Times that the metrics were read for the collector: exported, or lost because it did not take them.",
    "metricExports",
  );
}
