/** The node's counters as metrics. Read when asked for; labels come from catalogues, never from an id or a path. */

import { counter, createMetrics, gauge, type Registry } from "@latchkey/observe";
import { connectionRefusalReasons, type IngressStats, responseCheckOutcomes } from "./ingress-stats.js";
import { LATENCY_BOUNDS_US } from "./latency-bounds.js";

export interface MetricsSources {
  readonly stats: () => IngressStats;
  readonly inFlight: () => number;
  readonly connections: () => number;
  readonly upstream: () => { readonly open: number; readonly idle: number; readonly waiting: number };
  /** Null: nothing is applied. */
  readonly table: () => {
    readonly epoch: number;
    readonly number: number;
    readonly apis: number;
    readonly keys: number;
    readonly integrations: number;
    readonly quarantined: number;
  } | null;
  /** Seconds since the control plane confirmed the revision; null: never. */
  readonly configAgeSeconds: () => number | null;
  readonly isReady: () => boolean;
  readonly isStreaming: () => boolean;
  readonly usageDropped: () => number;
  readonly childLogLinesLost: () => number;
}

const STATUS_CLASSES = ["client_closed", "1xx", "2xx", "3xx", "4xx", "5xx"] as const;

export function ingressMetrics(sources: MetricsSources): Registry {
  const registry = createMetrics({ runtime: true, childLogLinesLost: sources.childLogLinesLost });
  const requests = counter(registry, {
    name: "latchkey_ingress_requests_total",
    help: "Requests responded to, by class of status.",
    labels: ["status"],
  });
  const errors = counter(registry, {
    name: "latchkey_ingress_errors_total",
    help: "Responses that the gateway made itself, by code.",
    labels: ["code"],
  });
  const bytes = counter(registry, {
    name: "latchkey_ingress_body_bytes_total",
    help: "Bytes of forwarded bodies.",
    labels: ["direction"],
  });
  const latency = counter(registry, {
    name: "latchkey_ingress_request_duration_seconds_bucket",
    help: "Forwarded requests by duration, cumulative.",
    labels: ["le"],
  });
  const latencySum = counter(registry, {
    name: "latchkey_ingress_request_duration_seconds_sum",
    help: "Sum of the durations of forwarded requests.",
  });
  const dropped = counter(registry, {
    name: "latchkey_ingress_usage_dropped_total",
    help: "Requests that the control plane is not told of.",
  });
  const limits = counter(registry, {
    name: "latchkey_ingress_shared_limits_total",
    help: "Requests of keys with limits counted together with other nodes, by who decided: the server, or this node because the server was away.",
    labels: ["by"],
  });
  const responseChecks = counter(registry, {
    name: "latchkey_ingress_response_checks_total",
    help: "Responses of routes with response validation: valid, reported, refused, or unchecked because too large or overloaded.",
    labels: ["outcome"],
  });
  const inFlight = gauge(registry, { name: "latchkey_ingress_in_flight", help: "Requests in flight." });
  const connections = gauge(registry, {
    name: "latchkey_ingress_connections",
    help: "Client connections (uws: requests in flight).",
  });
  const refusedConnections = counter(registry, {
    name: "latchkey_ingress_connections_refused_total",
    help: "Client connections that were refused, or closed while idle to make room for new ones, by reason.",
    labels: ["reason"],
  });
  const upstreams = gauge(registry, {
    name: "latchkey_ingress_upstream_connections",
    help: "Connections to integrations.",
    labels: ["state"],
  });
  const resources = gauge(registry, {
    name: "latchkey_ingress_resources",
    help: "Resources of the applied revision.",
    labels: ["kind"],
  });
  const revision = gauge(registry, {
    name: "latchkey_ingress_revision",
    help: "Number of the applied revision.",
  });
  const age = gauge(registry, {
    name: "latchkey_ingress_config_age_seconds",
    help: "Since the control plane last confirmed the revision; -1: never.",
  });
  const ready = gauge(registry, { name: "latchkey_ingress_ready", help: "1 when the node takes requests." });
  const streaming = gauge(registry, {
    name: "latchkey_ingress_stream_up",
    help: "1 when the stream to the control plane is up.",
  });

  const collect = (): void => {
    const stats = sources.stats();
    requests.reset();
    for (const [i, status] of STATUS_CLASSES.entries()) requests.inc({ status }, stats.byStatusClass[i] ?? 0);
    errors.reset();
    for (const [code, count] of stats.errors) errors.inc({ code }, count);
    bytes.reset();
    bytes.inc({ direction: "request" }, stats.requestBytes);
    bytes.inc({ direction: "response" }, stats.responseBytes);
    latency.reset();
    let cumulative = 0;
    stats.latencyBuckets.forEach((count, i) => {
      cumulative += count;
      const bound = LATENCY_BOUNDS_US[i];
      latency.inc({ le: bound === undefined ? "+Inf" : String(bound / 1e6) }, cumulative);
    });
    latencySum.reset();
    latencySum.inc(stats.latencySumUs / 1e6);
    limits.reset();
    limits.inc({ by: "server" }, stats.limitsByServer);
    limits.inc({ by: "node" }, stats.limitsByNode);
    responseChecks.reset();
    for (const outcome of responseCheckOutcomes)
      responseChecks.inc({ outcome }, stats.responseChecks[outcome]);
    dropped.reset();
    dropped.inc(sources.usageDropped());
    inFlight.set(sources.inFlight());
    connections.set(sources.connections());
    refusedConnections.reset();
    for (const reason of connectionRefusalReasons)
      refusedConnections.inc({ reason }, stats.refusedConnections[reason]);
    const { open, idle, waiting } = sources.upstream();
    upstreams.set({ state: "open" }, open);
    upstreams.set({ state: "idle" }, idle);
    upstreams.set({ state: "waiting_requests" }, waiting);
    const table = sources.table();
    resources.set({ kind: "api" }, table?.apis ?? 0);
    resources.set({ kind: "key" }, table?.keys ?? 0);
    resources.set({ kind: "integration" }, table?.integrations ?? 0);
    resources.set({ kind: "quarantined" }, table?.quarantined ?? 0);
    revision.set(table?.number ?? -1);
    age.set(sources.configAgeSeconds() ?? -1);
    ready.set(sources.isReady() ? 1 : 0);
    streaming.set(sources.isStreaming() ? 1 : 0);
  };
  collectFirst(registry, collect);
  return registry;
}

/** Runs `collect` before the registry is read. */
function collectFirst(registry: Registry, collect: () => void): void {
  const read = registry.metrics.bind(registry);
  registry.metrics = () => {
    collect();
    return read();
  };
}
