/** Loads the exporters where a collector is configured, and nothing of them elsewhere. */
import { targetOf } from "./otlp-target.js";
import type { Telemetry, TelemetryOptions } from "./telemetry.js";

const NOTHING: Telemetry = {
  tracing: null,
  logs: null,
  exportMetrics: () => undefined,
  closeMetrics: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

export async function openTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const isOn = (["trace", "metrics", "logs"] as const).some((signal) => targetOf(options.settings, signal));
  if (!isOn) return NOTHING;
  const { OtlpTelemetry } = await import("./otlp-telemetry.js");
  return new OtlpTelemetry(options);
}
