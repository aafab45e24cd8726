/** Where telemetry goes, for both planes. Environment variables have the names that OpenTelemetry's specification gives them. */
import { z } from "zod";
import { parsePairs } from "./pairs.js";

/** Names of OTEL_TRACES_SAMPLER in the specification. */
const samplers = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;

/** Fit for HTTP and gRPC. */
function isHeader(name: string, value: string): boolean {
  return /^(?!.*-bin$)[a-z0-9_.-]+$/i.test(name) && /^[\x20-\x7e]*$/.test(value);
}

const pairs = (isFit: (name: string, value: string) => boolean, message: string) =>
  z
    .string()
    .transform((text, ctx) => {
      const parsed = parsePairs(text);
      if (parsed !== null && Object.entries(parsed).every(([name, value]) => isFit(name, value)))
        return parsed;
      ctx.addIssue({ code: "custom", message });
      return z.NEVER;
    })
    .optional();

const url = z.url({ protocol: /^https?$/, error: "a URL like http://collector:4318" });
const protocol = z.enum(["http/protobuf", "grpc"]);
const headers = pairs(isHeader, "name=value pairs of HTTP headers, separated by commas");

/** Settings of one signal. @param name as variables have it: `METRICS` */
function signal<const Name extends "TRACES" | "METRICS" | "LOGS">(name: Name, exporter: "otlp" | "none") {
  const signals = name.toLowerCase();
  const variable = `OTEL_EXPORTER_OTLP_${name}`;
  return {
    exporter: z
      .enum(["otlp", "none"])
      .default(exporter)
      .meta({
        variable: `OTEL_${name}_EXPORTER`,
        description: `Whether ${signals} go to the collector (docs/opentelemetry.md)`,
      }),
    endpoint: url.optional().meta({
      variable: `${variable}_ENDPOINT`,
      description: `URL for ${signals} alone; over HTTP it is posted to as it is`,
    }),
    protocol: protocol.optional().meta({
      variable: `${variable}_PROTOCOL`,
      description: `As otlp.protocol, for ${signals} alone`,
    }),
    headers: headers.meta({
      variable: `${variable}_HEADERS`,
      secret: true,
      description: `Instead of otlp.headers, for ${signals} alone`,
    }),
  };
}

export const otlpSettings = z
  .object({
    endpoint: url.optional().meta({
      variable: "OTEL_EXPORTER_OTLP_ENDPOINT",
      description:
        "URL of a collector that takes OTLP, such as http://collector:4318; without it nothing is exported (docs/opentelemetry.md)",
    }),
    protocol: protocol.default("http/protobuf").meta({
      variable: "OTEL_EXPORTER_OTLP_PROTOCOL",
      description: "How the collector is spoken to; its port for gRPC is usually 4317",
    }),
    headers: headers.meta({
      variable: "OTEL_EXPORTER_OTLP_HEADERS",
      secret: true,
      description:
        "Headers for the collector, such as a token: name=value pairs, separated by commas, values percent-encoded",
    }),
    serviceName: z.string().min(1).max(255).optional().meta({
      variable: "OTEL_SERVICE_NAME",
      description:
        "Name of the service at the collector; default: latchkey-ingress or latchkey-control-plane",
    }),
    resourceAttributes: pairs(() => true, "name=value pairs, separated by commas").meta({
      variable: "OTEL_RESOURCE_ATTRIBUTES",
      description:
        "Further attributes of the service, such as deployment.environment.name=prod: name=value pairs, separated by commas",
    }),
    sampler: z.enum(samplers).default("parentbased_always_on").meta({
      variable: "OTEL_TRACES_SAMPLER",
      description: "Which requests are traced; parentbased ones follow the client's traceparent",
    }),
    samplerArg: z.number().min(0).max(1).default(1).meta({
      variable: "OTEL_TRACES_SAMPLER_ARG",
      description: "Share of the traces that a traceidratio sampler takes: 0.01 is one in a hundred",
    }),
    traces: z.object(signal("TRACES", "otlp")).prefault({}),
    metrics: z
      .object({
        ...signal("METRICS", "none"),
        intervalMs: z.int().min(1_000).max(3_600_000).default(60_000).meta({
          variable: "OTEL_METRIC_EXPORT_INTERVAL",
          description: "Milliseconds between two exports of the metrics",
        }),
      })
      .prefault({}),
    logs: z.object(signal("LOGS", "none")).prefault({}),
  })
  .superRefine((settings, ctx) => {
    for (const name of ["metrics", "logs"] as const) {
      if (settings[name].exporter === "none" || settings[name].endpoint || settings.endpoint) continue;
      ctx.addIssue({
        code: "custom",
        path: [name, "exporter"],
        message: "none, or the collector's URL in otlp.endpoint (OTEL_EXPORTER_OTLP_ENDPOINT)",
      });
    }
  })
  .prefault({});

export type OtlpSettings = z.output<typeof otlpSettings>;
