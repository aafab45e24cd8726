// HOT. One connection to an origin and the response that is being read from it. One request at a time: no pipelining.
// Decides whether a connection may be used again; which request it gets is the pool's decision. Long because what a
// response, a time-out and a loss may do to each other is one state machine.

import type { OnReadOpts, Socket } from "node:net";
import { BodyDecoder, type BodyLimits } from "../codec/body-decoder.js";
import { describeFault, type FaultCode } from "../codec/fault.js";
import { HEAD_INCOMPLETE, HEAD_REFUSED, type HeadLimits } from "../codec/head-parser.js";
import type { LastResponseHead, ResponseHead } from "../codec/response-head.js";
import {
  BODY_CHUNKED,
  BODY_FIXED,
  BODY_NONE,
  BODY_UNTIL_CLOSE,
  ResponseParser,
  responseBody,
} from "../codec/response-parser.js";
import { viewOf, type WordBuffer, wordBuffer } from "../codec/word-buffer.js";
import type { Placed } from "../io/dense-list.js";
import { sharedRead } from "../io/read-arena.js";
import { checkReset } from "../io/reset-probe.js";
import { SocketWriter, WRITE_HIGH_WATER, type WriterOwner } from "../io/socket-writer.js";
import { ticker, ticksFor } from "../io/ticker.js";
import type { AddressOrder } from "./address-order.js";
import type { ClientRequest } from "./client-request.js";
import { classifyConnectError, type OpenerOwner, SocketOpener } from "./connect.js";
import type { UpstreamAddress, UpstreamErrorCode, UpstreamPhase } from "./upstream-client.js";
import type { ResolvedPoolOptions } from "./upstream-options.js";

/** What a connection needs of its pool. */
export interface ConnectionHome {
  readonly options: ResolvedPoolOptions;
  readonly headLimits: HeadLimits;
  readonly bodyLimits: BodyLimits;
  readonly ticks: PoolTicks;
  readonly addressOrder: AddressOrder;
  /** Of this origin. */
  readonly lastHead: LastResponseHead;
  /** Ready for its first request. */
  connectionReady(connection: UpstreamConnection): void;
  /** Ready for its next request. */
  connectionFree(connection: UpstreamConnection): void;
  /** The origin closed it between two requests, so many ticks after the last response. */
  closedUnasked(ticks: number): void;
  /** A response is complete, and its connection has been taken care of. */
  exchangeOver(exchange: ClientRequest): void;
  /** Never became ready. */
  connectFailed(
    connection: UpstreamConnection,
    code: UpstreamErrorCode,
    detail: string,
    cause: unknown,
  ): void;
  /** Was ready, and is gone for good. */
  connectionGone(connection: UpstreamConnection): void;
  /** Its request may be sent once more, on another connection. */
  retry(exchange: ClientRequest): void;
}

export interface PoolTicks {
  readonly connect: number;
  readonly head: number;
  readonly bodyIdle: number;
  readonly eventStreamIdle: number;
  readonly bodyPaused: number;
}

/** One TLS record. Writing to a TLS socket may read from it, so those don't share. */
const TLS_READ_BYTES = 16_384;

const WAIT_NONE = 0;
const WAIT_CONNECT = 1;
const WAIT_HEAD = 2;
const WAIT_SEND = 3;
const WAIT_BODY = 4;
const WAIT_PAUSED = 5;
const WAIT_IDLE = 6;
/** The request could not be sent to its end: only a response that has arrived already can follow. */
const WAIT_EARLY = 7;

/** How long such a response may take to be read. */
const EARLY_RESPONSE_MS = 1_000;

/** The part of an idle time-out the origin announced that is not used, so that both ends don't meet in its last second. */
const KEEP_ALIVE_MARGIN_MS = 1_000;

export class UpstreamConnection implements WriterOwner, OpenerOwner, Placed {
  /** From `ready` on. */
  writer!: SocketWriter;
  exchange: ClientRequest | null = null;
  /** The connection is made for this exchange, which must not get an older one. */
  reservedFor: ClientRequest | null = null;
  ready = false;
  closed = false;
  /** What it is connected to; null before. */
  address: string | null = null;
  /** Gets no further request: its address is none of the origin's any more. */
  retired = false;
  /** Among the connections of its pool. */
  place = -1;

  readonly #home: ConnectionHome;
  readonly #opener: SocketOpener;
  /** Null until TCP is connected. */
  #socket: Socket | null = null;
  readonly #read: WordBuffer;
  readonly #parser: ResponseParser;
  readonly #decoder: BodyDecoder;
  #served = 0;
  /** Of the answer that is being read. */
  #head: ResponseHead | null = null;
  #inBody = false;
  #framing = BODY_NONE;
  /** Bytes of the response that have come, interim heads included; only whether there are any matters after the head. */
  #received = 0;
  #interims = 0;
  #paused = false;
  #writeFailed = false;
  /** Tick since which no request is on it. */
  #idleSince = 0;
  /** How long the body that is being read may stand still. */
  #bodyTicks = 0;
  #wait = WAIT_CONNECT;
  #deadline: number;

  constructor(home: ConnectionHome) {
    this.#home = home;
    this.#read = home.options.tls === undefined ? sharedRead : wordBuffer(TLS_READ_BYTES);
    this.#parser = new ResponseParser(home.headLimits);
    this.#decoder = new BodyDecoder(home.bodyLimits);
    this.#deadline = ticker.tick + home.ticks.connect;
    const onread: OnReadOpts = { buffer: this.#read.bytes, callback: (length) => this.#onRead(length) };
    this.#opener = new SocketOpener(home.options, onread, home.addressOrder, this);
  }

  socketOpened(socket: Socket, { address }: UpstreamAddress): void {
    const isEncrypted = this.#home.options.tls !== undefined;
    this.#socket = socket;
    this.address = address;
    this.writer = new SocketWriter(socket, this, isEncrypted);
    if (isEncrypted) socket.on("secureConnect", () => this.#onReady());
    socket.on("error", (error: Error) => this.#onError(error));
    socket.on("end", () => this.#onEnd());
    socket.on("close", () => this.#lost("connection_lost", "the origin closed the connection"));
    if (!isEncrypted) this.#onReady();
  }

  openFailed(error: Error): void {
    this.#connectFailed(classifyConnectError(error, false), error.message, error);
  }

  /** Sends a request. The connection is ready and free. */
  start(exchange: ClientRequest): void {
    this.exchange = exchange;
    exchange.connection = this;
    exchange.attempts++;
    const { writer } = this;
    writer.sent = false;
    this.#inBody = false;
    this.#received = 0;
    this.#interims = 0;
    const { unsent } = exchange;
    if (unsent !== null) {
      exchange.unsent = null;
      writer.writeBytes(unsent);
    } else if (
      !writer.writeHead(
        exchange.headStart,
        exchange.head,
        exchange.headLines,
        exchange.targetFrom,
        exchange.targetTo,
      )
    ) {
      this.exchange = null;
      exchange.connection = null;
      exchange.failLater(
        "request_refused",
        "connect",
        true,
        "a control byte in the head, or a head over 16 KiB",
      );
      this.#age(this.#home.options.keepAliveTimeoutMs);
      this.#home.connectionFree(this);
      return;
    }
    const waiting = exchange.takeWaiting();
    if (waiting !== null) {
      for (const piece of waiting) writer.writeBytes(piece);
    }
    this.requestProgressed(writer.unsent > WRITE_HIGH_WATER);
  }

  /** More of the request was written. `stuck`: the origin reads slower than it is sent to. */
  requestProgressed(stuck: boolean): void {
    if (this.#inBody || this.#writeFailed) return; // an early answer: its own time-outs run
    if (stuck) this.#arm(WAIT_SEND, this.#home.ticks.bodyIdle);
    else if (this.exchange?.bodyDone === true) this.#arm(WAIT_HEAD, this.#home.ticks.head);
    else this.#wait = WAIT_NONE; // for the sender of the body, whose time is limited elsewhere
  }

  resume(): void {
    if (!this.#paused || this.closed) return;
    this.#paused = false;
    this.#arm(WAIT_BODY, this.#bodyTicks);
    this.#socket?.resume();
  }

  /** Closes; the exchange, if any, has been taken care of. */
  drop(): void {
    this.exchange = null;
    this.#close();
  }

  /** Fails what is in flight and closes. */
  destroy(code: UpstreamErrorCode, detail: string): void {
    if (this.closed) return;
    if (this.ready) this.#fail(code, detail);
    else this.#connectFailed(code, detail, undefined);
  }

  onTick(tick: number): void {
    if (this.#wait === WAIT_NONE || tick < this.#deadline) return;
    switch (this.#wait) {
      case WAIT_CONNECT:
        this.#connectTimedOut();
        break;
      case WAIT_HEAD:
        this.#fail("head_timeout", "no response head in time");
        break;
      case WAIT_EARLY:
        this.#fail("connection_lost", "the origin does not take the request");
        break;
      case WAIT_SEND:
        this.#fail("send_timeout", "the origin does not read the request");
        break;
      case WAIT_BODY:
        this.#fail("body_timeout", "the response stands still");
        break;
      case WAIT_PAUSED:
        this.#fail("reader_timeout", "the response was paused for too long");
        break;
      default:
        this.#close();
    }
  }

  /** Has served a request, so that the origin may have closed it since. */
  get isUsed(): boolean {
    return this.#served > 0;
  }

  /** Ticks without a request. */
  idleTicks(tick: number): number {
    return tick - this.#idleSince;
  }

  /**
   * An origin that has enough of a request may answer and close before the request is sent whole (RFC 9112 §9.5). Its
   * response lies in the kernel then, and is read before the connection is given up.
   */
  onWriteError(error: Error): void {
    if (this.exchange === null || !this.writer.sent) {
      this.#socket?.destroy(error);
      return;
    }
    if (this.#writeFailed) return;
    this.#writeFailed = true;
    if (!this.#inBody) this.#arm(WAIT_EARLY, ticksFor(EARLY_RESPONSE_MS));
  }

  onFlushed(): void {
    const { exchange } = this;
    if (exchange?.needDrain === true && this.writer.unsent <= WRITE_HIGH_WATER) this.#drained(exchange);
  }

  onDrained(): void {
    this.onFlushed();
  }

  #drained(exchange: ClientRequest): void {
    exchange.needDrain = false;
    this.requestProgressed(false);
    exchange.handler.onDrain();
  }

  #arm(wait: number, ticks: number): void {
    this.#wait = wait;
    this.#deadline = ticker.tick + ticks;
  }

  #onReady(): void {
    if (this.closed) return;
    this.ready = true;
    this.#age(this.#home.options.keepAliveTimeoutMs);
    this.#home.connectionReady(this);
  }

  #age(keepAliveMs: number): void {
    this.#arm(WAIT_IDLE, ticksFor(keepAliveMs));
    this.#idleSince = ticker.tick;
  }

  #onRead(length: number): boolean {
    this.#receive(this.#read.bytes, length);
    return !this.#paused;
  }

  #receive(bytes: Buffer, end: number): void {
    const { exchange } = this;
    if (exchange === null || !this.writer.sent) {
      // Bytes that nothing asked for: whatever comes next could be taken for the answer to another request.
      if (!this.closed) this.#lost("connection_lost", "the origin sent bytes before it was asked");
      return;
    }
    let pos = 0;
    if (!this.#inBody) {
      pos = this.#receiveHead(exchange, bytes, end);
      if (pos < 0) return;
      if (this.#framing === BODY_NONE) {
        this.#complete(exchange, pos < end);
        return;
      }
      if (pos === end) return;
    }
    const decoder = this.#decoder;
    const after = decoder.decode(bytes, pos, end);
    this.#arm(WAIT_BODY, this.#bodyTicks);
    if (decoder.to > decoder.from) {
      const goOn = exchange.handler.onResponseData(viewOf(this.#read, decoder.from, decoder.to));
      if (this.exchange !== exchange) return; // aborted
      if (!goOn && !decoder.done) this.#pause();
    }
    if (decoder.fault !== null) this.#failFault(decoder.fault);
    else if (decoder.done) this.#complete(exchange, after < end);
  }

  /** Reads heads up to the final one. Returns the offset behind it, or -1 when there is nothing more to do. */
  #receiveHead(exchange: ClientRequest, bytes: Buffer, end: number): number {
    const { lastHead } = this.#home;
    const isFirst = this.#received === 0;
    if (isFirst && lastHead.isAtStartOf(this.#read, end)) {
      this.#received = lastHead.length;
      return this.#startAnswer(exchange, lastHead.head!, lastHead.length);
    }
    const pos = this.#parseHead(bytes, end);
    if (pos < 0) return pos;
    const head = this.#parser.toHead();
    this.#parser.reset();
    if (isFirst && pos === this.#received && this.#interims === 0) lastHead.keep(this.#read, pos, head);
    return this.#startAnswer(exchange, head, pos);
  }

  #parseHead(bytes: Buffer, end: number): number {
    const parser = this.#parser;
    let pos = 0;
    for (;;) {
      const after = parser.parse(bytes, pos, end);
      if (after === HEAD_REFUSED) {
        this.#received += end - pos;
        this.#failFault(parser.fault!);
        return -1;
      }
      this.#received += (after === HEAD_INCOMPLETE ? end : after) - pos;
      if (this.#received > this.#home.headLimits.headBytesMax) {
        this.#failFault("head_too_large");
        return -1;
      }
      if (after === HEAD_INCOMPLETE) return -1;
      pos = after;
      if (parser.status >= 200) return pos;
      if (parser.status === 101) {
        this.#failFault("upgrade_unasked");
        return -1;
      }
      if (++this.#interims > this.#home.options.interimResponsesMax) {
        this.#failFault("interim_too_many");
        return -1;
      }
      parser.reset();
      if (pos === end) return -1;
    }
  }

  /** @returns `pos`, or -1 when there is nothing more to do */
  #startAnswer(exchange: ClientRequest, head: ResponseHead, pos: number): number {
    this.#head = head;
    this.#inBody = true;
    const framing = responseBody(head, exchange.toHead);
    this.#framing = framing;
    let length = 0;
    if (framing === BODY_FIXED) {
      length = head.contentLength;
      this.#decoder.startFixed(length);
    } else if (framing !== BODY_NONE) {
      length = -1;
      if (framing === BODY_CHUNKED) this.#decoder.startChunked();
      else this.#decoder.startUntilClose();
    }
    if (this.#decoder.fault !== null && framing !== BODY_NONE) {
      this.#failFault(this.#decoder.fault);
      return -1;
    }
    const { ticks } = this.#home;
    this.#bodyTicks = length < 0 && isEventStream(head.fields.list) ? ticks.eventStreamIdle : ticks.bodyIdle;
    this.#arm(WAIT_BODY, this.#bodyTicks);
    exchange.handler.onResponseStart(head.status, head.statusText, head.fields, length);
    return this.exchange === exchange ? pos : -1;
  }

  #pause(): void {
    this.#paused = true;
    this.#arm(WAIT_PAUSED, this.#home.ticks.bodyPaused);
  }

  #complete(exchange: ClientRequest, leftOver: boolean): void {
    const { persistent, keepAliveSeconds } = this.#head!;
    let keepAliveMs = this.#home.options.keepAliveTimeoutMs;
    if (keepAliveSeconds >= 0) {
      keepAliveMs = Math.min(keepAliveMs, keepAliveSeconds * 1_000 - KEEP_ALIVE_MARGIN_MS);
    }
    const reusable =
      persistent &&
      !this.retired &&
      !this.#writeFailed &&
      exchange.bodyDone && // an answer before the request was complete leaves the rest of it on the wire
      this.writer.unsent === 0 &&
      !leftOver && // bytes behind the answer belong to nothing
      this.#framing !== BODY_UNTIL_CLOSE &&
      keepAliveMs > 0;
    this.exchange = null;
    exchange.connection = null;
    exchange.over = true;
    this.#served++;
    this.#inBody = false;
    this.#head = null;
    if (!reusable) {
      this.#close();
    } else {
      if (this.#paused) {
        this.#paused = false;
        this.#socket?.resume();
      }
      this.#age(keepAliveMs);
      this.#home.connectionFree(this);
    }
    this.#home.exchangeOver(exchange);
    exchange.handler.onResponseEnd();
  }

  #onEnd(): void {
    const { exchange } = this;
    if (exchange === null || !this.#inBody || this.#framing !== BODY_UNTIL_CLOSE) {
      this.#lost("connection_lost", "the origin closed the connection");
      return;
    }
    // libuv reports data and a reset that come together as data and an end.
    checkReset(this.#socket!, (wasReset) => {
      if (this.exchange !== exchange) return; // aborted
      if (wasReset) this.#lost("connection_lost", "the origin reset the connection");
      else this.#complete(exchange, false);
    });
  }

  #onError(error: Error): void {
    if (!this.ready) this.#connectFailed(classifyConnectError(error, true), error.message, error);
    else {
      const { code = error.message } = error as NodeJS.ErrnoException;
      // With TLS 1.3 an origin refuses the client's certificate after the handshake has ended for the client.
      const isHandshake = code.startsWith("ERR_SSL_") && this.#served === 0 && this.#received === 0;
      this.#lost(isHandshake ? "tls_failed" : "connection_lost", `the connection broke: ${code}`);
    }
  }

  #connectTimedOut(): void {
    if (this.#socket !== null)
      this.#connectFailed("connect_timeout", "the TLS handshake took too long", undefined);
    else if (this.#opener.isResolving)
      this.#connectFailed("dns_failed", "the name servers did not reply in time", undefined);
    else this.#connectFailed("connect_timeout", "connecting took too long", undefined);
  }

  #connectFailed(code: UpstreamErrorCode, detail: string, cause: unknown): void {
    if (this.closed) return;
    this.#shut();
    this.#home.connectFailed(this, code, detail, cause);
  }

  /** The connection is gone through no decision of ours: try again if nothing can have come of the request. */
  #lost(code: UpstreamErrorCode, detail: string): void {
    if (this.closed) return;
    if (!this.ready) {
      this.#connectFailed("tls_failed", detail, undefined);
      return;
    }
    const { exchange } = this;
    if (this.#served > 0 && this.#received === 0) this.#home.closedUnasked(this.idleTicks(ticker.tick));
    if (exchange === null || !this.#mayRetry(exchange)) {
      this.#fail(code, detail);
      return;
    }
    if (!this.writer.sent) exchange.unsent = this.writer.takeUnsent();
    this.exchange = null;
    exchange.connection = null;
    this.#close();
    this.#home.retry(exchange);
  }

  #mayRetry(exchange: ClientRequest): boolean {
    if (exchange.over || exchange.attempts > 1 || this.#received > 0) return false;
    // Nothing left this process: any request. Else only what may be repeated, and only where the cause was most
    // likely an origin that closes its idle connections (RFC 9112 §9.3.1).
    return !this.writer.sent || (exchange.repeatable && this.#served > 0);
  }

  #failFault(fault: FaultCode): void {
    const tooLarge =
      fault === "head_too_large" || fault === "fields_too_many" || fault === "interim_too_many";
    const code = tooLarge
      ? "response_head_too_large"
      : fault === "upgrade_unasked"
        ? "response_upgrade"
        : "response_malformed";
    this.#fail(code, describeFault(fault));
  }

  #fail(code: UpstreamErrorCode, detail: string): void {
    const { exchange } = this;
    const { sent } = this.writer;
    let phase: UpstreamPhase = "head";
    if (this.#inBody) phase = "body";
    else if (exchange !== null && (!exchange.bodyDone || this.writer.unsent > 0)) phase = "send";
    this.exchange = null;
    this.#close();
    exchange?.fail(code, phase, !sent, detail);
  }

  #close(): void {
    if (this.closed) return;
    this.#shut();
    this.#home.connectionGone(this);
  }

  #shut(): void {
    this.closed = true;
    this.#wait = WAIT_NONE;
    this.#opener.cancel();
    this.#socket?.destroy();
  }
}

const EVENT_STREAM = "text/event-stream";

function isEventStream(fields: readonly string[]): boolean {
  for (let i = 0; i < fields.length; i += 2)
    if (fields[i] === "content-type")
      return fields[i + 1]!.slice(0, EVENT_STREAM.length).toLowerCase() === EVENT_STREAM;
  return false;
}
