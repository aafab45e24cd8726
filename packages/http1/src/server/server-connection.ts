// HOT. One client connection of the front server: requests one after the other, each answered before the next is
// looked at. Owns time-outs, refusals, half-close and the slow good-bye; meaning is the exchange's and the handler's.
// Long because the phases are one state machine, which is checked more easily in one place.

import type { Socket } from "node:net";
import { plainAddress } from "@latchkey/core";
import { BodyDecoder, type BodyLimits } from "../codec/body-decoder.js";
import type { FaultCode } from "../codec/fault.js";
import { Fields } from "../codec/fields.js";
import { HEAD_INCOMPLETE, HEAD_REFUSED } from "../codec/head-parser.js";
import { RequestParser, type RequestRules } from "../codec/request-parser.js";
import { view } from "../codec/word-buffer.js";
import type { Placed } from "../io/dense-list.js";
import { type BatchReader, eventLoopBatch } from "../io/event-loop-batch.js";
import { readArena, sharedRead } from "../io/read-arena.js";
import { probeReset } from "../io/reset-probe.js";
import { type ReaderOwner, SocketReader } from "../io/socket-reader.js";
import { SocketWriter, WRITE_HIGH_WATER, type WriterOwner } from "../io/socket-writer.js";
import { ticker, ticksFor } from "../io/ticker.js";
import type { ResolvedServerOptions, ServerRefusal } from "./server-options.js";
import { type RequestConnection, type ServerListener, ServerRequest } from "./server-request.js";

export interface ServerTicks {
  readonly head: number;
  readonly idle: number;
  readonly bodyIdle: number;
  readonly body: number;
  readonly write: number;
  readonly linger: number;
}

/** What a connection needs of its server. */
export interface ConnectionServer {
  readonly options: ResolvedServerOptions;
  readonly rules: RequestRules;
  readonly bodyLimits: BodyLimits;
  readonly ticks: ServerTicks;
  /** Bytes of a request body that must come within `ticks.bodyIdle`. */
  readonly bodyBytesPerWindow: number;
  /** Connections end after their current answer. */
  readonly closing: boolean;
  connectionClosed(connection: ServerConnection): void;
}

/** Between requests, or within a head. */
const PHASE_HEAD = 0;
/** Within the body of the current request, which is listened to. */
const PHASE_BODY = 1;
/** The request is complete, its answer is not: what arrives is the next request and waits. */
const PHASE_WAIT = 2;
/** The answer is complete, the request is not: the rest of its body is dropped. */
const PHASE_DISCARD = 3;
/** The last answer is on its way: everything that arrives is dropped. */
const PHASE_LINGER = 4;

/** Larger pieces do not wait for the batch. */
const ARRIVED_BYTES_MAX = 16_384;

/** Once the client has closed its side, a response that is silent for this long is canceled. */
const HALF_CLOSE_GRACE_TICKS = ticksFor(500);
/** How often a connection that is not read from is probed for a reset. */
const RESET_PROBE_TICKS = ticksFor(400);
/** Bytes of further requests that are kept while one is served; then no more are read. */
const HELD_BYTES_MAX = 16_384;
const NEVER = Number.POSITIVE_INFINITY;
const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";
/** Bytes dropped during the good-bye; a client that sends more has its answer cut. */
const LINGER_BYTES_MAX = 4 * 1_024 * 1_024;

const NO_FIELDS = new Fields([]);

export class ServerConnection implements RequestConnection, WriterOwner, ReaderOwner, BatchReader, Placed {
  readonly writer: SocketWriter;
  readonly remoteAddress: string;
  /** Among the connections of its server. */
  place = -1;

  readonly #server: ConnectionServer;
  readonly #socket: Socket;
  readonly #reader: SocketReader;
  readonly #parser: RequestParser;
  readonly #decoder: BodyDecoder;
  #exchange: ServerRequest | null = null;
  #phase = PHASE_HEAD;
  /** Bytes that wait for the batch: `[#arrivedFrom, #arrivedTo)`. */
  #arrived: Buffer | null = null;
  #arrivedFrom = 0;
  #arrivedTo = 0;
  /** Bytes of the next request, while the current one is not answered. */
  #held: Buffer | null = null;
  #peerEnded = false;
  #closed = false;
  #continuePending = false;
  /** A request was served, and another one is waited for. */
  servedAny = false;
  #refusing = false;
  /** True while `onData` walks through a piece: answers given inside must not start another walk. */
  #walking = false;
  #dropped = 0;
  #readDeadline: number;
  #writeDeadline = NEVER;
  /** For the whole body. */
  #bodyDeadline = NEVER;
  /** When the body's data rate is looked at next, and how many bytes of it had come the last time. */
  #rateDeadline = NEVER;
  #rateBytes = 0;

  constructor(server: ConnectionServer, socket: Socket, encrypted: boolean) {
    this.#server = server;
    this.#socket = socket;
    this.remoteAddress = plainAddress(socket.remoteAddress ?? "");
    this.writer = new SocketWriter(socket, this, encrypted);
    this.#parser = new RequestParser(server.rules, readArena);
    this.#decoder = new BodyDecoder(server.bodyLimits);
    this.#readDeadline = ticker.tick + server.ticks.head;
    this.#reader = new SocketReader(socket, this, encrypted);
    socket.on("end", () => this.#onEnd());
    socket.on("error", () => this.#gone());
    socket.on("close", () => this.#gone());
  }

  /** No request is being received or answered. */
  get idle(): boolean {
    return (
      this.#phase === PHASE_HEAD && this.#exchange === null && !this.#parser.started && this.#held === null
    );
  }

  /** Since when no request is being received or served; -1 when one is. */
  idleTicks(tick: number): number {
    if (!this.idle) return -1;
    const { head, idle } = this.#server.ticks;
    return tick - this.#readDeadline + (this.servedAny ? idle : head);
  }

  /** The server stops: a request that is on its way may still come, for a moment. */
  expire(ticks: number): void {
    this.#readDeadline = Math.min(this.#readDeadline, ticker.tick + ticks);
  }

  destroy(): void {
    this.#socket.destroy();
    this.#gone();
  }

  /** @returns true when a time-out was over */
  onTick(tick: number): boolean {
    this.#parser.age();
    if (tick >= this.#writeDeadline || (tick % RESET_PROBE_TICKS === 0 && this.#wasReset())) {
      this.destroy();
      return true;
    }
    if (tick < this.#readDeadline) {
      if (this.#phase !== PHASE_BODY || !this.#isBodyTooSlow(tick)) return false;
      this.#breakBody("body_too_slow");
      return true;
    }
    if (this.#phase === PHASE_LINGER && this.writer.unsent > 0)
      this.#readDeadline = tick + this.#server.ticks.linger; // the good-bye begins when everything is said
    else if (this.#phase === PHASE_HEAD && this.#parser.started) this.#refuse("head_timeout");
    else if (this.#phase === PHASE_BODY) this.#breakBody("body_timeout");
    else if (this.#peerEnded && this.#responseFlows()) this.#awaitResponse();
    else this.destroy();
    return true;
  }

  /** Reading shows a reset by itself, and so does a write that waits. */
  #wasReset(): boolean {
    return this.#reader.isPaused && this.writer.unsent === 0 && probeReset(this.#socket);
  }

  /** In `PHASE_BODY`: too few bytes came in the last window, or the body takes too long in all. */
  #isBodyTooSlow(tick: number): boolean {
    if (tick >= this.#bodyDeadline) return true;
    if (tick < this.#rateDeadline) return false;
    const came = this.#decoder.total - this.#rateBytes;
    this.#watchRate();
    return came < this.#server.bodyBytesPerWindow;
  }

  #watchRate(): void {
    this.#rateBytes = this.#decoder.total;
    this.#rateDeadline = ticker.tick + this.#server.ticks.bodyIdle;
  }

  /** Bytes of the response were sent since the last look, or the client still has some to take. */
  #responseFlows(): boolean {
    return this.#exchange?.state === "head-sent" && (this.writer.sent || this.writer.unsent > 0);
  }

  #awaitResponse(): void {
    this.writer.sent = false;
    this.#readDeadline = ticker.tick + HALF_CLOSE_GRACE_TICKS;
  }

  // What the exchange calls.

  mustClose(exchange: ServerRequest): boolean {
    if (
      exchange.minorVersion === 0 ||
      this.#parser.connectionClose ||
      this.#server.closing ||
      (this.#peerEnded && this.#held === null)
    )
      return true;
    if (this.#phase === PHASE_WAIT) return false;
    // An answer before the body is complete: the rest must be read, if it comes at all.
    return (
      this.#continuePending ||
      exchange.bodyLength < 0 ||
      this.#decoder.left > this.#server.options.discardBytesMax
    );
  }

  pauseBody(): void {
    if (this.#phase !== PHASE_BODY || this.#reader.isPaused) return;
    this.#readDeadline = NEVER;
    this.#rateDeadline = NEVER;
    this.#reader.pause();
  }

  resumeBody(): void {
    if (this.#phase !== PHASE_BODY || !this.#reader.isPaused) return;
    this.#reader.resume();
    this.#readDeadline = ticker.tick + this.#server.ticks.bodyIdle;
    this.#watchRate();
  }

  answered(exchange: ServerRequest, close: boolean): void {
    if (this.#exchange !== exchange) return;
    this.#exchange = null;
    exchange.listener = null;
    if (close || this.#server.closing) {
      this.#sayGoodbye();
    } else if (this.#phase === PHASE_WAIT) {
      this.#nextRequest();
    } else {
      this.#phase = PHASE_DISCARD;
      this.#dropped = 0;
      this.#readDeadline = ticker.tick + this.#server.ticks.bodyIdle;
      this.#reader.resume();
    }
  }

  cut(exchange: ServerRequest): void {
    if (this.#exchange !== exchange) return;
    this.#exchange = null;
    exchange.listener = null;
    this.writer.flushOnly();
    // Where the end of the connection is the end of the body, only a reset shows that there is more.
    if (exchange.minorVersion === 0) this.#socket.resetAndDestroy();
    this.destroy();
  }

  refuseAnswer(exchange: ServerRequest): void {
    if (this.#exchange !== exchange) return;
    this.#exchange = null;
    const { listener } = exchange;
    exchange.listener = null;
    let refusal: ServerRefusal | null = null;
    if (this.#refusing) this.destroy();
    else refusal = this.#writeRefusal("response_refused", exchange.method === "HEAD");
    if (listener !== null) process.nextTick(() => listener.onAborted(refusal));
  }

  // What the socket calls.

  onFlushed(): void {
    if (this.#closed) return;
    this.#watchWrites();
  }

  onWriteError(error: Error): void {
    this.#socket.destroy(error);
  }

  onDrained(): void {
    if (!this.#closed) this.#watchWrites();
  }

  /** Tells who waits for it that writing may go on, takes up held requests, and times clients that don't read. */
  #watchWrites(): void {
    const { unsent } = this.writer;
    if (unsent === 0) this.#writeDeadline = NEVER;
    else if (this.#writeDeadline === NEVER) this.#writeDeadline = ticker.tick + this.#server.ticks.write;
    const exchange = this.#exchange;
    if (exchange?.needDrain === true && unsent <= WRITE_HIGH_WATER) {
      exchange.needDrain = false;
      exchange.listener?.onWritable();
    }
    if (this.#held !== null && !this.#walking && this.#phase === PHASE_HEAD && unsent <= WRITE_HIGH_WATER) {
      const held = this.#held;
      this.#held = null;
      this.#reader.resume();
      this.#walk(held, 0, held.length, true);
      if (this.#peerEnded && !this.#closed) this.#onPeerEnded();
    }
  }

  /** New requests wait for the batch; everything else is dealt with at once. */
  onRead(chunk: Buffer): void {
    if (this.#phase === PHASE_HEAD && this.#arrived === null && chunk.length <= ARRIVED_BYTES_MAX) {
      this.#arrive(chunk, 0, chunk.length);
      return;
    }
    this.onBatch(); // in order
    this.#receive(chunk, 0, chunk.length);
  }

  onSharedRead(length: number): void {
    if (this.#phase === PHASE_HEAD && this.#arrived === null && length <= ARRIVED_BYTES_MAX) {
      const from = readArena.append(sharedRead, length);
      if (from >= 0) this.#arrive(readArena.bytes, from, from + length);
      else this.#arrive(Buffer.from(sharedRead.bytes.subarray(0, length)), 0, length);
    } else {
      this.onBatch(); // in order
      this.#receive(sharedRead.bytes, 0, length);
    }
  }

  #arrive(bytes: Buffer, from: number, to: number): void {
    this.#arrived = bytes;
    this.#arrivedFrom = from;
    this.#arrivedTo = to;
    eventLoopBatch.readLater(this);
  }

  onBatch(): void {
    const arrived = this.#arrived;
    if (arrived === null) return;
    this.#arrived = null;
    this.#receive(arrived, this.#arrivedFrom, this.#arrivedTo);
  }

  #receive(bytes: Buffer, from: number, to: number): void {
    if (this.#closed) return;
    if (this.#phase === PHASE_LINGER) {
      this.#dropped += to - from;
      if (this.#dropped > LINGER_BYTES_MAX) this.destroy();
      return;
    }
    if (this.#held !== null) {
      this.#hold(Buffer.concat([this.#held, bytes.subarray(from, to)]));
      return;
    }
    this.#walk(bytes, from, to, false);
  }

  /** @param isHeld the memory belongs to this connection: what is left of it is held without a copy */
  #walk(bytes: Buffer, from: number, end: number, isHeld: boolean): void {
    this.#walking = true;
    let pos = from;
    while (pos < end && !this.#closed) {
      const phase = this.#phase;
      if (phase === PHASE_HEAD && this.writer.unsent <= WRITE_HIGH_WATER) {
        pos = this.#walkHead(bytes, pos, end);
      } else if (phase === PHASE_LINGER) {
        break;
      } else if (phase === PHASE_WAIT || phase === PHASE_HEAD) {
        // The next request came early, or asks while earlier responses are not taken.
        const rest = bytes.subarray(pos, end);
        this.#hold(isHeld ? rest : Buffer.from(rest));
        break;
      } else {
        pos = this.#walkBody(bytes, pos, end);
      }
    }
    this.#walking = false;
  }

  /** Reading goes on while few bytes are held: the end of the client's side, or a reset, must be seen. */
  #hold(bytes: Buffer): void {
    this.#held = bytes;
    if (bytes.length > HELD_BYTES_MAX) this.#reader.pause();
  }

  #walkHead(bytes: Buffer, pos: number, end: number): number {
    const parser = this.#parser;
    const started = parser.started;
    const after = parser.parse(bytes, pos, end);
    if (after === HEAD_INCOMPLETE) {
      // From the first byte on; later bytes of the same head buy no time.
      if (!started)
        this.#readDeadline = Math.min(ticker.tick + this.#server.ticks.head, this.#firstDeadline());
      return end;
    }
    if (after === HEAD_REFUSED) {
      this.#refuse(parser.fault!);
      return end;
    }
    this.#readDeadline = NEVER;
    const decoder = this.#decoder;
    let bodyLength = 0;
    if (parser.chunked) {
      bodyLength = -1;
      decoder.startChunked();
    } else {
      bodyLength = Math.max(0, parser.contentLength);
      decoder.startFixed(bodyLength);
      if (decoder.fault !== null) {
        this.#refuse(decoder.fault);
        return end;
      }
    }
    this.#continuePending = parser.expectContinue && bodyLength !== 0;
    this.#phase = bodyLength === 0 ? PHASE_WAIT : PHASE_BODY;
    const exchange = new ServerRequest(
      this,
      parser.method,
      parser.path,
      parser.query,
      parser.host,
      parser.minorVersion,
      parser.fields,
      parser.connectionNames,
      bodyLength,
      eventLoopBatch.timeMs(),
    );
    this.#exchange = exchange;
    const listener = this.#server.options.onRequest(exchange);
    if (this.#exchange !== exchange) return after; // answered, or cut
    if (listener === null) exchange.abort();
    else this.#listen(exchange, listener);
    return after;
  }

  /** The first head of a connection is timed from its start: the deadline that already runs is the earlier one. */
  #firstDeadline(): number {
    return this.servedAny ? NEVER : this.#readDeadline;
  }

  #listen(exchange: ServerRequest, listener: ServerListener): void {
    exchange.listener = listener;
    if (this.#phase !== PHASE_BODY) return;
    if (this.#continuePending) {
      this.#continuePending = false;
      // A head that is out already says more than an interim one could.
      if (exchange.state === "open") this.writer.writeText(CONTINUE);
    }
    this.#bodyDeadline = ticker.tick + this.#server.ticks.body;
    this.#rateDeadline = NEVER;
    if (this.#reader.isPaused) return;
    this.#readDeadline = ticker.tick + this.#server.ticks.bodyIdle;
    this.#watchRate();
  }

  #walkBody(bytes: Buffer, pos: number, end: number): number {
    const decoder = this.#decoder;
    const after = decoder.decode(bytes, pos, end);
    const { from, to, fault, done } = decoder;
    const exchange = this.#exchange;
    if (this.#phase === PHASE_DISCARD) {
      this.#dropped += after - pos;
      if (fault !== null || this.#dropped > this.#server.options.discardBytesMax) {
        this.#sayGoodbye();
        return end;
      }
      if (done) this.#nextRequest();
      return after;
    }
    if (!this.#reader.isPaused) this.#readDeadline = ticker.tick + this.#server.ticks.bodyIdle;
    if (to > from) exchange!.listener!.onBodyData(view(bytes, from, to));
    if (this.#exchange !== exchange) {
      // The answer ended meanwhile, and with it the wish for the body.
      if (this.#phase === PHASE_DISCARD && fault !== null) this.#sayGoodbye();
      else if (this.#phase === PHASE_DISCARD && done) this.#nextRequest();
      return after;
    }
    if (fault !== null) {
      this.#breakBody(fault);
      return end;
    }
    if (done) {
      this.#phase = PHASE_WAIT;
      this.#readDeadline = NEVER;
      if (this.#reader.isPaused) this.#reader.resume(); // to see the client go
      exchange!.listener!.onBodyEnd();
    }
    return after;
  }

  #nextRequest(): void {
    this.servedAny = true;
    this.#parser.reset();
    this.#phase = PHASE_HEAD;
    this.#readDeadline = ticker.tick + this.#server.ticks.idle;
    this.#reader.restoreDirect();
    if (this.#held !== null)
      this.writer.wake(); // looked at in onFlushed, not from inside the caller's `end`
    else if (this.#peerEnded) this.#sayGoodbye();
  }

  /**
   * The client sends no more. It may still read (RFC 9112 §9.6), or be gone: both look the same from here. A response
   * that begins soon, and flows, is given whole; a silent one is canceled, so that clients that left hold no upstream.
   */
  #onEnd(): void {
    this.onBatch();
    this.#peerEnded = true;
    this.#onPeerEnded();
  }

  #onPeerEnded(): void {
    if (this.#phase === PHASE_BODY) this.#breakBody("message_truncated");
    else if (this.#phase === PHASE_HEAD && this.#parser.started) this.#refuse("message_truncated");
    // In all other phases a response is due, or has been given and is followed by our FIN.
    else if (this.#phase === PHASE_HEAD && this.#held === null) this.#socket.end();
    else if (this.#exchange !== null) this.#awaitResponse();
    // The response came before the body was complete, which it never will be.
    else if (this.#phase === PHASE_DISCARD) this.#sayGoodbye();
  }

  /** The body can't be completed: the listener hears of it, the client is answered if it was not yet. */
  #breakBody(fault: FaultCode): void {
    const exchange = this.#exchange!;
    const { listener, state } = exchange;
    this.#exchange = null;
    exchange.listener = null;
    exchange.state = "aborted";
    const refusal = state === "open" ? this.#writeRefusal(fault, false) : null;
    if (refusal === null) this.destroy();
    listener?.onAborted(refusal);
  }

  #refuse(fault: FaultCode): void {
    this.#writeRefusal(fault, this.#parser.method === "HEAD");
  }

  #writeRefusal(fault: FaultCode, toHead: boolean): ServerRefusal {
    this.#refusing = true;
    this.#phase = PHASE_WAIT;
    // An exchange of its own does the framing. It reaches no handler.
    const exchange = new ServerRequest(
      this,
      toHead ? "HEAD" : "GET",
      "",
      "",
      "",
      1,
      NO_FIELDS,
      [],
      0,
      eventLoopBatch.timeMs(),
    );
    this.#exchange = exchange;
    const refusal = this.#server.options.refusal(fault);
    const { status, statusText, headers, body } = refusal;
    exchange.respond(status, statusText, new Fields(headers), body, true);
    return refusal;
  }

  /** Sends what is left, then FIN, and reads on for a while: a reset would take the answer from the client. */
  #sayGoodbye(): void {
    if (this.#phase === PHASE_LINGER || this.#closed) return;
    this.#phase = PHASE_LINGER;
    this.#held = null;
    this.#dropped = 0;
    this.#readDeadline = ticker.tick + this.#server.ticks.linger;
    this.#reader.resume();
    this.writer.flushOnly();
    this.#socket.end();
  }

  #gone(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#held = null;
    this.#arrived = null;
    const exchange = this.#exchange;
    this.#exchange = null;
    this.#server.connectionClosed(this);
    if (exchange === null || exchange.state === "ended" || exchange.state === "aborted") return;
    exchange.state = "aborted";
    const { listener } = exchange;
    exchange.listener = null;
    listener?.onAborted(null);
  }
}
