/** The metrics registry of one process. Labels come from catalogues, never from a path, an id or a key. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { standardError } from "./log-output.js";

export { Counter, Gauge, Histogram, Registry } from "prom-client";

export interface CreateMetricsOptions {
  /** With the metrics of the process: memory, event loop, lost log lines. */
  readonly runtime?: boolean;
  /** Of other processes that this one reports for. */
  readonly childLogLinesLost?: () => number;
}

/** A fresh registry (never prom-client's global one, so that two nodes can live in one process). */
export function createMetrics(options: CreateMetricsOptions = {}): Registry {
  const registry = new Registry();
  if (options.runtime !== true) return registry;
  collectDefaultMetrics({ register: registry, prefix: "latchkey_" });
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

export function counter<L extends string = never>(registry: Registry, spec: MetricSpec<L>): Counter<L> {
  return new Counter({
    name: spec.name,
    help: spec.help,
    labelNames: [...(spec.labels ?? [])],
    registers: [registry],
  });
}

export function gauge<L extends string = never>(registry: Registry, spec: MetricSpec<L>): Gauge<L> {
  return new Gauge({
    name: spec.name,
    help: spec.help,
    labelNames: [...(spec.labels ?? [])],
    registers: [registry],
  });
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
