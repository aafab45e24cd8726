/**
 * Metrics of prom-client as `metrics` of ScopeMetrics (metrics.proto), by OpenTelemetry's rules for Prometheus: names stay as they
 * are, counters are monotonic sums, everything is cumulative, numbers are doubles. Summaries are left out: there are none.
 */
import { ITEM, writeAttribute } from "./otlp-encoding.js";
import { DELIMITED, FIXED64, type ProtoWriter, tag, VARINT } from "./proto-writer.js";
import { writeTime } from "./span-encoding.js";

/** What `Registry.getMetricsAsJSON` has; its types leave the values out. */
export interface ReadMetric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: readonly {
    readonly value: number;
    readonly labels: Readonly<Record<string, string | number>>;
    /** Of a histogram: its name with `_bucket`, `_sum` or `_count`. */
    readonly metricName?: string;
  }[];
}

export interface MetricTimes {
  /** Milliseconds since 1970: when counting began, and now. */
  readonly startMs: number;
  readonly nowMs: number;
}

const NAME = tag(1, DELIMITED);
const DESCRIPTION = tag(2, DELIMITED);
const UNIT = tag(3, DELIMITED);
const KINDS: Readonly<Record<string, number>> = {
  gauge: tag(5, DELIMITED),
  counter: tag(7, DELIMITED),
  histogram: tag(9, DELIMITED),
};
const POINT = tag(1, DELIMITED);
const TEMPORALITY = tag(2, VARINT);
const CUMULATIVE = 2;
const IS_MONOTONIC = tag(3, VARINT);
const POINT_START = tag(2, FIXED64);
const POINT_TIME = tag(3, FIXED64);
const AS_DOUBLE = tag(4, FIXED64);
const NUMBER_ATTRIBUTES = tag(7, DELIMITED);
const COUNT = tag(4, FIXED64);
const SUM = tag(5, FIXED64);
const BUCKET_COUNTS = tag(6, DELIMITED);
const BOUNDS = tag(7, DELIMITED);
const HISTOGRAM_ATTRIBUTES = tag(9, DELIMITED);
/** The word of a unit that a name ends with, and the unit (UCUM). */
const UNITS = [
  [/_seconds(?:_total)?$/, "s"],
  [/_bytes(?:_total)?$/, "By"],
] as const;

export function writeMetric(writer: ProtoWriter, metric: ReadMetric, times: MetricTimes): void {
  const { name, help, type } = metric;
  const kind = KINDS[type];
  if (kind === undefined || metric.values.length === 0) return;
  const item = writer.begin(ITEM);
  writer.string(NAME, name);
  writer.string(DESCRIPTION, help);
  const unit = UNITS.find(([ending]) => ending.test(name))?.[1];
  if (unit !== undefined) writer.string(UNIT, unit);
  const data = writer.begin(kind);
  if (type === "histogram") writeHistogram(writer, metric, times);
  else
    for (const { value, labels } of metric.values) {
      const point = writer.begin(POINT);
      if (type === "counter") writeTime(writer, POINT_START, times.startMs);
      writeTime(writer, POINT_TIME, times.nowMs);
      writer.double(AS_DOUBLE, value);
      writeLabels(writer, NUMBER_ATTRIBUTES, labels);
      writer.end(point);
    }
  if (type !== "gauge") writer.varint(TEMPORALITY, CUMULATIVE);
  if (type === "counter") writer.varint(IS_MONOTONIC, 1);
  writer.end(data);
  writer.end(item);
}

/** Values come series by series: cumulative buckets with their upper bounds, then sum and count. */
function writeHistogram(writer: ProtoWriter, { name, values }: ReadMetric, times: MetricTimes): void {
  let bounds: number[] = [];
  let counts: number[] = [];
  let sum = 0;
  for (const { metricName, labels, value } of values) {
    if (metricName === `${name}_bucket`) {
      const { le = "+Inf" } = labels;
      counts.push(value);
      if (le !== "+Inf") bounds.push(Number(le));
    } else if (metricName === `${name}_sum`) sum = value;
    else {
      const point = writer.begin(POINT);
      writeTime(writer, POINT_START, times.startMs);
      writeTime(writer, POINT_TIME, times.nowMs);
      writer.fixed64(COUNT, value);
      writer.double(SUM, sum);
      const buckets = writer.begin(BUCKET_COUNTS);
      for (const [i, count] of counts.entries()) writer.fixed64Of(count - (counts[i - 1] ?? 0));
      writer.end(buckets);
      const explicit = writer.begin(BOUNDS);
      for (const bound of bounds) writer.doubleOf(bound);
      writer.end(explicit);
      writeLabels(writer, HISTOGRAM_ATTRIBUTES, labels);
      writer.end(point);
      bounds = [];
      counts = [];
    }
  }
}

function writeLabels(
  writer: ProtoWriter,
  field: number,
  labels: Readonly<Record<string, string | number>>,
): void {
  for (const name in labels) writeAttribute(writer, field, name, String(labels[name]));
}
