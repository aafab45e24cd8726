// One connection to an origin and the request that is on it. One request at a time: no pipelining. Decides whether a
// connection may be used again; which request it gets is the pool's decision. Over 400 lines because whatever may happen to a
// connection in each of its states (upstream-state.ts) is read in one place, as for server-connection.ts.

import type { OnReadOpts, Socket } from "node:net";
// Not the global: it is found by a getter at each use.
import { performance } from "node:perf_hooks";
import { describeFault, type FaultCode } from "../codec/fault.js";
import { HEAD_REFUSED } from "../codec/head-parser.js";
import { viewOf, type WordBuffer, wordBuffer } from "../codec/word-buffer.js";
import type { Placed } from "../io/dense-list.js";
import { ioPath } from "../io/io-path.js";
import { readAtHandle } from "../io/node-internals.js";
import { sharedRead } from "../io/read-arena.js";
import { checkReset } from "../io/reset-probe.js";
import { SocketWriter, WRITE_HIGH_WATER, type WriterOwner } from "../io/socket-writer.js";
import { ticker, ticksFor } from "../io/ticker.js";
import type { ClientRequest, RequestChannel } from "./client-request.js";
import { classifyConnectError, type OpenerOwner, SocketOpener } from "./connect.js";
import type { ConnectionPool } from "./connection-pool.js";
import { codeOfResponseFault, ResponseReader } from "./response-reader.js";
import type { UpstreamAddress, UpstreamErrorCode, UpstreamPhase } from "./upstream-client.js";
import {
  CLOSED,
  CONNECTING,
  CUT_SHORT,
  IDLE,
  PAUSED,
  READING,
  SENDING,
  STUCK,
  timeoutOf,
  type UpstreamState,
  WAITING,
} from "./upstream-state.js";

/** One TLS record. Writing to a TLS socket may read from it, so those don't share. */
const TLS_READ_BYTES = 16_384;
/** How long a response may take to be read whose request could not be sent to its end. */
const EARLY_RESPONSE_MS = 1_000;
/** The part of an idle time-out the origin announced that is not used, so that both ends don't meet in its last second. */
const KEEP_ALIVE_MARGIN_MS = 1_000;
const FOREVER = Number.POSITIVE_INFINITY;

export class UpstreamConnection implements RequestChannel, WriterOwner, OpenerOwner, Placed {
  /** Once it is connected. */
  writer!: SocketWriter;
  request: ClientRequest | null = null;
  /** The connection is made for this request, which must not get an older one. */
  reservedFor: ClientRequest | null = null;
  /** What it is connected to; null before. */
  address: string | null = null;
  /** Gets no further request: its address is none of the origin's any more. */
  retired = false;
  /** Among the connections of its pool. */
  place = -1;
  /** Monotonic time at which it began to be made. */
  readonly #openedAtMs = performance.now();
  #connectMs = 0;

  readonly #pool: ConnectionPool<UpstreamConnection>;
  readonly #opener: SocketOpener;
  /** Null until TCP is connected. */
  #socket: Socket | null = null;
  readonly #read: WordBuffer;
  readonly #response: ResponseReader;
  #state: UpstreamState = CONNECTING;
  /** When the state has lasted too long. */
  #deadline = FOREVER;
  #served = 0;
  /** The rest of a request was not taken. */
  #writeFailed = false;
  /** Tick since which no request is on it. */
  #idleSince = 0;
  /** How long the body that is being read may stand still. */
  #bodyTicks = 0;

  constructor(pool: ConnectionPool<UpstreamConnection>) {
    this.#pool = pool;
    this.#read = pool.options.tls === undefined ? sharedRead : wordBuffer(TLS_READ_BYTES);
    this.#response = new ResponseReader(this.#read, pool.responseLimits, pool.memo);
    const onread: OnReadOpts = { buffer: this.#read.bytes, callback: (length) => this.#onRead(length) };
    this.#opener = new SocketOpener(pool.options, onread, pool.addressOrder, this);
  }

  /** The only assignment of the state. @param ticks how long it may last */
  #transition(to: UpstreamState, ticks: number): void {
    this.#state = to;
    this.#deadline = ticker.tick + ticks;
    if (to === IDLE) this.#idleSince = ticker.tick;
    else if (to === CLOSED) {
      this.#opener.cancel();
      this.#socket?.destroy();
    }
  }

  get closed(): boolean {
    return this.#state === CLOSED;
  }

  /** How long it took to be made, or has taken so far. */
  get connectMs(): number {
    return this.#state === CONNECTING ? performance.now() - this.#openedAtMs : this.#connectMs;
  }

  /** Has served a request, so that the origin may have closed it since. */
  get isUsed(): boolean {
    return this.#served > 0;
  }

  /** Until then the time is the resolver's, which does not count as time to connect. */
  addressesFound(): void {
    this.#transition(CONNECTING, this.#pool.ticks.connect);
  }

  socketOpened(socket: Socket, { address }: UpstreamAddress): void {
    const isEncrypted = this.#pool.options.tls !== undefined;
    this.#socket = socket;
    this.address = address;
    this.writer = new SocketWriter(socket, this, isEncrypted);
    if (isEncrypted) socket.on("secureConnect", () => this.#onReady());
    socket.on("error", (error: Error) => this.#onError(error));
    socket.on("end", () => this.#onEnd());
    socket.on("close", () => this.#lost("connection_lost", "the origin closed the connection"));
    if (isEncrypted) return;
    if (ioPath.uses("bareSockets")) readAtHandle(socket, (length) => this.#onRead(length));
    this.#onReady();
  }

  openFailed(error: Error): void {
    this.#connectFailed(classifyConnectError(error, false), error.message, error);
  }

  #onReady(): void {
    if (this.closed) return;
    this.#connectMs = this.connectMs;
    this.#becomeIdle(this.#pool.options.keepAliveTimeoutMs);
    this.#pool.connectionReady(this);
  }

  #becomeIdle(keepAliveMs: number): void {
    this.#transition(IDLE, ticksFor(keepAliveMs));
  }

  /** Sends a request. The connection is idle. */
  start(request: ClientRequest): void {
    this.request = request;
    request.connection = this;
    request.attempts++;
    request.waitIsOver(this.isUsed ? 0 : this.#connectMs);
    const { writer } = this;
    writer.sent = false;
    this.#response.start(request.mayUpgrade);
    this.#transition(SENDING, FOREVER);
    if (!request.writeTo(writer)) {
      this.request = null;
      request.connection = null;
      const detail = "a control byte in the head";
      request.failLater("request_refused", "connect", true, detail);
      this.#becomeIdle(this.#pool.options.keepAliveTimeoutMs);
      this.#pool.connectionFree(this);
      return;
    }
    this.requestProgressed(writer.unsent > WRITE_HIGH_WATER);
  }

  requestProgressed(isStuck: boolean): void {
    const { kind } = this.#state;
    if (kind !== "sending" && kind !== "waiting") return; // an early response has its own time-outs
    const { ticks } = this.#pool;
    if (isStuck) this.#transition(STUCK, ticks.bodyIdle);
    else if (this.request?.bodyDone === true) this.#transition(WAITING, ticks.head);
    else this.#transition(SENDING, FOREVER); // its sender's time is limited elsewhere
  }

  resume(): void {
    if (this.#state !== PAUSED) return;
    this.#transition(READING, this.#bodyTicks);
    this.#socket?.resume();
  }

  /** Closes; the request, if any, has been taken care of. */
  drop(): void {
    this.request = null;
    this.#close();
  }

  /** Fails what is in flight and closes. */
  destroy(code: UpstreamErrorCode, detail: string): void {
    if (this.closed) return;
    if (this.#state === CONNECTING) this.#connectFailed(code, detail, undefined);
    else this.#fail(code, detail);
  }

  onTick(tick: number): void {
    if (tick < this.#deadline) return;
    const timeout = timeoutOf(this.#state);
    if (timeout !== null) this.#fail(timeout.code, timeout.detail);
    else if (this.#state === CONNECTING) {
      const what = this.#socket === null ? "connecting" : "the TLS handshake";
      this.#connectFailed("connect_timeout", `${what} took too long`, undefined);
    } else this.#close();
  }

  /**
   * An origin that has enough of a request may respond and close before the request is sent whole (RFC 9112 §9.5). Its
   * response lies in the kernel then, and is read before the connection is given up.
   */
  onWriteError(error: Error): void {
    if (this.request === null || !this.writer.sent) {
      this.#socket?.destroy(error);
      return;
    }
    if (this.#writeFailed) return;
    this.#writeFailed = true;
    if (this.#state.kind !== "body") this.#transition(CUT_SHORT, ticksFor(EARLY_RESPONSE_MS));
  }

  onFlushed(): void {
    const { request } = this;
    if (request?.needDrain !== true || this.writer.unsent > WRITE_HIGH_WATER) return;
    request.needDrain = false;
    this.requestProgressed(false);
    request.handler.onDrain();
  }

  onDrained(): void {
    this.onFlushed();
  }

  #onRead(length: number): boolean {
    this.#receive(length);
    return this.#state !== PAUSED;
  }

  /** `end` bytes were read. */
  #receive(end: number): void {
    const { request } = this;
    if (request === null || !this.writer.sent) {
      // Bytes that nothing asked for: whatever comes next could be taken for the response to another request.
      if (!this.closed) this.#lost("connection_lost", "the origin sent bytes before it was asked");
      return;
    }
    let pos = 0;
    if (this.#state.kind !== "body") {
      pos = this.#receiveHead(request, end);
      if (pos < 0) return;
      if (!this.#response.hasBody) {
        this.#complete(request, pos < end);
        return;
      }
      if (pos === end) return;
    }
    const { body } = this.#response;
    const after = body.decode(this.#read.bytes, pos, end);
    if (this.#state !== PAUSED) this.#transition(READING, this.#bodyTicks);
    if (body.to > body.from) {
      const goesOn = request.handler.onResponseData(viewOf(this.#read, body.from, body.to));
      if (this.request !== request) return; // aborted
      if (!goesOn && !body.done) this.#transition(PAUSED, this.#pool.ticks.bodyPaused);
    }
    if (body.fault !== null) this.#failFault(body.fault);
    else if (body.done) this.#complete(request, after < end);
  }

  /** Returns the offset behind the final head, or -1 when there is nothing more to do. */
  #receiveHead(request: ClientRequest, end: number): number {
    const response = this.#response;
    const pos = response.readHead(end);
    if (pos < 0) {
      if (pos === HEAD_REFUSED) this.#failFault(response.fault!);
      return -1;
    }
    const { ticks } = this.#pool;
    const length = response.startBody(request.toHead);
    const { status, statusText, headers } = response.head!;
    this.#bodyTicks = length < 0 && response.isEventStream ? ticks.eventStreamIdle : ticks.bodyIdle;
    if (response.isUpgraded) {
      request.isTunnel = true;
      this.#bodyTicks = FOREVER; // its owner times its silence
    }
    this.#transition(READING, this.#bodyTicks);
    if (response.fault !== null) {
      this.#failFault(response.fault);
      return -1;
    }
    request.handler.onResponseStart(status, statusText, headers, length);
    return this.request === request ? pos : -1;
  }

  #complete(request: ClientRequest, hasLeftOver: boolean): void {
    const response = this.#response;
    const { persistent, keepAliveSeconds } = response.head!;
    let keepAliveMs = this.#pool.options.keepAliveTimeoutMs;
    if (keepAliveSeconds >= 0) {
      keepAliveMs = Math.min(keepAliveMs, keepAliveSeconds * 1_000 - KEEP_ALIVE_MARGIN_MS);
    }
    const isReusable =
      persistent &&
      !this.retired &&
      !this.#writeFailed &&
      request.bodyDone && // a response before the request was complete leaves the rest of it on the wire
      this.writer.unsent === 0 &&
      !hasLeftOver && // bytes behind the response belong to nothing
      !response.endsByClose &&
      keepAliveMs > 0;
    this.request = null;
    request.connection = null;
    request.over = true;
    this.#served++;
    if (isReusable) {
      const wasPaused = this.#state === PAUSED;
      this.#becomeIdle(keepAliveMs);
      if (wasPaused) this.#socket?.resume();
      this.#pool.connectionFree(this);
    } else {
      this.#close();
    }
    this.#pool.requestOver(request);
    request.handler.onResponseEnd();
  }

  #onEnd(): void {
    const { request } = this;
    if (request === null || this.#state.kind !== "body" || !this.#response.endsByClose) {
      this.#lost("connection_lost", "the origin closed the connection");
      return;
    }
    // libuv reports data and a reset that come together as data and an end.
    checkReset(this.#socket!, (wasReset) => {
      if (this.request !== request) return; // aborted
      if (wasReset) this.#lost("connection_lost", "the origin reset the connection");
      else this.#complete(request, false);
    });
  }

  #onError(error: Error): void {
    if (this.#state === CONNECTING) {
      this.#connectFailed(classifyConnectError(error, true), error.message, error);
      return;
    }
    const { code = error.message } = error as NodeJS.ErrnoException;
    // With TLS 1.3 an origin refuses the client's certificate after the handshake has ended for the client.
    const isHandshake = code.startsWith("ERR_SSL_") && !this.isUsed && this.#response.headBytes === 0;
    this.#lost(isHandshake ? "tls_failed" : "connection_lost", `the connection broke: ${code}`);
  }

  #connectFailed(code: UpstreamErrorCode, detail: string, cause: unknown): void {
    if (this.closed) return;
    this.#connectMs = this.connectMs;
    this.#transition(CLOSED, FOREVER);
    this.#pool.connectFailed(this, code, detail, cause);
  }

  /** The connection was lost through no decision of ours: try again if nothing can have come of the request. */
  #lost(code: UpstreamErrorCode, detail: string): void {
    if (this.closed) return;
    if (this.#state === CONNECTING) {
      this.#connectFailed("tls_failed", detail, undefined);
      return;
    }
    const { request } = this;
    if (this.isUsed && this.#response.headBytes === 0)
      this.#pool.keepAlive.closedAfter(ticker.tick - this.#idleSince);
    if (request === null || !this.#mayRetry(request)) {
      this.#fail(code, detail);
      return;
    }
    if (!this.writer.sent) request.unsent = this.writer.takeUnsent();
    this.request = null;
    request.connection = null;
    this.#close();
    this.#pool.retry(request);
  }

  #mayRetry(request: ClientRequest): boolean {
    if (request.over || request.attempts > 1 || this.#response.headBytes > 0) return false;
    // Nothing left this process: any request. Else only what may be repeated, and only where the cause was most
    // likely an origin that closes its idle connections (RFC 9112 §9.3.1).
    return !this.writer.sent || (request.repeatable && this.isUsed);
  }

  #failFault(fault: FaultCode): void {
    this.#fail(codeOfResponseFault(fault), describeFault(fault));
  }

  #fail(code: UpstreamErrorCode, detail: string): void {
    const { request } = this;
    const { sent } = this.writer;
    let phase: UpstreamPhase = "head";
    if (this.#state.kind === "body") phase = "body";
    else if (request !== null && (!request.bodyDone || this.writer.unsent > 0)) phase = "send";
    this.request = null;
    this.#close();
    request?.fail(code, phase, !sent, detail);
  }

  #close(): void {
    if (this.closed) return;
    this.#transition(CLOSED, FOREVER);
    this.#pool.connectionGone(this);
  }
}
