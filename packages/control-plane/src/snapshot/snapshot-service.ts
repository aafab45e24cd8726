/**
 * The gRPC end of the stream: who may come in, how fast, and how a call ends. What a node gets is decided in
 * node-stream.ts, when in publisher.ts. Never logs a token.
 */
import type { KeyObject } from "node:crypto";
import { createServer, type Socket, type Server as TcpServer } from "node:net";
import {
  createServer as createTlsServer,
  type SecureContextOptions,
  type Server as TlsServer,
} from "node:tls";
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServiceDefinition,
  status,
} from "@grpc/grpc-js";
import type { Clock } from "@latchkey/core";
import type { Logger, Registry } from "@latchkey/observe";
import { type Hello, SnapshotServiceService, type SubscribeRequest } from "@latchkey/proto";
import { signVersion, versionFromWire } from "@latchkey/snapshot";
import type { Db } from "../db/schema.js";
import { AdmissionGate, TransferSlots } from "./admission.js";
import type { SqlChangeLog } from "./change-log.js";
import { FullBackoff } from "./full-backoff.js";
import { healthFromWire, usageFromWire } from "./node-messages.js";
import type { NodeObserver, NodeSession, SessionEnd } from "./node-observer.js";
import { NodeStream } from "./node-stream.js";
import { Publisher } from "./publisher.js";
import type { ResourceSource } from "./seam.js";
import { SnapshotCache } from "./snapshot-cache.js";
import { StreamMetrics } from "./stream-metrics.js";
import { resolveTimings, type SnapshotServerTimings, type StreamTls } from "./stream-options.js";

const MIB = 1024 * 1024;
/** What a node may send in one message: a usage batch is the largest. */
const RECEIVE_BYTES_MAX = MIB;
/** Bytes that Node's HTTP/2 may hold for one connection, in MB. */
const SESSION_MEMORY_MB = 8;
/** A node needs one; some room for a stream that is about to be replaced. */
const STREAMS_PER_CONNECTION_MAX = 100;
const TICK_MS = 1_000;
/** After such a gap between ticks our own process stood still, and nobody's silence means anything. */
const STANDSTILL_MS = 3_000;
/** How long an ended call may take to deliver its status before its connection is cut. */
const END_GRACE_MS = 2_000;
const TLS_HANDSHAKE_MS_MAX = 10_000;
/** Nodes spread their return over this after a shutdown. */
const SHUTDOWN_RETRY_MS_MAX = 10_000;

const RETRY_AFTER = "latchkey-retry-after-ms";

export interface SnapshotServerOptions {
  readonly db: Db;
  readonly changeLog: SqlChangeLog;
  readonly source: ResourceSource;
  /** The registry of nodes: knows tokens, hears what nodes say. */
  readonly observer: NodeObserver;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  /** Without it the stream is plain text, for loopback and private networks. */
  readonly tls?: StreamTls | null;
  /** Ed25519 private key that signs each version; null = unsigned. */
  readonly signingKey?: KeyObject | null;
  /** Streams let in per second, after a burst. */
  readonly admissionRatePerSecond?: number;
  readonly admissionBurst?: number;
  /** Full snapshots sent at the same time. */
  readonly fullTransfersMax?: number;
  readonly connectionsMax?: number;
  readonly timings?: Partial<SnapshotServerTimings>;
}

export interface SnapshotServer extends AsyncDisposable {
  readonly port: number;
  readonly cache: SnapshotCache;
  readonly publisher: Publisher;
  /** Streams of nodes that said hello. */
  readonly streamCount: number;
  /** Open TCP connections, with or without a stream. */
  readonly connectionCount: number;
  /** Another certificate for connections from now on. @throws Error when it is unfit, or TLS was not on from the start */
  setTls(tls: StreamTls): void;
  /** Ends all streams with a hint to come again, then closes the port. */
  close(graceMs?: number): Promise<void>;
}

type Call = ServerDuplexStream<SubscribeRequest, Buffer>;

/** Reads everything once, then listens. @throws StorageError, or the system's error when the port cannot be had. */
export async function startSnapshotServer(options: SnapshotServerOptions): Promise<SnapshotServer> {
  const { db, changeLog, source, clock, logger, signingKey } = options;
  const timings = resolveTimings(options.timings ?? {});
  const cache = await SnapshotCache.open({
    db,
    log: changeLog,
    source,
    clock,
    sign: signingKey ? (version, digest) => signVersion(version, digest, signingKey) : null,
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
  } catch (error) {
    publisher.stop();
    throw error;
  }
  return service;
}

class SnapshotService implements SnapshotServer {
  readonly cache: SnapshotCache;
  readonly publisher: Publisher;
  readonly #options: SnapshotServerOptions;
  readonly #timings: SnapshotServerTimings;
  readonly #metrics: StreamMetrics;
  readonly #gate: AdmissionGate;
  readonly #slots: TransferSlots;
  readonly #grpc: Server;
  readonly #tcp: TcpServer;
  readonly #tls: TlsServer | null = null;
  /** All connections, also those that have not finished their TLS handshake. */
  readonly #connections = new Set<Socket>();
  /** By `address:port` of the node's end. */
  readonly #sockets = new Map<string, Socket>();
  /** By node id. */
  readonly #streams = new Map<string, NodeStream>();
  readonly #backoffs = new Map<string, FullBackoff>();
  readonly #stopFollowing: () => void;
  #tickTimer: NodeJS.Timeout | undefined;
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
    this.#gate = new AdmissionGate({
      clock: options.clock,
      ratePerSecond: options.admissionRatePerSecond ?? 40,
      burst: options.admissionBurst ?? 40,
    });
    this.#slots = new TransferSlots(options.fullTransfersMax ?? 16);
    this.#lastTickMs = options.clock.monotonicMs();
    options.observer.published(cache.version);
    this.#stopFollowing = cache.onAdvance(() => {
      options.observer.published(cache.version);
      for (const stream of this.#streams.values()) stream.wake();
    });
    this.#grpc = new Server({
      "grpc.max_receive_message_length": RECEIVE_BYTES_MAX,
      "grpc-node.max_session_memory": SESSION_MEMORY_MB,
      "grpc.max_concurrent_streams": STREAMS_PER_CONNECTION_MAX,
      "grpc.keepalive_time_ms": timings.keepaliveTimeMs,
      "grpc.keepalive_timeout_ms": timings.keepaliveTimeoutMs,
      "grpc.enable_channelz": 0,
    });
    this.#grpc.addService(rawService, { subscribe: (call: Call) => this.#subscribe(call) });
    // gRPC gets connections whose TLS is done. Our own listener, because a call whose node does not read can only be
    // ended at its socket, and because gRPC's TLS cannot take another certificate while it runs.
    const injector = this.#grpc.createConnectionInjector(ServerCredentials.createInsecure());
    const onConnection = (socket: Socket): void => {
      const peer = `${socket.remoteAddress}:${socket.remotePort}`;
      this.#sockets.set(peer, socket);
      socket.once("close", () => this.#sockets.delete(peer));
      socket.on("error", (error) => options.logger.debug({ err: error, peer }, "a node's connection broke"));
      injector.injectConnection(socket);
    };
    const { tls } = options;
    if (tls === undefined || tls === null) this.#tcp = createServer({ noDelay: true }, onConnection);
    else {
      const isMutual = tls.clientCa !== null;
      this.#tls = createTlsServer(
        {
          ...secureContext(tls),
          ALPNProtocols: ["h2"],
          requestCert: isMutual,
          rejectUnauthorized: isMutual,
          noDelay: true,
          handshakeTimeout: TLS_HANDSHAKE_MS_MAX,
        },
        onConnection,
      );
      this.#tls.on("tlsClientError", (error) =>
        options.logger.info({ err: error }, "a TLS handshake failed"),
      );
      this.#tcp = this.#tls;
    }
    this.#tcp.on("connection", (socket: Socket) => {
      this.#connections.add(socket);
      socket.once("close", () => this.#connections.delete(socket));
    });
    this.#tcp.maxConnections = options.connectionsMax ?? 4_096;
  }

  get port(): number {
    const address = this.#tcp.address();
    return address !== null && typeof address === "object" ? address.port : 0;
  }

  get streamCount(): number {
    return this.#streams.size;
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  setTls(tls: StreamTls): void {
    if (this.#tls === null) throw new Error("the stream was started without TLS");
    this.#tls.setSecureContext(secureContext(tls));
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#tcp.once("error", reject);
      this.#tcp.listen(this.#options.port, this.#options.host, () => {
        this.#tcp.removeListener("error", reject);
        this.#tcp.on("error", (error) => this.#options.logger.error({ err: error }, "snapshot listener"));
        this.#tickTimer = setInterval(() => this.#tick(), TICK_MS);
        this.#tickTimer.unref();
        resolve();
      });
    });
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
    const isClosed = new Promise<void>((resolve) => this.#tcp.close(() => resolve()));
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
    for (const socket of this.#connections) socket.destroy();
    await isClosed;
  }

  #tick(): void {
    const nowMs = this.#options.clock.monotonicMs();
    const gapMs = nowMs - this.#lastTickMs;
    this.#lastTickMs = nowMs;
    if (gapMs > STANDSTILL_MS) return;
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
    if (nodeId === null) {
      this.#metrics.refused("token");
      observer.refused(call.getPeer(), null);
      refuse(call, status.UNAUTHENTICATED, "a valid node token is required");
      return;
    }
    if (this.#closing !== null) {
      refuse(call, status.UNAVAILABLE, "the control plane shuts down", shutdownRetryMs());
      return;
    }
    const admission = this.#gate.admit();
    if (admission.kind === "refused") {
      this.#metrics.refused("admission");
      refuse(call, status.RESOURCE_EXHAUSTED, "too many nodes at once", admission.retryAfterMs);
      return;
    }
    this.#awaitHello(call, nodeId);
  }

  #awaitHello(call: Call, nodeId: string): void {
    const late = setTimeout(
      () => refuse(call, status.DEADLINE_EXCEEDED, "no hello"),
      this.#timings.helloTimeoutMs,
    );
    late.unref();
    const onGone = () => clearTimeout(late);
    call.once("cancelled", onGone);
    call.once("end", onGone);
    call.once("data", (request: SubscribeRequest) => {
      clearTimeout(late);
      call.removeListener("cancelled", onGone);
      call.removeListener("end", onGone);
      const hello = request.message?.$case === "hello" ? request.message.value : null;
      if (hello === null) {
        this.#metrics.refused("malformed");
        refuse(call, status.INVALID_ARGUMENT, "the first message must be the hello");
      } else if (!this.#options.observer.isCalled(nodeId, hello.nodeId)) {
        this.#metrics.refused("token");
        this.#options.observer.refused(call.getPeer(), hello.nodeId);
        refuse(call, status.UNAUTHENTICATED, "the token belongs to another node");
      } else this.#open(call, nodeId, hello);
    });
  }

  #open(call: Call, nodeId: string, hello: Hello): void {
    const { observer, clock, logger } = this.#options;
    this.#streams.get(nodeId)?.end("replaced", "another stream of this node took over");
    let backoff = this.#backoffs.get(nodeId);
    if (backoff === undefined) {
      backoff = new FullBackoff(clock);
      this.#backoffs.set(nodeId, backoff);
    }
    const port = new CallPort(
      call,
      (why) => {
        stream.end(why, "");
        if (this.#streams.get(nodeId) === stream) this.#streams.delete(nodeId);
        this.#metrics.ended(why);
        observer.closed(session, why);
        if (why !== "left" && why !== "shutdown") logger.info({ node: nodeId, why }, "a node's stream ended");
      },
      (peer) => this.#sockets.get(peer)?.destroy(),
    );
    const stream = new NodeStream({
      nodeId,
      port,
      cache: this.cache,
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
      instanceId: hello.instanceId,
      softwareVersion: hello.softwareVersion,
      peer: call.getPeer(),
      close: (why) => stream.end(why, closeDetails[why]),
    };
    this.#streams.set(nodeId, stream);
    this.#metrics.opened();
    observer.opened(session);
    call.on("data", (request: SubscribeRequest) => this.#receive(nodeId, stream, request));
    const greeting = {
      version: hello.knownVersion === undefined ? null : versionFromWire(hello.knownVersion),
      digest: hello.knownDigest,
    };
    stream.greet(greeting).catch((error: unknown) => {
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
      case "hello":
        stream.end("malformed", "a second hello");
        break;
      case undefined:
        // A newer node may send what we do not know: heard, and that is all.
        break;
    }
  }
}

/** One gRPC call as a port. `onClosed` is called once, whichever side ends it. */
class CallPort {
  readonly #call: Call;
  readonly #onClosed: (why: SessionEnd) => void;
  readonly #cut: (peer: string) => void;
  readonly #peer: string;
  /** Rejects what still waits to be written when the call is over: grpc-js forgets those callbacks. */
  readonly #waiting = new Set<(error: Error) => void>();
  #state: "open" | "ending" | "closed" = "open";
  #grace: NodeJS.Timeout | undefined;

  constructor(call: Call, onClosed: (why: SessionEnd) => void, cut: (peer: string) => void) {
    this.#call = call;
    this.#onClosed = onClosed;
    this.#cut = cut;
    this.#peer = call.getPeer();
    call.on("cancelled", () => this.#gone());
    call.on("close", () => this.#gone());
    call.on("end", () => {
      if (this.#state === "open") call.end();
      this.#close("left");
    });
  }

  write(message: Buffer): Promise<void> {
    if (this.#state !== "open") return Promise.reject(new Error("the call is over"));
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      this.#call.write(message, (error: Error | null | undefined) => {
        this.#waiting.delete(reject);
        if (error) reject(error);
        else resolve();
      });
    });
  }

  end(why: SessionEnd, detail: string): void {
    if (this.#state !== "open") return;
    this.#state = "ending";
    refuse(this.#call, endStatus[why], detail, why === "shutdown" ? shutdownRetryMs() : undefined);
    // The status stands behind what was written before; a node that does not read never gets it.
    this.#grace = setTimeout(() => this.#cut(this.#peer), END_GRACE_MS);
    this.#grace.unref();
    this.#close(why);
  }

  #gone(): void {
    clearTimeout(this.#grace);
    this.#close("left");
  }

  #close(why: SessionEnd): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    for (const reject of this.#waiting) reject(new Error("the call is over"));
    this.#waiting.clear();
    this.#onClosed(why);
  }
}

/** Messages are encoded once for all nodes, so the server passes bytes on instead of encoding. */
const rawService: ServiceDefinition = {
  subscribe: { ...SnapshotServiceService.subscribe, responseSerialize: (message: Buffer) => message },
};

const endStatus: Record<SessionEnd, status> = {
  left: status.OK,
  replaced: status.ABORTED,
  revoked: status.UNAUTHENTICATED,
  silent: status.DEADLINE_EXCEEDED,
  unacknowledged: status.DEADLINE_EXCEEDED,
  malformed: status.INVALID_ARGUMENT,
  shutdown: status.UNAVAILABLE,
  failed: status.INTERNAL,
};

const closeDetails: Record<SessionEnd, string> = {
  left: "",
  replaced: "another stream of this node took over",
  revoked: "the node was removed",
  silent: "nothing heard",
  unacknowledged: "a version was not acknowledged",
  malformed: "a message could not be understood",
  shutdown: "the control plane shuts down",
  failed: "the control plane failed",
};

function refuse(call: Call, code: status, details: string, retryAfterMs?: number): void {
  const metadata = new Metadata();
  if (retryAfterMs !== undefined) metadata.set(RETRY_AFTER, String(retryAfterMs));
  call.emit("error", { code, details, metadata });
}

/** Full jitter: a fixed delay would bring all nodes back in the same second. */
function shutdownRetryMs(): number {
  return Math.floor(Math.random() * SHUTDOWN_RETRY_MS_MAX);
}

function bearerToken(metadata: Metadata): string | null {
  const value = metadata.get("authorization")[0];
  if (typeof value !== "string") return null;
  const match = /^bearer +(\S+) *$/i.exec(value);
  return match?.[1] ?? null;
}

function secureContext(tls: StreamTls): SecureContextOptions {
  const { cert, key, clientCa } = tls;
  return { cert, key, minVersion: "TLSv1.2", ...(clientCa === null ? {} : { ca: clientCa }) };
}
