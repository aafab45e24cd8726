/** OTLP requests, decoded by OpenTelemetry's generated protobufs. Tests only. */
import { createRequire } from "node:module";

export type OtlpValue = string | number | boolean;

export interface ReceivedSpan {
  readonly name: string;
  /** As in trace.proto: SPAN_KIND_SERVER. */
  readonly kind: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty: there is none. */
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly attributes: Readonly<Record<string, OtlpValue>>;
  readonly isError: boolean;
  readonly resource: Readonly<Record<string, OtlpValue>>;
}

/** A data point of a sum or a gauge, or a whole histogram. */
export interface ReceivedPoint {
  readonly name: string;
  readonly unit: string;
  readonly kind: "gauge" | "sum" | "histogram";
  /** A sum's or a histogram's: it is cumulative, and a sum monotonic. */
  readonly isCounter: boolean;
  readonly attributes: Readonly<Record<string, OtlpValue>>;
  readonly startNs: bigint;
  readonly atNs: bigint;
  /** A histogram's is its sum. */
  readonly value: number;
  readonly count: number;
  readonly bucketCounts: readonly number[];
  readonly bounds: readonly number[];
  readonly resource: Readonly<Record<string, OtlpValue>>;
}

export interface ReceivedLog {
  readonly severity: string;
  readonly body: OtlpValue;
  readonly atNs: bigint;
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: Readonly<Record<string, OtlpValue>>;
  readonly resource: Readonly<Record<string, OtlpValue>>;
}

interface Decoder {
  decode(bytes: Uint8Array): unknown;
  toObject(message: unknown, options: object): unknown;
}

interface ProtobufRoot {
  readonly opentelemetry: {
    readonly proto: {
      readonly collector: {
        readonly trace: { readonly v1: { readonly ExportTraceServiceRequest: Decoder } };
        readonly metrics: { readonly v1: { readonly ExportMetricsServiceRequest: Decoder } };
        readonly logs: { readonly v1: { readonly ExportLogsServiceRequest: Decoder } };
      };
    };
  };
}

interface RawValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: string;
  readonly doubleValue?: number;
}

interface RawAttribute {
  readonly key: string;
  readonly value: RawValue;
}

interface Resource {
  readonly resource: { readonly attributes: readonly RawAttribute[] };
}

interface RawSpan {
  readonly name: string;
  readonly kind: string;
  readonly traceId: Buffer;
  readonly spanId: Buffer;
  readonly parentSpanId: Buffer;
  readonly traceState: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly RawAttribute[];
  readonly status: { readonly code: string } | null;
}

interface RawPoint {
  readonly attributes: readonly RawAttribute[];
  readonly startTimeUnixNano: string;
  readonly timeUnixNano: string;
  readonly asDouble?: number;
  readonly count?: string;
  readonly sum?: number;
  readonly bucketCounts?: readonly string[];
  readonly explicitBounds?: readonly number[];
}

interface RawData {
  readonly dataPoints: readonly RawPoint[];
  readonly aggregationTemporality?: string;
  readonly isMonotonic?: boolean;
}

interface RawMetric {
  readonly name: string;
  readonly unit: string;
  readonly gauge?: RawData;
  readonly sum?: RawData;
  readonly histogram?: RawData;
}

interface RawLog {
  readonly timeUnixNano: string;
  readonly severityNumber: string;
  readonly severityText: string;
  readonly body: RawValue;
  readonly attributes: readonly RawAttribute[];
  readonly traceId: Buffer;
  readonly spanId: Buffer;
}

// The module has no types of its own. The workspace `test` owns the package: only tests load it, and `npm start` builds this one.
const root = createRequire(import.meta.url)(
  "@opentelemetry/otlp-transformer/build/src/generated/root.js",
) as ProtobufRoot;
const { trace, metrics, logs } = root.opentelemetry.proto.collector;
const plain = { longs: String, enums: String, bytes: Buffer, defaults: true };

function decode<T>(type: Decoder, body: Buffer): T {
  return type.toObject(type.decode(body), plain) as T;
}

export function spansOf(body: Buffer): ReceivedSpan[] {
  const { resourceSpans } = decode<{
    readonly resourceSpans: readonly (Resource & {
      readonly scopeSpans: readonly { readonly spans: readonly RawSpan[] }[];
    })[];
  }>(trace.v1.ExportTraceServiceRequest, body);
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans.map((span) => spanOf(span, attributesOf(resource.attributes)))),
  );
}

export function pointsOf(body: Buffer): ReceivedPoint[] {
  const { resourceMetrics } = decode<{
    readonly resourceMetrics: readonly (Resource & {
      readonly scopeMetrics: readonly { readonly metrics: readonly RawMetric[] }[];
    })[];
  }>(metrics.v1.ExportMetricsServiceRequest, body);
  return resourceMetrics.flatMap(({ resource, scopeMetrics }) =>
    scopeMetrics.flatMap((scope) =>
      scope.metrics.flatMap((metric) => pointsOfMetric(metric, attributesOf(resource.attributes))),
    ),
  );
}

export function logsOf(body: Buffer): ReceivedLog[] {
  const { resourceLogs } = decode<{
    readonly resourceLogs: readonly (Resource & {
      readonly scopeLogs: readonly { readonly logRecords: readonly RawLog[] }[];
    })[];
  }>(logs.v1.ExportLogsServiceRequest, body);
  return resourceLogs.flatMap(({ resource, scopeLogs }) =>
    scopeLogs.flatMap(({ logRecords }) =>
      logRecords.map((record) => ({
        severity: record.severityNumber,
        body: anyValue(record.body),
        atNs: BigInt(record.timeUnixNano),
        traceId: record.traceId.toString("hex"),
        spanId: record.spanId.toString("hex"),
        attributes: attributesOf(record.attributes),
        resource: attributesOf(resource.attributes),
      })),
    ),
  );
}

function pointsOfMetric(metric: RawMetric, resource: ReceivedPoint["resource"]): ReceivedPoint[] {
  const kind = (["gauge", "sum", "histogram"] as const).find((each) => metric[each] !== undefined);
  const data = kind === undefined ? undefined : metric[kind];
  if (kind === undefined || data === undefined) throw new Error(`${metric.name} has no data`);
  const isCumulative = data.aggregationTemporality === "AGGREGATION_TEMPORALITY_CUMULATIVE";
  return data.dataPoints.map((point) => ({
    name: metric.name,
    unit: metric.unit,
    kind,
    isCounter: isCumulative && (kind === "histogram" || data.isMonotonic === true),
    attributes: attributesOf(point.attributes),
    startNs: BigInt(point.startTimeUnixNano),
    atNs: BigInt(point.timeUnixNano),
    value: point.asDouble ?? point.sum ?? Number.NaN,
    count: Number(point.count ?? 0),
    bucketCounts: (point.bucketCounts ?? []).map(Number),
    bounds: point.explicitBounds ?? [],
    resource,
  }));
}

function spanOf(span: RawSpan, resource: ReceivedSpan["resource"]): ReceivedSpan {
  return {
    name: span.name,
    kind: span.kind,
    traceId: span.traceId.toString("hex"),
    spanId: span.spanId.toString("hex"),
    parentSpanId: span.parentSpanId.toString("hex"),
    traceState: span.traceState,
    startNs: BigInt(span.startTimeUnixNano),
    endNs: BigInt(span.endTimeUnixNano),
    attributes: attributesOf(span.attributes),
    isError: span.status?.code === "STATUS_CODE_ERROR",
    resource,
  };
}

function attributesOf(attributes: readonly RawAttribute[]): Readonly<Record<string, OtlpValue>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, anyValue(value)]));
}

function anyValue({ stringValue, boolValue, intValue, doubleValue }: RawValue): OtlpValue {
  return stringValue ?? boolValue ?? (intValue === undefined ? doubleValue : Number(intValue)) ?? "";
}
