/**
 * The gRPC server of the stream: takes calls of nodes, admits them by token and rate, and keeps one stream for each node. Follows the
 * snapshot cache, and wakes the streams when it advances. What a stream sends is node-stream.ts's.
 */
import { type Metadata, Server, ServerCredentials, type ServiceDefinition, status } from "@grpc/grpc-js";
import { ListenError } from "@latchkey/config";
import { type Hello, SnapshotServiceService, type SubscribeRequest } from "@latchkey/proto";
import { compareRevisions, type Revision, signHeartbeat, signRevision } from "@latchkey/snapshot";
import { NodeAdmission, TransferSlots } from "./admission.js";
import { type Call, CallPort, closeDetails, refuse, shutdownRetryMs } from "./call-port.js";
import type { SetBackEvidence } from "./epoch-guard.js";
import { FullBackoff } from "./full-backoff.js";
import { guardSessions } from "./goaway-guard.js";
import { idleLimits } from "./idle-connections.js";
import {
  clip,
  greetingFromWire,
  healthFromWire,
  rejectedFromWire,
  reportedRevision,
  usageFromWire,
} from "./node-messages.js";
import type { NodeSession } from "./node-observer.js";
import { NodeStream } from "./node-stream.js";
import { boundOpenCalls } from "./open-calls.js";
import { Publisher } from "./publisher.js";
import { SnapshotCache } from "./snapshot-cache.js";
import { type SnapshotServer, type SnapshotServerOptions } from "./snapshot-server.js";
import { StreamHealth } from "./stream-health.js";
import { StreamListener } from "./stream-listener.js";
import { StreamMetrics } from "./stream-metrics.js";
import { resolveTimings, type SnapshotServerTimings, type StreamTls } from "./stream-options.js";
import { addReflection } from "./stream-reflection.js";

const MIB = 1024 * 1024;
/** What a node may send in one message: a usage batch is the largest. */
const RECEIVE_BYTES_MAX = MIB;
/** Bytes that Node's HTTP/2 may hold for one connection, in MB. */
const SESSION_MEMORY_MB = 8;
/** A node needs one; some room for a stream that is about to be replaced. */
const STREAMS_PER_CONNECTION_MAX = 16;
/** Connections of the port. */
export const STREAM_CONNECTIONS_MAX = 4_096;
const TICK_MS = 1_000;
/** After such a gap between ticks our own process stood still, and nobody's silence means anything. */
const STANDSTILL_MS = 3_000;

/** Reads everything once, then listens. @throws StorageError or ListenError */
export async function startSnapshotServer(options: SnapshotServerOptions): Promise<SnapshotServer> {
  const { db, changeLog, source, clock, logger, signingKey } = options;
  const timings = resolveTimings(options.timings ?? {});
  const cache = await SnapshotCache.open({
    db,
    log: changeLog,
    source,
    clock,
    sign: signingKey ? (revision, digest) => signRevision(revision, digest, signingKey) : null,
    snapshotIdleMs: timings.snapshotIdleMs,
  });
  let service: SnapshotService | null = null;
  const publisher = new Publisher({
    cache,
    streamCount: () => service?.streamCount ?? 0,
    log: changeLog,
    clock,
    logger,
    publishIntervalMs: timings.publishIntervalMs,
    pollIntervalMs: timings.pollIntervalMs,
  });
  // Something may have been committed while everything was read.
  publisher.notice();
  service = new SnapshotService(options, cache, publisher, timings);
  try {
    await service.listen();
  } catch (cause) {
    await service.close(0);
    throw new ListenError("gRPC", options.host, options.port, "LATCHKEY_CONTROL_PLANE_GRPC_PORT", cause);
  }
  return service;
}

class SnapshotService implements SnapshotServer {
  readonly cache: SnapshotCache;
  readonly publisher: Publisher;
  readonly #options: SnapshotServerOptions;
  readonly #timings: SnapshotServerTimings;
  readonly #metrics: StreamMetrics;
  readonly #gate: NodeAdmission;
  readonly #slots: TransferSlots;
  readonly #grpc: Server;
  readonly #listener: StreamListener;
  readonly #health = new StreamHealth();
  /** By node id. */
  readonly #streams = new Map<string, NodeStream>();
  readonly #backoffs = new Map<string, FullBackoff>();
  readonly #stopFollowing: () => void;
  #tickTimer: NodeJS.Timeout | undefined;
  /** The newest revision that this process has read. */
  #newest: Revision;
  #lastTickMs: number;
  #closing: Promise<void> | null = null;

  constructor(
    options: SnapshotServerOptions,
    cache: SnapshotCache,
    publisher: Publisher,
    timings: SnapshotServerTimings,
  ) {
    this.#options = options;
    this.cache = cache;
    this.publisher = publisher;
    this.#timings = timings;
    this.#metrics = new StreamMetrics(options.metrics);
    this.#gate = new NodeAdmission({
      clock: options.clock,
      ratePerSecond: options.admissionRatePerSecond ?? 40,
      burst: options.admissionBurst ?? 40,
    });
    this.#slots = new TransferSlots(options.fullTransfersMax ?? 16);
    this.#lastTickMs = options.clock.monotonicMs();
    options.observer.published(cache.revision);
    this.#newest = cache.revision;
    this.#stopFollowing = cache.onAdvance(() => this.#advanced());
    this.#grpc = new Server({
      "grpc.max_receive_message_length": RECEIVE_BYTES_MAX,
      "grpc-node.max_session_memory": SESSION_MEMORY_MB,
      "grpc.max_concurrent_streams": STREAMS_PER_CONNECTION_MAX,
      "grpc.keepalive_time_ms": timings.keepaliveTimeMs,
      "grpc.keepalive_timeout_ms": timings.keepaliveTimeoutMs,
      "grpc.enable_channelz": 0,
    });
    this.#grpc.addService(rawService, { subscribe: (call: Call) => this.#subscribe(call) });
    this.#health.addTo(this.#grpc);
    if (options.reflection === true) addReflection(this.#grpc);
    // gRPC gets connections whose TLS is done.
    const injector = this.#grpc.createConnectionInjector(ServerCredentials.createInsecure());
    guardSessions(this.#grpc);
    boundOpenCalls(this.#grpc);
    this.#listener = new StreamListener({
      tls: options.tls ?? null,
      connectionsMax: options.connectionsMax ?? STREAM_CONNECTIONS_MAX,
      idleLimits: { ...idleLimits, ...options.idleLimits },
      clock: options.clock,
      logger: options.logger,
      onConnection: (socket) => injector.injectConnection(socket),
    });
  }

  get port(): number {
    return this.#listener.port;
  }

  get streamCount(): number {
    return this.#streams.size;
  }

  get connectionCount(): number {
    return this.#listener.connectionCount;
  }

  setTls(tls: StreamTls): void {
    this.#listener.setTls(tls);
  }

  async listen(): Promise<void> {
    await this.#listener.listen(this.#options.host, this.#options.port);
    this.#tickTimer = setInterval(() => this.#tick(), TICK_MS);
    this.#tickTimer.unref();
  }

  close(graceMs = 5_000): Promise<void> {
    this.#closing ??= this.#close(graceMs);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(graceMs: number): Promise<void> {
    this.publisher.stop();
    this.#stopFollowing();
    clearInterval(this.#tickTimer);
    this.#health.set(false);
    const isClosed = this.#listener.stopAccepting();
    for (const stream of this.#streams.values()) stream.end("shutdown", "the control plane shuts down");
    await new Promise<void>((resolve) => {
      const force = setTimeout(() => {
        this.#grpc.forceShutdown();
        resolve();
      }, graceMs);
      this.#grpc.tryShutdown(() => {
        clearTimeout(force);
        resolve();
      });
    });
    this.#listener.cutAll();
    await isClosed;
  }

  #advanced(): void {
    const { revision } = this.cache;
    if (compareRevisions(revision, this.#newest) < 0) {
      // The database was restored under our feet. Nodes would refuse this revision.
      void this.#beginEpoch({ held: this.#newest, nodeId: null });
      return;
    }
    this.#newest = revision;
    this.#options.observer.published(revision);
    for (const stream of this.#streams.values()) stream.wake();
  }

  /** True when the cache stands in a new epoch. Never rejects. */
  async #beginEpoch(evidence: SetBackEvidence): Promise<boolean> {
    const { epochs, logger } = this.#options;
    try {
      const isBegun = await epochs.setBack(evidence);
      if (isBegun) await this.cache.advance();
      return isBegun;
    } catch (error) {
      logger.error({ err: error }, "cannot begin a new epoch");
      return false;
    }
  }

  #tick(): void {
    const nowMs = this.#options.clock.monotonicMs();
    const gapMs = nowMs - this.#lastTickMs;
    this.#lastTickMs = nowMs;
    if (gapMs > STANDSTILL_MS) return;
    this.#listener.tick();
    this.#health.set(this.publisher.canRead);
    for (const stream of this.#streams.values()) stream.tick();
    for (const [nodeId, backoff] of this.#backoffs)
      if (backoff.isClear && !this.#streams.has(nodeId)) this.#backoffs.delete(nodeId);
    this.cache.releaseIdle();
  }

  /** A new call: token, admission, then the hello decides. */
  #subscribe(call: Call): void {
    const { observer } = this.#options;
    const token = bearerToken(call.metadata);
    const nodeId = token === null ? null : observer.authenticate(token);
    if (token === null || nodeId === null) {
      this.#metrics.refused("token");
      observer.refused(call.getPeer(), null);
      refuse(call, status.UNAUTHENTICATED, "a valid node token is required");
      return;
    }
    if (this.#closing !== null) {
      refuse(call, status.UNAVAILABLE, "the control plane shuts down", shutdownRetryMs());
      return;
    }
    const leave = this.#listener.use(call.getPeer());
    const admission = this.#gate.admit(nodeId);
    if (admission.kind === "refused") {
      this.#metrics.refused("admission");
      refuse(call, status.RESOURCE_EXHAUSTED, "too many nodes at once", admission.retryAfterMs);
      leave();
      return;
    }
    this.#awaitHello(call, token, nodeId, leave);
  }

  /** @param leave called when the call is over, however it ends */
  #awaitHello(call: Call, token: string, nodeId: string, leave: () => void): void {
    const turnAway = (code: status, details: string): void => {
      refuse(call, code, details);
      leave();
    };
    const late = setTimeout(
      () => turnAway(status.DEADLINE_EXCEEDED, "no hello"),
      this.#timings.helloTimeoutMs,
    );
    late.unref();
    const onGone = () => {
      clearTimeout(late);
      leave();
    };
    call.once("cancelled", onGone);
    call.once("end", onGone);
    call.once("data", (request: SubscribeRequest) => {
      clearTimeout(late);
      call.removeListener("cancelled", onGone);
      call.removeListener("end", onGone);
      const hello = request.message?.$case === "hello" ? request.message.value : null;
      if (hello === null) {
        this.#metrics.refused("malformed");
        turnAway(status.INVALID_ARGUMENT, "the first message must be the hello");
      } else if (this.#options.observer.authenticate(token) !== nodeId) {
        // Replaced since the call began: streams end then, and this is none yet.
        this.#metrics.refused("token");
        this.#options.observer.refused(call.getPeer(), null);
        turnAway(status.UNAUTHENTICATED, "a valid node token is required");
      } else if (!this.#options.observer.isCalled(nodeId, hello.nodeId)) {
        this.#metrics.refused("token");
        this.#options.observer.refused(call.getPeer(), clip(hello.nodeId));
        turnAway(status.UNAUTHENTICATED, "the token belongs to another node");
      } else if (hello.knownRevision !== undefined && reportedRevision(hello.knownRevision) === null) {
        this.#metrics.refused("false-claim");
        this.#options.logger.warn({ node: nodeId }, "a node claims an impossible revision");
        turnAway(status.INVALID_ARGUMENT, "the known revision is impossible");
      } else this.#open(call, nodeId, hello, leave);
    });
  }

  #open(call: Call, nodeId: string, hello: Hello, leave: () => void): void {
    const { observer, clock, logger, signingKey } = this.#options;
    this.#streams.get(nodeId)?.end("replaced", "another stream of this node took over");
    let backoff = this.#backoffs.get(nodeId);
    if (backoff === undefined) {
      backoff = new FullBackoff(clock);
      this.#backoffs.set(nodeId, backoff);
    }
    const port = new CallPort(
      call,
      (why) => {
        leave();
        stream.end(why, "");
        if (this.#streams.get(nodeId) === stream) this.#streams.delete(nodeId);
        this.#metrics.ended(why);
        observer.closed(session, why);
        if (why !== "left" && why !== "shutdown") logger.info({ node: nodeId, why }, "a node's stream ended");
      },
      (peer) => this.#listener.cut(peer),
    );
    const stream = new NodeStream({
      nodeId,
      port,
      cache: this.cache,
      sign: signingKey ? (heartbeat) => signHeartbeat(heartbeat, signingKey) : null,
      beginEpoch: (held) => this.#beginEpoch({ held, nodeId }),
      observer,
      slots: this.#slots,
      backoff,
      clock,
      logger,
      metrics: this.#metrics,
      timings: this.#timings,
    });
    const session: NodeSession = {
      nodeId,
      instanceId: clip(hello.instanceId),
      softwareVersion: clip(hello.softwareVersion),
      peer: call.getPeer(),
      close: (why) => stream.end(why, closeDetails[why]),
      usageStored: (sequence) => stream.usageStored(sequence),
    };
    this.#streams.set(nodeId, stream);
    this.#metrics.opened();
    observer.opened(session);
    call.on("data", (request: SubscribeRequest) => this.#receive(nodeId, stream, request));
    stream.greet(greetingFromWire(hello, this.#options.keyGrants)).catch((error: unknown) => {
      logger.error({ err: error, node: nodeId }, "cannot greet a node");
      stream.end("failed", "the control plane failed");
    });
  }

  #receive(nodeId: string, stream: NodeStream, request: SubscribeRequest): void {
    if (!stream.isOpen) return;
    stream.heard();
    const { message } = request;
    switch (message?.$case) {
      case "ack":
        stream.ack(message.value);
        break;
      case "nack":
        stream.nack(message.value);
        break;
      case "usage":
        this.#options.observer.usage(nodeId, usageFromWire(message.value));
        break;
      case "health":
        this.#options.observer.health(nodeId, healthFromWire(message.value));
        break;
      case "rejections":
        this.#options.observer.rejected(nodeId, rejectedFromWire(message.value.rejected));
        break;
      case "hello":
        stream.end("malformed", "a second hello");
        break;
      case undefined:
        // A newer node may send what we do not know: heard, and that is all.
        break;
    }
  }
}

/** Messages are encoded once for all nodes, so the server passes bytes on instead of encoding. */
const rawService: ServiceDefinition = {
  subscribe: { ...SnapshotServiceService.subscribe, responseSerialize: (message: Buffer) => message },
};

function bearerToken(metadata: Metadata): string | null {
  const value = metadata.get("authorization")[0];
  if (typeof value !== "string") return null;
  const match = /^bearer +(\S+) *$/i.exec(value);
  return match?.[1] ?? null;
}
