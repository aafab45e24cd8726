/** The metrics registry of one process. Labels come from catalogues, never from a path, an id or a key. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, type Metric, Registry } from "prom-client";
import { standardError } from "./log-output.js";

export { Counter, Gauge, Histogram, Registry } from "prom-client";

export interface CreateMetricsOptions {
  /** With the metrics of the process: memory, event loop, lost log lines. */
  readonly runtime?: boolean;
  /** Of other processes that this one reports for. */
  readonly childLogLinesLost?: () => number;
}

/** Gauges of prom-client with the ending of counters, which `promtool check metrics` refuses. */
const MISNAMED = ["active_handles_total", "active_requests_total", "active_resources_total"];

let runtime: readonly Metric[] | undefined;

/** Made once: each making observes the garbage collector and the event loop until the process ends. */
function runtimeMetrics(): readonly Metric[] {
  if (runtime !== undefined) return runtime;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: "latchkey_" });
  for (const name of MISNAMED) registry.removeSingleMetric(`latchkey_nodejs_${name}`);
  runtime = registry.getMetricsAsArray().flatMap(({ name }) => registry.getSingleMetric(name) ?? []);
  return runtime;
}

/** A fresh registry (never prom-client's global one, so that two nodes can live in one process). */
export function createMetrics(options: CreateMetricsOptions = {}): Registry {
  const registry = new Registry();
  if (options.runtime !== true) return registry;
  for (const metric of runtimeMetrics()) registry.registerMetric(metric);
  const lost = new Counter({
    name: "latchkey_log_lines_lost_total",
    help: "Log lines that could not be written: a full disk, or a pipe that nobody reads.",
    registers: [registry],
    collect: () => {
      lost.reset();
      lost.inc(standardError().lostLines + (options.childLogLinesLost?.() ?? 0));
    },
  });
  return registry;
}

export interface MetricSpec<L extends string> {
  readonly name: `latchkey_${string}`;
  readonly help: string;
  readonly labels?: readonly L[];
}

/**
 * @param spec.collect sets it when the registry is read
 * @param spec.series those that are 0 from the start: one that begins with 1 is no increase to Prometheus, so that an alert
 * misses the first event
 */
export function counter<L extends string = never>(
  registry: Registry,
  spec: MetricSpec<L> & {
    readonly collect?: () => void;
    readonly series?: readonly Readonly<Record<L, string>>[];
  },
): Counter<L> {
  const { collect, series = [] } = spec;
  const made = new Counter({
    name: spec.name,
    help: spec.help,
    labelNames: [...(spec.labels ?? [])],
    registers: [registry],
    ...(collect && { collect }),
  });
  for (const labels of series) made.inc(labels, 0);
  return made;
}

/** @param spec.collect sets it when the registry is read */
export function gauge<L extends string = never>(
  registry: Registry,
  spec: MetricSpec<L> & { readonly collect?: () => void | Promise<void> },
): Gauge<L> {
  const { collect } = spec;
  return new Gauge({
    name: spec.name,
    help: spec.help,
    labelNames: [...(spec.labels ?? [])],
    registers: [registry],
    ...(collect && { collect }),
  });
}

/** One series of a histogram that is counted elsewhere. */
export interface HistogramSeries<L extends string> {
  readonly labels: Readonly<Record<L, string>>;
  /** By bucket, not cumulative: one more than there are bounds, the last is open. */
  readonly buckets: readonly number[];
  readonly sum: number;
}

/** A histogram whose observations are counted elsewhere, and read when the registry is. */
export function readHistogram<L extends string = never>(
  registry: Registry,
  spec: MetricSpec<L> & { readonly bounds: readonly number[] },
  read: () => Iterable<HistogramSeries<L>>,
): void {
  registry.registerMetric(new ReadHistogram<L>(spec, read));
}

class ReadHistogram<L extends string> extends Histogram<L> {
  readonly #spec: MetricSpec<L> & { readonly bounds: readonly number[] };
  readonly #read: () => Iterable<HistogramSeries<L>>;

  constructor(
    spec: MetricSpec<L> & { readonly bounds: readonly number[] },
    read: () => Iterable<HistogramSeries<L>>,
  ) {
    const { name, help, labels = [], bounds } = spec;
    super({ name, help, labelNames: [...labels], buckets: [...bounds], registers: [] });
    this.#spec = spec;
    this.#read = read;
  }

  /** What the registry and `get` read. Not in prom-client's types. */
  async getForPromString(): Promise<object> {
    const { name, help } = this.#spec;
    return {
      name,
      help,
      type: "histogram",
      aggregator: "sum",
      values: [...this.#read()].flatMap(this.#valuesOf),
    };
  }

  readonly #valuesOf = ({ labels: sharedLabels, buckets, sum }: HistogramSeries<L>): object[] => {
    const { name, bounds } = this.#spec;
    let count = 0;
    const values = buckets.map((more, i) => {
      count += more;
      return {
        metricName: `${name}_bucket`,
        sharedLabels,
        labels: { le: bounds[i] ?? "+Inf" },
        value: count,
      };
    });
    return [
      ...values,
      { metricName: `${name}_sum`, sharedLabels, labels: {}, value: sum },
      { metricName: `${name}_count`, sharedLabels, labels: {}, value: count },
    ];
  };
}

export function histogram<L extends string = never>(
  registry: Registry,
  spec: MetricSpec<L> & { readonly buckets: readonly number[] },
): Histogram<L> {
  return new Histogram({
    name: spec.name,
    help: spec.help,
    labelNames: [...(spec.labels ?? [])],
    buckets: [...spec.buckets],
    registers: [registry],
  });
}
