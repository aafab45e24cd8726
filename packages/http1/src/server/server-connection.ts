// One client connection of the front server: requests one after the other, each responded to before the next is
// looked at. Owns refusals, half-close and the lingering close; what a request means is the handler's. Over 400 lines because
// whatever may happen to a connection in each of its states (connection-state.ts) is read in one place.

import type { Socket } from "node:net";
import { BodyDecoder } from "../codec/body-decoder.js";
import type { FaultCode } from "../codec/fault.js";
import { HEAD_INCOMPLETE, HEAD_REFUSED } from "../codec/head-parser.js";
import { RequestParser } from "../codec/request-parser.js";
import { view } from "../codec/word-buffer.js";
import type { BareSocket } from "../io/bare-socket.js";
import type { Placed } from "../io/dense-list.js";
import { eventLoopBatch } from "../io/event-loop-batch.js";
import { probeReset } from "../io/reset-probe.js";
import { type ReaderOwner, SocketReader } from "../io/socket-reader.js";
import { SocketWriter, WRITE_HIGH_WATER, type WriterOwner } from "../io/socket-writer.js";
import { ticksFor } from "../io/ticker.js";
import { ConnectionDeadlines } from "./connection-deadlines.js";
import type { ConnectionMemo } from "./connection-memo.js";
import type { ConnectionServer } from "./connection-server.js";
import {
  BODY,
  BODY_AFTER_CONTINUE,
  CLOSED,
  type ConnectionState,
  HEAD,
  REFUSE,
  RESPOND,
  TUNNEL,
} from "./connection-state.js";
import type { ServerRefusal } from "./server-refusal.js";
import { type RequestConnection, type ServerListener, ServerRequest } from "./server-request.js";

/** How often a connection that is not read from is probed for a reset. */
const RESET_PROBE_TICKS = ticksFor(400);
/** Bytes of further requests that are buffered while one is served; then no more are read. */
const BUFFERED_BYTES_MAX = 16_384;
const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";
/** Bytes dropped during the lingering close; a client that sends more has its response cut. */
const LINGER_BYTES_MAX = 4 * 1_024 * 1_024;

/** A connection as the server admitted it. */
export interface AdmittedConnection {
  /** Of the client; IPv4 dotted also when mapped into IPv6. */
  readonly address: string;
  /** What admission counts it as. */
  readonly client: string;
  readonly encrypted: boolean;
}

export class ServerConnection<M extends ConnectionMemo>
  implements RequestConnection<M>, WriterOwner, ReaderOwner, Placed
{
  readonly writer: SocketWriter;
  readonly remoteAddress: string;
  /** What the server's admission counts it as. */
  readonly client: string;
  readonly memo: M;
  /** Among the connections of its server. */
  place = -1;
  /** A request was served, and another one is waited for. */
  hasServed = false;

  readonly #server: ConnectionServer<ServerConnection<M>, M>;
  readonly #socket: Socket | BareSocket;
  readonly #isPlain: boolean;
  readonly #reader: SocketReader;
  readonly #parser: RequestParser;
  readonly #decoder: BodyDecoder;
  readonly #deadlines: ConnectionDeadlines;
  #state: ConnectionState = HEAD;
  /** Null once its response is complete or given up. */
  #request: ServerRequest<M> | null = null;
  /** Bytes of the next request, while the current one has no complete response. */
  #buffered: Buffer | null = null;
  #peerEnded = false;
  /** The connection is idle and remembers nothing: it gets no ticks until something arrives or its time is over. */
  #rests = false;
  /** True while `#walk` goes through a piece: responses given inside must not start another walk. */
  #walking = false;
  /** The current request was the last of the piece that is walked through. */
  #isWalked = false;

  constructor(
    server: ConnectionServer<ServerConnection<M>, M>,
    socket: Socket | BareSocket,
    { address, client, encrypted }: AdmittedConnection,
  ) {
    this.#server = server;
    this.#socket = socket;
    this.#isPlain = !encrypted;
    this.remoteAddress = address;
    this.client = client;
    this.writer = new SocketWriter(socket, this, encrypted);
    this.memo = server.options.createMemo();
    this.#parser = new RequestParser(server.rules, this.memo.headerBlock);
    this.#decoder = new BodyDecoder(server.bodyLimits);
    this.#deadlines = new ConnectionDeadlines(server.ticks, server.bodyBytesPerWindow);
    this.#reader = new SocketReader(socket, this, encrypted);
  }

  /** The only assignment of the state, with what each state starts with. Nothing follows `closed`. */
  #transition(to: ConnectionState): void {
    this.#state = to;
    const deadlines = this.#deadlines;
    switch (to.kind) {
      case "head":
        deadlines.startIdle();
        this.#reader.restoreDirect();
        break;
      case "body": // timed once there is a listener
        break;
      case "tunnel": // times its silence itself
        deadlines.stopRead();
        break;
      case "respond":
        deadlines.stopRead();
        this.#reader.resume(); // to see the client leave
        break;
      case "discard":
        deadlines.bodyProgressed();
        this.#reader.resume();
        break;
      case "linger": // sends what is left, then FIN, and reads on: a reset would take the response from the client
        this.#buffered = null;
        deadlines.startLinger();
        this.#reader.resume();
        this.writer.end();
        break;
      case "closed":
        this.#buffered = null;
        this.#server.connectionClosed(this);
    }
  }

  /** No request is being received or served. */
  get idle(): boolean {
    return (
      this.#state.kind === "head" &&
      this.#request === null &&
      !this.#parser.started &&
      this.#buffered === null
    );
  }

  /** Ticks for which the connection has sent no whole head, half of one or none at all; -1 while a request is served. */
  waitedTicks(tick: number): number {
    if (this.#state.kind !== "head" || this.#request !== null || this.#buffered !== null) return -1;
    return this.#deadlines.waitedTicks(tick, this.hasServed && !this.#parser.started);
  }

  /** The server stops: a request that is on its way may still come within so many ticks. */
  expire(ticks: number): void {
    this.#wake();
    this.#deadlines.limitRead(ticks);
  }

  destroy(): void {
    this.#socket.destroy();
    this.onClosed();
  }

  /** @returns true when a time-out was over */
  onTick(tick: number): boolean {
    this.#rests = false;
    this.memo.age();
    const deadlines = this.#deadlines;
    if (deadlines.isWriteOver(tick) || (tick % RESET_PROBE_TICKS === 0 && this.#wasReset())) {
      this.destroy();
      return true;
    }
    const { kind } = this.#state;
    if (!deadlines.isReadOver(tick)) {
      if (kind === "head") this.#rest();
      if (kind !== "body" || !deadlines.isBodyTooSlow(tick, this.#decoder.total)) return false;
      this.#breakBody("body_too_slow");
      return true;
    }
    if (kind === "linger" && this.writer.unsent > 0)
      deadlines.startLinger(); // from when everything is sent
    else if (kind === "head" && this.#parser.started) this.#refuse("head_timeout");
    else if (kind === "body") this.#breakBody("body_timeout");
    else if (this.#peerEnded && this.#responseFlows()) this.#awaitResponse();
    else this.destroy();
    return true;
  }

  #rest(): void {
    if (!this.idle || this.#reader.isPaused || this.writer.unsent > 0 || !this.memo.isEmpty) return;
    this.#rests = true;
    this.#server.restUntil(this, this.#deadlines.readTick);
  }

  #wake(): void {
    this.#rests = false;
    this.#server.restUntil(this, 0);
  }

  /** Reading shows a reset by itself, and so does a write that waits. */
  #wasReset(): boolean {
    return this.#reader.isPaused && this.writer.unsent === 0 && probeReset(this.#socket);
  }

  /** Bytes of the response were sent since the last look, or the client still has some to take. */
  #responseFlows(): boolean {
    return this.#request?.state === "head-sent" && (this.writer.sent || this.writer.unsent > 0);
  }

  #awaitResponse(): void {
    this.writer.sent = false;
    this.#deadlines.startHalfCloseGrace();
  }

  // What the request calls.

  mustClose(request: ServerRequest<M>): boolean {
    if (
      request.minorVersion === 0 ||
      this.#parser.connectionClose ||
      this.#server.closing ||
      (this.#peerEnded && this.#buffered === null)
    )
      return true;
    const state = this.#state;
    if (state.kind === "respond") return false;
    // A response before the body is complete: the rest must be read, if it comes at all.
    return (
      (state.kind === "body" && state.awaitsContinue) ||
      request.bodyLength < 0 ||
      this.#decoder.left > this.#server.options.discardBytesMax
    );
  }

  /** What the client has sent early is handed on once the head of the response is written. */
  switched(): void {
    this.#transition(TUNNEL);
    this.writer.wake();
  }

  pauseBody(): void {
    if (this.#state.kind === "tunnel") this.#reader.pause();
    if (this.#state.kind !== "body" || this.#reader.isPaused) return;
    this.#deadlines.pauseBody();
    this.#reader.pause();
  }

  resumeBody(): void {
    if (this.#state.kind === "tunnel") this.#reader.resume();
    if (this.#state.kind !== "body" || !this.#reader.isPaused) return;
    this.#reader.resume();
    this.#deadlines.resumeBody(this.#decoder.total);
  }

  responded(request: ServerRequest<M>, close: boolean): void {
    if (this.#request !== request) return;
    this.#release(request);
    if (close || this.#server.closing) this.#endAfter();
    else if (this.#state.kind === "respond") this.#nextRequest();
    else this.#transition({ kind: "discard", bytesDropped: 0 });
  }

  cut(request: ServerRequest<M>): void {
    if (this.#request !== request) return;
    this.#release(request);
    this.writer.flushOnly();
    // Where the end of the connection is the end of the body, only a reset shows that there is more.
    if (request.minorVersion === 0) this.#socket.resetAndDestroy();
    this.destroy();
  }

  /** Of a connection that ends. */
  cutUnsent(): void {
    if (!this.#isClosed && this.writer.unsent > 0) this.destroy();
  }

  refuseResponse(request: ServerRequest<M>): void {
    if (this.#request !== request) return;
    const listener = this.#release(request);
    const state = this.#state;
    let refusal: ServerRefusal | null = null;
    if (state.kind === "respond" && state.isRefusal) this.destroy();
    else refusal = this.#writeRefusal("response_refused", request.method === "HEAD", null);
    if (listener !== null) process.nextTick(() => listener.onAborted(refusal));
  }

  /** Nothing follows for the request. @returns who listened to it */
  #release(request: ServerRequest<M>): ServerListener | null {
    const { listener } = request;
    this.#request = null;
    request.listener = null;
    return listener;
  }

  // What the socket calls.

  onFlushed(): void {
    if (this.#state.kind !== "closed") this.#watchWrites();
  }

  onDrained(): void {
    this.onFlushed();
  }

  onWriteError(): void {
    process.nextTick(() => this.destroy()); // not from inside the call that writes
  }

  /** Tells who waits for it that writing may go on, takes up buffered requests, and times clients that don't read. */
  #watchWrites(): void {
    const { unsent } = this.writer;
    this.#deadlines.watchWrites(unsent > 0);
    const request = this.#request;
    if (request?.needDrain === true && unsent <= WRITE_HIGH_WATER) {
      request.needDrain = false;
      request.listener?.onWritable();
    }
    if (this.#state.kind === "tunnel") this.#releaseEarly();
    const buffered = this.#buffered;
    if (buffered === null || this.#walking || this.#state.kind !== "head" || unsent > WRITE_HIGH_WATER)
      return;
    this.#buffered = null;
    this.#reader.resume();
    this.#walk(buffered, 0, buffered.length, true);
    if (this.#peerEnded && !this.#isClosed) this.#onPeerEnded();
  }

  #releaseEarly(): void {
    const early = this.#buffered;
    if (early === null) return;
    this.#buffered = null;
    this.#reader.resume();
    this.#request?.listener?.onBodyData(early);
    if (this.#peerEnded) this.#onPeerEnded();
  }

  get #isClosed(): boolean {
    return this.#state.kind === "closed";
  }

  /** New requests wait for the batch; everything else is dealt with at once. */
  get mayBatch(): boolean {
    return this.#state.kind === "head";
  }

  onRead(bytes: Buffer, from: number, to: number): void {
    if (this.#rests) this.#wake();
    const state = this.#state;
    if (state.kind === "closed") return;
    if (state.kind === "linger") {
      state.bytesDropped += to - from;
      if (state.bytesDropped > LINGER_BYTES_MAX) this.destroy();
    } else if (state.kind === "tunnel" && this.#buffered === null) {
      this.#request?.listener?.onBodyData(view(bytes, from, to));
    } else if (this.#buffered !== null) {
      this.#buffer(Buffer.concat([this.#buffered, bytes.subarray(from, to)]));
    } else {
      this.#walk(bytes, from, to, false);
    }
  }

  /** @param isOwn the memory belongs to this connection: what is left of it is buffered without a copy */
  #walk(bytes: Buffer, from: number, end: number, isOwn: boolean): void {
    this.#walking = true;
    let pos = from;
    while (pos < end) {
      const { kind } = this.#state;
      if (kind === "head" && this.writer.unsent <= WRITE_HIGH_WATER) {
        pos = this.#walkHead(bytes, pos, end);
      } else if (kind === "linger" || kind === "closed") {
        break;
      } else if (kind === "respond" || kind === "head") {
        // The next request came early, or asks while earlier responses are not taken.
        const rest = bytes.subarray(pos, end);
        this.#buffer(isOwn ? rest : Buffer.from(rest));
        break;
      } else {
        pos = this.#walkBody(bytes, pos, end);
      }
    }
    this.#walking = false;
  }

  /** Reading goes on while few bytes are buffered: the end of the client's side, or a reset, must be seen. */
  #buffer(bytes: Buffer): void {
    this.#buffered = bytes;
    if (bytes.length > BUFFERED_BYTES_MAX) this.#reader.pause();
  }

  /** HOT. Parses a head and hands its request to the handler. */
  #walkHead(bytes: Buffer, pos: number, end: number): number {
    const parser = this.#parser;
    const started = parser.started;
    const after = parser.parse(bytes, pos, end);
    if (after === HEAD_INCOMPLETE) {
      // From the first byte on; later bytes of the same head buy no time.
      if (!started) this.#deadlines.startHead(!this.hasServed);
      return end;
    }
    if (after === HEAD_REFUSED) {
      this.#refuse(parser.fault!);
      return end;
    }
    const bodyLength = this.#decoder.startRequest(parser);
    if (this.#decoder.fault !== null) {
      this.#refuse(this.#decoder.fault);
      return end;
    }
    if (bodyLength === 0) this.#transition(RESPOND);
    else {
      this.#deadlines.stopRead();
      this.#transition(parser.expectContinue ? BODY_AFTER_CONTINUE : BODY);
    }
    this.#isWalked = bodyLength === 0 && after === end;
    const request = new ServerRequest(this, parser, bodyLength, eventLoopBatch.timeMs());
    this.#request = request;
    const listener = this.#server.options.onRequest(request);
    if (this.#request !== request) return after; // responded to, or cut
    if (listener === null) request.abort();
    else this.#listen(request, listener);
    return after;
  }

  #listen(request: ServerRequest, listener: ServerListener): void {
    request.listener = listener;
    const state = this.#state;
    if (state.kind !== "body") return;
    if (state.awaitsContinue) {
      this.#transition(BODY);
      // A final head makes an interim one superfluous.
      if (request.state === "open") this.writer.writeText(CONTINUE);
    }
    this.#deadlines.startBody(this.#decoder.total, this.#reader.isPaused);
  }

  #walkBody(bytes: Buffer, pos: number, end: number): number {
    const decoder = this.#decoder;
    const after = decoder.decode(bytes, pos, end);
    const state = this.#state;
    if (state.kind === "discard") {
      state.bytesDropped += after - pos;
      if (state.bytesDropped > this.#server.options.discardBytesMax) this.#linger();
      else this.#discarded();
      return this.#state.kind === "linger" ? end : after;
    }
    const { from, to, fault, done } = decoder;
    const request = this.#request!;
    if (!this.#reader.isPaused) this.#deadlines.bodyProgressed();
    if (to > from) request.listener!.onBodyData(view(bytes, from, to));
    if (this.#request !== request) {
      this.#discarded(); // the response ended meanwhile, and with it the wish for the body
    } else if (fault !== null) {
      this.#breakBody(fault);
      return end;
    } else if (done) {
      this.#transition(RESPOND);
      request.listener!.onBodyEnd();
    }
    return after;
  }

  /** What was decoded last is dropped, if anything is still. */
  #discarded(): void {
    if (this.#state.kind !== "discard") return;
    if (this.#decoder.fault !== null) this.#linger();
    else if (this.#decoder.done) this.#nextRequest();
  }

  #nextRequest(): void {
    this.hasServed = true;
    this.#parser.reset();
    this.#transition(HEAD);
    if (this.#buffered !== null)
      this.writer.wake(); // looked at in onFlushed, not from inside the caller's `end`
    else if (this.#peerEnded) this.#linger();
  }

  /**
   * The client sends no more. It may still read (RFC 9112 §9.6), or have left: both look the same from here. A response
   * that begins soon, and flows, is given whole; a silent one is canceled, so that clients that left hold no upstream.
   */
  onEnd(): void {
    this.#peerEnded = true;
    this.#onPeerEnded();
  }

  #onPeerEnded(): void {
    const { kind } = this.#state;
    if (kind === "body") this.#breakBody("message_truncated");
    else if (kind === "tunnel") {
      if (this.#buffered === null) this.#request?.listener?.onBodyEnd();
    } else if (kind === "head" && this.#parser.started) this.#refuse("message_truncated");
    // In all other states a response is due, or has been given and is followed by our FIN.
    else if (kind === "head" && this.#buffered === null) this.writer.end();
    else if (this.#request !== null) this.#awaitResponse();
    // The response came before the body was complete, which it never will be.
    else if (kind === "discard") this.#linger();
  }

  /** The body can't be completed: its listener is called, and the client gets a refusal if it has no response yet. */
  #breakBody(fault: FaultCode): void {
    const request = this.#request!;
    const { state } = request;
    const listener = this.#release(request);
    request.state = "aborted";
    const refusal = state === "open" ? this.#writeRefusal(fault, false, null) : null;
    if (refusal === null) this.destroy();
    listener?.onAborted(refusal);
  }

  #refuse(fault: FaultCode): void {
    this.#writeRefusal(fault, this.#parser.method === "HEAD", this.remoteAddress);
  }

  #writeRefusal(fault: FaultCode, toHead: boolean, address: string | null): ServerRefusal {
    this.#transition(REFUSE);
    const request = ServerRequest.refused(this, toHead ? "HEAD" : "GET");
    this.#request = request;
    const refusal = this.#server.options.refusal(fault, address);
    const { status, statusText, headers, body } = refusal;
    request.respond(status, statusText, headers, body, true);
    return refusal;
  }

  /**
   * Ends the connection after its last response. A client that asked for that with a whole request has nothing to send that a
   * reset could reply to: where the kernel has the response, nothing is waited for.
   */
  #endAfter(): void {
    const state = this.#state;
    const isLastRequest =
      this.#isPlain && this.#parser.connectionClose && state.kind === "respond" && !state.isRefusal;
    if (isLastRequest && (!this.#walking || this.#isWalked) && this.#buffered === null) {
      this.writer.flushOnly();
      if (this.writer.unsent === 0) {
        this.destroy();
        return;
      }
    }
    this.#linger();
  }

  #linger(): void {
    const { kind } = this.#state;
    if (kind !== "linger" && kind !== "closed") this.#transition({ kind: "linger", bytesDropped: 0 });
  }

  onClosed(): void {
    if (this.#isClosed) return;
    this.#transition(CLOSED);
    const request = this.#request;
    if (request === null) return;
    const listener = this.#release(request);
    if (request.state === "ended" || request.state === "aborted") return;
    request.state = "aborted";
    listener?.onAborted(null);
  }
}
