/**
 * The node's counters as metrics, read when asked for. Labels come from catalogues, and from the bounded series of
 * request-series.ts: never from a path or a key.
 */

import {
  type Counter,
  counter,
  createMetrics,
  gauge,
  type Registry,
  readHistogram,
  telemetryMetrics,
} from "@latchkey/observe";
import { connectionRefusalReasons, type IngressStats, responseCheckOutcomes } from "./ingress-stats.js";
import { connectionStates, type IntegrationStates, targetStates } from "./integration-states.js";
import { LATENCY_BOUNDS_US } from "./latency-bounds.js";
import { statusClasses } from "./outcome.js";
import type { RequestSeries } from "./request-series.js";

export interface MetricsSources {
  readonly stats: () => IngressStats;
  /** With all that was counted up to now. */
  readonly series: () => RequestSeries;
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
  readonly integrations: () => IntegrationStates;
  readonly takeLoopDelayMs: () => number;
  readonly usageDropped: () => number;
  readonly childLogLinesLost: () => number;
}

const BOUNDS_SECONDS = LATENCY_BOUNDS_US.map((us) => us / 1e6);
const ROUTE_LABELS = ["api", "route", "integration", "method", "status", "code"] as const;

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
  const routeRequests = counter(registry, {
    name: "latchkey_ingress_route_requests_total",
    help: "Requests responded to, by API, route, integration, method, class of status, and code of the gateway's own responses. The busiest routes; the rest is other.",
    labels: ROUTE_LABELS,
  });
  // Read once a scrape: with workers, their reports are summed up each time.
  let series = sources.series();
  let stats = sources.stats();
  readHistogram(
    registry,
    {
      name: "latchkey_ingress_request_duration_seconds",
      help: "Durations of forwarded requests, from head to end of the response, by API and integration. The busiest; the rest is other.",
      labels: ["api", "integration"],
      bounds: BOUNDS_SECONDS,
    },
    function* () {
      for (const [labels, { buckets, sumUs }] of series.durations())
        yield { labels, buckets, sum: sumUs / 1e6 };
    },
  );
  readHistogram(
    registry,
    {
      name: "latchkey_ingress_gateway_duration_seconds",
      help: "Time that the gateway added to forwarded requests: their durations without waiting for integrations and for bodies of clients.",
      bounds: BOUNDS_SECONDS,
    },
    () => [{ labels: {}, buckets: stats.gatewayBuckets, sum: stats.gatewayUs / 1e6 }],
  );
  const dropped = counter(registry, {
    name: "latchkey_ingress_usage_dropped_total",
    help: "Requests that are not reported to the control plane.",
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
  const targets = gauge(registry, {
    name: "latchkey_ingress_targets",
    help: "Targets of integrations in use: available, ejected by their circuit breaker, or unhealthy by their health check. Workers count their own.",
    labels: ["state"],
  });
  const integrationTargets = gauge(registry, {
    name: "latchkey_ingress_integration_targets",
    help: "Targets by integration and state: the integrations with trouble, then the busiest.",
    labels: ["integration", "state"],
  });
  const integrationConnections = gauge(registry, {
    name: "latchkey_ingress_integration_connections",
    help: "Connections and waiting requests of the pools that an integration uses; integrations of one origin share them.",
    labels: ["integration", "state"],
  });
  const integrationInFlight = gauge(registry, {
    name: "latchkey_ingress_integration_in_flight",
    help: "Requests in flight by integration.",
    labels: ["integration"],
  });
  const names = counter(registry, {
    name: "latchkey_ingress_name_lookups_total",
    help: "Host names looked up: cached, resolved by name servers, or failed.",
    labels: ["outcome"],
  });
  const handshakes = counter(registry, {
    name: "latchkey_ingress_tls_handshakes_total",
    help: "TLS handshakes of clients: completed or failed. The uws engine does not tell.",
    labels: ["outcome"],
  });
  const tokens = counter(registry, {
    name: "latchkey_ingress_upstream_tokens_total",
    help: "Tokens for integrations asked of token servers: fetched or failed.",
    labels: ["outcome"],
  });
  const accessLog = counter(registry, {
    name: "latchkey_ingress_access_log_lines_total",
    help: "Lines of the access log: written, or lost because nobody read them or the disk was full.",
    labels: ["outcome"],
  });
  telemetryMetrics(registry, () => stats.events);
  const loopDelay = gauge(registry, {
    name: "latchkey_ingress_event_loop_delay_seconds",
    help: "The longest delay of the event loop of a process that serves, since the metrics were last read.",
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
    series = sources.series();
    stats = sources.stats();
    requests.reset();
    for (const [i, status] of statusClasses.entries()) requests.inc({ status }, stats.byStatusClass[i] ?? 0);
    errors.reset();
    for (const [code, count] of stats.errors) errors.inc({ code }, count);
    bytes.reset();
    bytes.inc({ direction: "request" }, stats.requestBytes);
    bytes.inc({ direction: "response" }, stats.responseBytes);
    routeRequests.reset();
    for (const [labels, count] of series.requests()) routeRequests.inc({ ...labels }, count);
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
    const integrations = sources.integrations();
    for (const state of targetStates) targets.set({ state }, integrations.targets[state]);
    for (const gauge of [integrationTargets, integrationConnections, integrationInFlight]) gauge.reset();
    for (const { id: integration, ...of } of integrations.busiest) {
      for (const state of targetStates) integrationTargets.set({ integration, state }, of.targets[state]);
      for (const state of connectionStates)
        integrationConnections.set({ integration, state }, of.connections[state]);
      integrationInFlight.set({ integration }, of.inFlight);
    }
    setCounts(names, stats.events.names);
    setCounts(handshakes, stats.events.handshakes);
    setCounts(tokens, stats.events.tokens);
    setCounts(accessLog, stats.events.accessLog);
    loopDelay.set(sources.takeLoopDelayMs() / 1000);
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

function setCounts(metric: Counter<"outcome">, counts: Readonly<Record<string, number>>): void {
  metric.reset();
  for (const [outcome, count] of Object.entries(counts)) metric.inc({ outcome }, count);
}

/** Runs `collect` before the registry is read, as text or for the collector. */
function collectFirst(registry: Registry, collect: () => void): void {
  const text = registry.metrics.bind(registry);
  registry.metrics = () => {
    collect();
    return text();
  };
  const values = registry.getMetricsAsJSON.bind(registry);
  registry.getMetricsAsJSON = () => {
    collect();
    return values();
  };
}
