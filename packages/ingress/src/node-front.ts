/** What a node serves with: pipeline, engine, counters. One in a process; see node-core.ts for what it knows. */

import { ListenError } from "@latchkey/config";
import { connectionsFor, descriptorsMax, openTelemetry, release, type Telemetry } from "@latchkey/observe";
import { AccessLog } from "./access-log/access-log.js";
import type { IngressConfig } from "./config.js";
import type { Integration } from "./forward/integration.js";
import { ResponseFaults } from "./forward/response-faults.js";
import { AddressCap } from "./fronts/address-cap.js";
import { CertificateWatch } from "./fronts/certificate-watch.js";
import { ConnectionRefusals } from "./fronts/connection-refusals.js";
import { createEngine } from "./fronts/create-engine.js";
import type { EngineOptions, EngineTls, HttpEngine } from "./fronts/front-request.js";
import { TicketKeys } from "./fronts/ticket-keys.js";
import type { LimitCounter } from "./limits/limit-counter.js";
import { LimitServer } from "./limits/limit-server.js";
import { SharedLimits } from "./limits/shared-limits.js";
import type { NodeCore } from "./node-core.js";
import { BearerTokens } from "./request/bearer.js";
import { RequestPipeline } from "./request/handle-request.js";
import type { RouteTable } from "./table/route-table.js";
import { type ImpairedTargets, impairedTargets } from "./usage/impaired-targets.js";
import { IngressStats } from "./usage/ingress-stats.js";
import { type IntegrationStates, integrationStates } from "./usage/integration-states.js";
import { LoopDelay } from "./usage/loop-delay.js";
import { RequestCounts } from "./usage/request-counts.js";
import { UsageBatcher } from "./usage/usage-batcher.js";
import { UsageRecorder } from "./usage/usage-recorder.js";
import { within } from "./within.js";

const ACCESS_LOG_CLOSE_MS = 2_000;

export interface NodeFront {
  readonly engine: HttpEngine;
  readonly stats: IngressStats;
  integrations(): IntegrationStates;
  /** Targets out of rotation. */
  impaired(): ImpairedTargets;
  /** The longest delay of the event loop since the last call. */
  takeLoopDelayMs(): number;
  /** Requests on their way to the metrics. */
  readonly counts: RequestCounts;
  /** Adds what was counted up to now to `counts`: all of it, unless much is under way to the control plane. */
  flushCounts(): void;
  /** Requests in flight. */
  inFlight(): number;
  usageDropped(): number;
  /** Gives the port; rejects with ListenError. */
  listen(): Promise<number>;
  reloadFiles(): void;
  /** Of TLS session tickets; a front without those of a primary makes its own. No-op without TLS. */
  setTicketKeys(keys: Buffer): void;
  /** In-flight requests finish within `drainMs`; the rest gets 503 or cut. */
  drain(): Promise<void>;
}

export interface FrontOptions {
  /** Other processes listen on the same port. */
  readonly sharesPort: boolean;
  /** Counts limits for all workers; null: this process counts for itself. */
  readonly primaryLimits: LimitCounter | null;
  /** Closed by the caller. */
  readonly telemetry: Pick<Telemetry, "tracing" | "logs">;
  /** Default: the engine of the configuration. Tests compare it with others. */
  readonly makeEngine?: EngineFactory | undefined;
}

export type EngineFactory = (options: EngineOptions) => HttpEngine;

const engineOf =
  ({ engine }: IngressConfig): EngineFactory =>
  (options) =>
    createEngine(engine, options);

export function makeFront(
  core: NodeCore,
  { sharesPort, primaryLimits, telemetry, makeEngine = engineOf(core.config) }: FrontOptions,
): NodeFront {
  const { config, clock, log } = core;
  const stats = new IngressStats(core.events);
  const usage = new UsageRecorder(Math.ceil(config.usageSamplesPerSecond / config.workers));
  const accessLog =
    config.accessLog.to === "off"
      ? null
      : new AccessLog({
          settings: config.accessLog,
          nodeId: config.nodeId,
          clock,
          log,
          counts: stats.events.accessLog,
          records: telemetry.logs,
        });
  const tls = tlsOf(config);
  const sharedLimits = sharedLimitsOf(core, stats, primaryLimits);
  const pipeline = new RequestPipeline({
    config,
    currentTable: core.currentTable,
    stats,
    usage,
    accessLog,
    tracing: telemetry.tracing,
    gate: core.gate,
    scheme: tls === null ? "http" : "https",
    bearer:
      config.bearer.issuer === "" ? null : new BearerTokens(config.bearer, clock, log, core.resolver.lookup),
    sharedLimits,
    responseFaults: new ResponseFaults(log, clock),
  });
  const { accounting } = pipeline.services.proxy;
  const { connectionsPerAddressMax } = config.limits;
  const addressCap = new AddressCap({
    connectionsMax: connectionsPerAddressMax,
    isTrusted: (address) => pipeline.services.trustedProxies.has(address),
  });
  const refusals = new ConnectionRefusals(stats.refusedConnections, clock, log);
  const descriptors = descriptorsMax();
  const connectionsMax = connectionsFor(config.limits.connectionsMax, descriptors);
  if (connectionsMax < config.limits.connectionsMax)
    log.warn(
      { connectionsMax, descriptors },
      "too few file descriptors for limits.connectionsMax: half of them are for clients, which may have connectionsMax connections; raise the limit (ulimit -n)",
    );
  const engine = makeEngine({
    onRequest: pipeline.handle,
    refusal: (code, detail) => pipeline.services.rejecter.engineRefusal(code, detail),
    onRefused: (refusal, address) => accounting.refusedByEngine(refusal, address),
    limits: {
      headerBytesMax: config.limits.headerBytesMax,
      headersMax: config.limits.headersMax,
      uriBytesMax: config.limits.uriBytesMax,
      connectionsMax,
      descriptorsMax: descriptors,
      headerTimeoutMs: config.limits.headerTimeoutMs,
      bodyIdleTimeoutMs: config.limits.bodyIdleTimeoutMs,
      bodyBytesPerSecondMin: config.limits.bodyBytesPerSecondMin,
      bodyTimeoutMs: config.limits.bodyTimeoutMs,
      writeTimeoutMs: config.limits.writeTimeoutMs,
      keepAliveTimeoutMs: config.limits.keepAliveMs,
    },
    addressCap,
    onHandshake: (isComplete) => {
      if (isComplete) stats.events.handshakes.completed++;
      else stats.events.handshakes.failed++;
    },
    onConnectionRefused: (reason, address) => refusals.count(reason, address),
    tls,
    sharesPort,
  });
  const counts = new RequestCounts();
  const loopDelay = new LoopDelay();
  const batcher = new UsageBatcher(usage, counts, core.sync, clock);
  const certificate = tls === null ? null : new CertificateWatch(engine, tls, log);
  const setTicketKeys = (keys: Buffer): void => {
    if (tls !== null) engine.setTicketKeys?.(keys);
  };
  const ticketKeys = sharesPort ? null : new TicketKeys(setTicketKeys);
  return {
    engine,
    stats,
    counts,
    integrations: () => integrationStates(integrationsOf(core.currentTable.table)),
    impaired: () => impairedTargets(integrationsOf(core.currentTable.table)),
    takeLoopDelayMs: () => loopDelay.takeMaxMs(),
    flushCounts: () => batcher.flush(),
    inFlight: () => pipeline.services.admission.inFlight,
    usageDropped: () => batcher.droppedTotal,
    listen: async () => {
      await sharedLimits?.start();
      const port = await engine.listen(config.host, config.port).catch((cause: unknown) => {
        sharedLimits?.stop();
        throw new ListenError("client", config.host, config.port, "LATCHKEY_INGRESS_PORT", cause);
      });
      if (ticketKeys !== null) setTicketKeys(ticketKeys.current);
      ticketKeys?.start();
      certificate?.start();
      batcher.start();
      loopDelay.start();
      return port;
    },
    reloadFiles: () => {
      certificate?.reload();
      accessLog?.reopen();
    },
    setTicketKeys,
    drain: async () => {
      pipeline.services.proxy.webSockets.closeAll();
      if (!(await within(engine.drain(), config.drainMs))) {
        log.warn(
          { inFlight: pipeline.services.admission.inFlight },
          "the time for requests in flight is over",
        );
        pipeline.services.admission.giveUp();
      }
      ticketKeys?.stop();
      certificate?.stop();
      batcher.stop();
      loopDelay.stop();
      engine.destroy();
      await pipeline.close();
      // A disk that stands still does not keep the node from ending.
      if (accessLog !== null) await within(accessLog.close(), ACCESS_LOG_CLOSE_MS);
      sharedLimits?.stop();
    },
  };
}

/** Of this process. */
export function nodeTelemetry({ config, instanceId, resolver, log, events }: NodeCore): Promise<Telemetry> {
  return openTelemetry({
    settings: config.otlp,
    resource: {
      "service.name": "latchkey-ingress",
      "service.version": release,
      "service.instance.id": instanceId,
      "process.pid": process.pid,
      "latchkey.node": config.nodeId,
    },
    resolver,
    log,
    counts: events,
  });
}

/** The primary is on the same machine and always there: a worker counts for itself only when it hangs. */
const PRIMARY_TIMEOUT_MS = 5_000;
const PRIMARY_RETRY_MS = 1_000;

function sharedLimitsOf(
  { config, log, resolver }: NodeCore,
  stats: IngressStats,
  primaryLimits: LimitCounter | null,
): SharedLimits | null {
  const { url, prefix, timeoutMs, retryMs, nodes } = config.sharedLimits;
  if (url !== undefined) {
    const settings = { timeoutMs, retryMs, members: nodes * config.workers };
    return new SharedLimits(
      (onError) => new LimitServer(url, prefix, resolver.lookup, onError),
      settings,
      stats.sharedLimits,
      log,
    );
  }
  if (primaryLimits === null) return null;
  const settings = {
    timeoutMs: PRIMARY_TIMEOUT_MS,
    retryMs: PRIMARY_RETRY_MS,
    members: config.workers,
  };
  return new SharedLimits(() => primaryLimits, settings, stats.sharedLimits, log);
}

function tlsOf(config: IngressConfig): EngineTls | null {
  const { certFile, keyFile } = config.tls;
  return certFile === undefined || keyFile === undefined ? null : { certFile, keyFile };
}

function* integrationsOf(table: RouteTable<Integration> | null): Iterable<Integration> {
  for (const { current } of table?.integrations.values() ?? []) if (current !== null) yield current;
}
