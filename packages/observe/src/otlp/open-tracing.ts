/** Loads the exporter of spans where a collector is configured, and nothing of it elsewhere. */
import type { Tracing, TracingOptions } from "./tracing.js";

/** Null: no collector is configured. */
export async function openTracing(options: TracingOptions): Promise<Tracing | null> {
  if (options.settings.endpoint === undefined) return null;
  const { OtlpTracing } = await import("./otlp-tracing.js");
  return new OtlpTracing(options, options.settings.endpoint);
}
