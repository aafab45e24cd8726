/** The metrics registry of one process. Labels come from catalogues, never from a path, an id or a key. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

export { Counter, Gauge, Histogram, Registry } from "prom-client";

/** A fresh registry (never prom-client's global one, so that two nodes can live in one process). */
export function createMetrics(options: { readonly runtime?: boolean } = {}): Registry {
  const registry = new Registry();
  if (options.runtime === true) collectDefaultMetrics({ register: registry, prefix: "latchkey_" });
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
