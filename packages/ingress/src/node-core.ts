/**
 * What a node knows and how it gets to know it: table, stream, last-known-good file, pools to integrations. Serves
 * nobody; see node-front.ts.
 */
import { randomUUID } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { inFolder } from "@latchkey/config";
import { type Clock, systemClock } from "@latchkey/core";
import { Http1Pool } from "@latchkey/http1";
import {
  connectionsFor,
  descriptorsMax,
  type Logger,
  logFile,
  NameResolver,
  release,
  warnOfLooseModes,
} from "@latchkey/observe";
import type { IngressConfig } from "./config.js";
import { publicKeyOf, StreamCredentials, upstreamAuthorities } from "./files.js";
import { AddressGuard } from "./forward/address-guard.js";
import { type Integration, Integrations } from "./forward/integration.js";
import { UpstreamFailures } from "./forward/upstream-failures.js";
import { type ClientFactory, UpstreamPools } from "./forward/upstream-pools.js";
import { LastKnownGood } from "./sync/last-known-good.js";
import { RevisionApplier, type RevisionObserver } from "./sync/revision-applier.js";
import { SleepGate } from "./sync/sleep-gate.js";
import { SnapshotClient } from "./sync/snapshot-client.js";
import { CurrentTable } from "./table/current-table.js";
import { Credentials } from "./upstream-auth/credentials.js";
import { NodeKeys } from "./upstream-auth/node-keys.js";
import type { AskPrimary } from "./upstream-auth/oauth-credential.js";
import { type EventCounts, noEvents } from "./usage/ingress-stats.js";

/** What was counted last is lost when it is not stored by then. */
const USAGE_STORED_MS_MAX = 5_000;

export interface CoreOptions {
  readonly gate: SleepGate;
  /** Without it the node takes a new one. */
  readonly instanceId?: string;
  /** Null: nothing is kept on disk (a worker: its primary does that). */
  readonly dataDir: string | null;
  /** Gets each applied revision, beside the disk. */
  readonly observer: RevisionObserver | null;
  /** Awaited before a revision is acknowledged. */
  readonly beforeAck:
    | ((revision: { readonly epoch: number; readonly number: number }) => Promise<void>)
    | null;
  /** Of a worker: where it gets tokens. Default: from token servers. */
  readonly askPrimary?: AskPrimary;
  /** Default: the client of http1. Tests compare it with others. */
  readonly makeClient?: ClientFactory | undefined;
}

const makeClient: ClientFactory = (options) => new Http1Pool(options);

export interface NodeCore {
  readonly config: IngressConfig;
  readonly log: Logger;
  readonly clock: Clock;
  readonly gate: SleepGate;
  readonly instanceId: string;
  readonly currentTable: CurrentTable<Integration>;
  readonly pools: UpstreamPools;
  readonly keys: NodeKeys;
  /** For whatever connects to a host by its name. */
  readonly resolver: NameResolver;
  readonly sync: SnapshotClient<Integration>;
  readonly events: EventCounts;
  /** Null: fit to serve; else why not. */
  notReady(): string | null;
  close(): Promise<void>;
}

/** A process that sleeps for longer than a stream may be silent has missed what its stream would have told. */
export function makeGate(config: IngressConfig, log: Logger): SleepGate {
  return new SleepGate({ limitMs: config.controlPlane.silenceMs, clock: systemClock, log });
}

/** Loads the last-known-good revision; the stream is started by the caller. */
export async function makeCore(config: IngressConfig, log: Logger, options: CoreOptions): Promise<NodeCore> {
  const clock = systemClock;
  const { gate, instanceId = randomUUID() } = options;
  const { upstreams } = config;
  const resolver = new NameResolver({ servers: config.dns.servers, clock });
  const events = { ...noEvents(), names: resolver.counts };
  const pools = new UpstreamPools(options.makeClient ?? makeClient, {
    connectionsMax: upstreams.connectionsMax,
    connectionsTotalMax: connectionsFor(upstreams.connectionsTotalMax, descriptorsMax()),
    queueMax: upstreams.queueMax,
    queueTimeoutMs: upstreams.queueTimeoutMs,
    bodyPausedTimeoutMs: upstreams.bodyPausedTimeoutMs,
    keepAliveTimeoutMs: upstreams.keepAliveMs,
    responseHeadBytesMax: upstreams.responseHeaderBytesMax,
    responseFieldsMax: upstreams.responseHeadersMax,
    resolver,
    checkAddress: new AddressGuard(upstreams.allowCidrs).check,
    tls: upstreamAuthorities(config),
  });
  const currentTable = new CurrentTable<Integration>(clock);
  const publicKey = publicKeyOf(config);
  const folder = { setting: "dataDir", path: config.dataDir };
  const keys = await inFolder(folder, () => NodeKeys.open(options.dataDir, log));
  const credentials = new Credentials({
    config,
    keys,
    clock,
    pools,
    log,
    tokens: events.tokens,
    askPrimary: options.askPrimary ?? null,
  });
  const applier = new RevisionApplier<Integration>({
    currentTable,
    factory: new Integrations(config, pools, new UpstreamFailures(log, clock), credentials),
    clock,
    publicKey,
    acceptLowerEpoch: config.controlPlane.acceptLowerEpoch,
  });
  const disk = options.dataDir === null ? null : new LastKnownGood({ directory: options.dataDir, log });
  if (disk !== null) {
    const loaded = await inFolder(folder, () => disk.load(applier));
    if (loaded.revision !== null)
      log.info({ revision: loaded.revision }, "started from the last-known-good revision");
    applier.observers.push(disk);
    warnOfLooseModes(privatePaths(config.dataDir), log);
  }
  if (options.observer !== null) applier.observers.push(options.observer);

  const { controlPlane } = config;
  const streamCredentials = new StreamCredentials(config, log);
  const sync = new SnapshotClient<Integration>({
    address: controlPlane.address,
    resolver,
    credentials: () => streamCredentials.read(),
    token: controlPlane.token,
    nodeId: config.nodeId,
    instanceId,
    softwareVersion: release,
    retryFirstMs: controlPlane.retryFirstMs,
    retryMaxMs: controlPlane.retryMaxMs,
    silenceMs: controlPlane.silenceMs,
    // A worker hears its own node over a private socket.
    publicKey: controlPlane.address.startsWith("unix:") ? null : publicKey,
    keys,
    beforeAck: options.beforeAck,
    applier,
    currentTable,
    clock,
    gate,
    log,
  });
  gate.onWake((unnoticedMs) => currentTable.slept(unnoticedMs));
  gate.start();
  return {
    config,
    log,
    clock,
    gate,
    instanceId,
    currentTable,
    pools,
    keys,
    resolver,
    sync,
    events,
    notReady: () => {
      if (currentTable.table === null) return "no configuration yet";
      if (gate.isClosed(clock.monotonicMs())) return "slept; waiting for the control plane";
      const { maxStaleMs } = controlPlane;
      const isStale = maxStaleMs > 0 && clock.monotonicMs() - currentTable.confirmedAtMs > maxStaleMs;
      return isStale ? "configuration too old" : null;
    },
    close: async () => {
      gate.stop();
      await sync.usageStored(USAGE_STORED_MS_MAX);
      sync.stop();
      pools.destroy();
      await disk?.close();
      const table = currentTable.table;
      if (table !== null) for (const reference of table.integrations.values()) reference.current?.retire();
    },
  };
}

/** The data folder, what is in it, and the file that takes the log. */
function privatePaths(dataDir: string): string[] {
  const log = logFile();
  const inFolder = existsSync(dataDir) ? readdirSync(dataDir).map((name) => join(dataDir, name)) : [];
  return [dataDir, ...inFolder, ...(log === null ? [] : [log])];
}
