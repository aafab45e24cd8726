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

export const otlpSettings = z
  .object({
    endpoint: z
      .url({ protocol: /^https?$/, error: "a URL like http://collector:4318" })
      .optional()
      .meta({
        variable: "OTEL_EXPORTER_OTLP_ENDPOINT",
        description:
          "URL of a collector that takes OTLP, such as http://collector:4318; without it nothing is traced (docs/tracing.md)",
      }),
    protocol: z.enum(["http/protobuf", "grpc"]).default("http/protobuf").meta({
      variable: "OTEL_EXPORTER_OTLP_PROTOCOL",
      description: "How the collector is spoken to; its port for gRPC is usually 4317",
    }),
    headers: pairs(isHeader, "name=value pairs of HTTP headers, separated by commas").meta({
      variable: "OTEL_EXPORTER_OTLP_HEADERS",
      secret: true,
      description:
        "Headers for the collector, such as a token: name=value pairs, separated by commas, values percent-encoded",
    }),
    serviceName: z.string().min(1).max(255).optional().meta({
      variable: "OTEL_SERVICE_NAME",
      description: "Name of the service in traces; default: latchkey-ingress or latchkey-control-plane",
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
  })
  .prefault({});

export type OtlpSettings = z.output<typeof otlpSettings>;
