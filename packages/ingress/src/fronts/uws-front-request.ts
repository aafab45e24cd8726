/**
 * One request on uWebSockets.js: the only holder of its `res` (with `UwsBodyWriter`, for a body in pieces), which
 * dies on abort and when the response ends. Nobody else may touch it.
 * Over 400 lines because what may happen to `res` in each state of the response and the body is read in one place: the library's
 * rules tie them together.
 */
// Not the global: it is found by a getter at each use.
import { performance } from "node:perf_hooks";
import { isBodiless } from "@latchkey/http1";
import type { EngineRefusalCode } from "./engine-refusal-code.js";
import type {
  EngineLimits,
  EngineRefusal,
  FrontRequest,
  RequestHead,
  RequestListener,
  ResponseState,
} from "./front-request.js";
import { addressText } from "./uws-address.js";
import { type BodyWriterOwner, CORK_BYTES_MAX, UwsBodyWriter } from "./uws-body-writer.js";
import { UwsDeadlines } from "./uws-deadlines.js";
import { type PollingOwner, UwsPolling } from "./uws-polling.js";
import { uwsResponseHead } from "./uws-response-head.js";
import type { UwsResponse } from "./uws-types.js";

/** An unread body up to this is read and dropped so that the connection can be kept; a larger one costs it. */
const DRAIN_BYTES_MAX = 65_536;
/** A first piece up to this waits for the end of the tick, to leave together with the head. */
const HOLD_BYTES_MAX = 12_288;
/** After a response that ends the connection, what the client still sends is read so long and so far. */
const LINGER_MS = 2_000;
const LINGER_BYTES_MAX = 1_048_576;
/** The last bytes of a chunked response may still be with the library: a client that got `Connection: close` has so long for it. */
const CLOSE_MS = 10_000;
const NO_BYTES = new Uint8Array(0);

/** The engine, as its requests see it. */
export interface UwsRequestOwner {
  readonly isDraining: boolean;
  readonly isInsideLibrary: boolean;
  readonly isTls: boolean;
  readonly limits: EngineLimits;
  /** Runs the request's pending write with the socket corked. */
  cork(res: UwsResponse, request: UwsFrontRequest): void;
  /** Its head may wait until the end of this event-loop batch for a body to leave with, and for its neighbors. */
  flushLater(request: UwsFrontRequest): void;
  /** `tick` is called until it is over. */
  watch(request: UwsFrontRequest): void;
  /** The parser may see another message in these bytes than we do: nothing more of the connection is used. */
  refuse(
    request: UwsFrontRequest,
    code: EngineRefusalCode,
    detail?: string,
    isHandedOn?: boolean,
  ): EngineRefusal;
  /** It is over. */
  finished(request: UwsFrontRequest, isWatched: boolean): void;
}

export class UwsFrontRequest implements FrontRequest, BodyWriterOwner, PollingOwner {
  readonly head: RequestHead;
  readonly arrivedAtMs = performance.now();
  readonly memo = null;
  /** The library speaks WebSocket itself, and gives no connection away. */
  readonly canSwitchProtocols = false;
  state: ResponseState = "open";
  listener: RequestListener | null = null;
  /** What its client is counted as, by the engine. */
  client = "";
  /** The connection ends after the response: the client asked for it, or its parser may disagree with ours. */
  closesAfter = false;

  readonly #engine: UwsRequestOwner;
  #res: UwsResponse | null;
  #remoteAddress: string | null = null;

  #headBytes: Uint8Array | null = null;
  #contentLength = -1;
  #whole: Uint8Array = NO_BYTES;
  #held: Uint8Array | null = null;
  #ownLine: readonly string[] = [];
  #isBodiless = false;
  #closes = false;
  /** `end` was called while the head was still held back. */
  #endsInFlush = false;
  #isFlushQueued = false;
  /** The body's writer waits for the end of the tick. */
  #writesLater = false;
  #bytesWritten = 0;
  #body: UwsBodyWriter | null = null;
  #isWritableAttached = false;

  #bodyComplete: boolean;
  #isPaused = false;
  /** Null: polled, and never otherwise. */
  #polling: UwsPolling | null = null;
  #lingerBytes = 0;
  #lingerTimer: NodeJS.Timeout | null = null;
  #isFinished = false;

  /** Null: the engine's clock does not look at it. */
  #deadlines: UwsDeadlines | null = null;

  constructor(engine: UwsRequestOwner, res: UwsResponse, head: RequestHead) {
    this.#engine = engine;
    this.#res = res;
    this.head = head;
    this.#bodyComplete = head.bodyLength === 0;
  }

  get remoteAddress(): string {
    if (this.#remoteAddress === null)
      this.#remoteAddress = this.#res === null ? "" : addressText(this.#res.getRemoteAddress());
    return this.#remoteAddress;
  }

  pause(): void {
    if (this.#res === null || this.#bodyComplete || this.#isPaused) return;
    if (this.state !== "open" && !this.#closes) return; // a short rest, and see `#keepReading`
    this.#isPaused = true;
    if (this.#body?.isBlocked === true) this.#ask(this.#res);
    else this.#stop(this.#res);
  }

  resume(): void {
    if (this.#res === null || !this.#isPaused) return;
    this.#isPaused = false;
    this.#deadlines?.restartRate();
    if (!this.#isAsking) this.#polling?.start(this.#res);
  }

  switchProtocols(): void {
    this.abort();
  }

  setOwnLine(name: string, value: string): void {
    this.#ownLine = [name, value];
  }

  writeHead(status: number, statusText: string, shared: readonly string[], contentLength: number): void {
    if (this.state !== "open") return;
    const headers = this.#withOwnLine(shared);
    this.#begin(status, contentLength);
    this.#closes = this.closesAfter || this.#engine.isDraining || this.#costsConnection();
    this.#keepReading();
    this.#headBytes = uwsResponseHead(status, statusText, headers, this.#isBodiless ? contentLength : -1);
    this.#flushLater();
  }

  write(chunk: Uint8Array): boolean {
    if (this.state !== "head-sent" || this.#isBodiless || chunk.length === 0) return true;
    this.#bytesWritten += chunk.length;
    if (this.#body !== null) return this.#body.write(chunk);
    if (this.#held === null && chunk.length <= HOLD_BYTES_MAX) {
      this.#held = Buffer.from(chunk); // copies
      return true;
    }
    if (this.#res === null) return true;
    this.#startBody(this.#res, this.#held ?? NO_BYTES);
    return this.#body === null ? true : (this.#body as UwsBodyWriter).write(chunk);
  }

  end(): void {
    if (this.state !== "head-sent") return;
    if (!this.#isBodiless && this.#contentLength >= 0 && this.#bytesWritten < this.#contentLength) {
      this.abort();
      return;
    }
    if (this.#body !== null) {
      this.#body.end();
      return;
    }
    this.#endsInFlush = true;
    this.listener = null;
    this.#flushLater();
  }

  respond(
    status: number,
    statusText: string,
    shared: readonly string[],
    body: Uint8Array | string,
    close: boolean,
  ): void {
    if (this.state !== "open") return;
    const headers = this.#withOwnLine(shared);
    this.#begin(status, body.length);
    this.#closes = close || this.closesAfter || this.#costsConnection();
    this.#keepReading();
    const statedLength = this.#isBodiless && status !== 204 ? body.length : -1;
    this.#headBytes = uwsResponseHead(status, statusText, headers, statedLength);
    this.#bytesWritten = body.length;
    if (this.#res !== null)
      this.#sendWhole(this.#res, typeof body === "string" ? Buffer.from(body, "latin1") : body);
  }

  abort(): void {
    if (this.#isFinished) return;
    const res = this.#res;
    this.#finish(this.state === "ended" ? "ended" : "aborted");
    res?.close();
  }

  /** uWebSockets.js still has the response. */
  get isLive(): boolean {
    return this.#res !== null;
  }

  /** True when the engine must attach `onData`: somebody reads the body, or its end decides about the connection. */
  get wantsData(): boolean {
    return (
      this.#res !== null && !this.#bodyComplete && (this.listener !== null || this.#lingerTimer !== null)
    );
  }

  get isInsideLibrary(): boolean {
    return this.#engine.isInsideLibrary;
  }

  /** By the engine, when the tick ends: what was held back goes out. */
  flush(): void {
    this.#isFlushQueued = false;
    if (this.#res === null || this.state !== "head-sent") return;
    if (this.#body !== null) {
      if (this.#writesLater) this.#body.onWritable();
      this.#writesLater = false;
    } else if (this.#endsInFlush) this.#sendWhole(this.#res, this.#held ?? NO_BYTES);
    else if (!this.#isBodiless && this.#contentLength !== 0)
      this.#startBody(this.#res, this.#held ?? NO_BYTES);
  }

  /** By the engine, for `onData`. */
  data(buffer: ArrayBuffer, isLast: boolean): void {
    if (isLast) {
      this.#bodyComplete = true;
      this.#isPaused = false;
      if (this.#res !== null && !this.#isAsking) this.#polling?.start(this.#res); // the end of the connection is to be seen
    }
    if (this.#lingerTimer !== null) {
      this.#linger(buffer.byteLength, isLast);
      return;
    }
    this.#deadlines?.received(buffer.byteLength);
    const listener = this.listener;
    if (listener === null) return;
    if (buffer.byteLength > 0) listener.onBodyData(new Uint8Array(buffer));
    if (isLast && this.listener !== null) listener.onBodyEnd();
  }

  /** By the engine, for `onAborted`: `res` is dead from here on. */
  aborted(): void {
    const listener = this.listener;
    this.#finish(this.state === "ended" ? "ended" : "aborted");
    listener?.onAborted(null);
  }

  /** By the engine, inside a cork. */
  corked(): void {
    const res = this.#res as UwsResponse;
    res.writeStatus(this.#headBytes as Uint8Array);
    if (!this.#isBodiless) res.end(this.#whole);
    else if (this.#closes) {
      // Never ended, so that the parser reads no further request; the end of the head is the line end behind the last.
      res.writeHeader("Date", new Date().toUTCString());
      res.writeHeader("Connection", "close\r\n");
    } else res.endWithoutBody(); // with a number it would wait for so many bytes, so the line is written by us
  }

  bodySent(): void {
    if (!this.#closes) {
      this.#ended();
      return;
    }
    this.state = "ended";
    this.listener = null;
    if (this.#res !== null) this.#polling?.start(this.#res);
    if (!this.#bodyComplete) this.#closeIn(LINGER_MS);
    else if (this.#contentLength < 0 && this.#bytesWritten > 0) this.#closeIn(CLOSE_MS);
    // Not at once: within a callback of the library the response is still in its cork buffer, which a close throws away.
    else this.#closeIn(0);
  }

  bodyWritable(): void {
    this.listener?.onWritable();
  }

  bodyBlocked(): void {
    if (this.#res === null) return;
    this.watch();
    if (this.#isPaused || this.isReadingDangerous) this.#ask(this.#res);
    else this.#polling?.start(this.#res); // polled, to hear when it takes more
  }

  /**
   * Over TLS the library loses what it has received and not decrypted yet when it sends what it has in its own buffer, as
   * it does at the end of each read (a large echo broke once in four). So while that buffer is not empty nothing is read.
   */
  get isReadingDangerous(): boolean {
    return this.#engine.isTls && !this.#bodyComplete;
  }

  writeLater(): void {
    this.#writesLater = true;
    this.#flushLater();
  }

  /** By the engine's clock: ends what takes too long, and arms the time-out of uWebSockets.js anew, which is 10 s. */
  tick(nowMs: number): void {
    const res = this.#res;
    if (res === null) return;
    if (this.#body?.isBlocked === true) {
      if (!this.#isAsking) {
        this.#polling?.start(res);
        this.#body.onWritable();
      }
      if (this.#res !== null) this.#checkReader(nowMs);
      return;
    }
    this.#deadlines?.readerTook();
    if (!this.#bodyComplete && this.#deadlines?.isBodyOverdue(nowMs, this.#isPaused) === true) {
      this.#timeOut();
      return;
    }
    if (this.#polling?.isStopped === true) return; // has no time-out
    res.pause();
    res.resume();
  }

  #flushLater(): void {
    if (this.#isFlushQueued) return;
    this.#isFlushQueued = true;
    this.#engine.flushLater(this);
  }

  #begin(status: number, contentLength: number): void {
    this.state = "head-sent";
    this.#isBodiless = isBodiless(this.head.method, status);
    this.#contentLength = contentLength;
  }

  /** A connection that is kept must not be paused when the response ends: it would never hear of its next request. */
  #keepReading(): void {
    if (!this.#closes) this.resume();
  }

  /** The response is complete: in one write, where it fits and the connection is kept. */
  #sendWhole(res: UwsResponse, body: Uint8Array): void {
    const head = this.#headBytes as Uint8Array;
    this.#contentLength = body.length;
    const isSmall = body.length === 0 || head.length + body.length <= CORK_BYTES_MAX;
    if (this.#isBodiless || (isSmall && !this.#closes)) {
      this.#whole = body;
      this.#engine.cork(res, this);
      this.#whole = NO_BYTES;
      if (this.#closes) this.bodySent();
      else this.#ended();
      return;
    }
    this.#startBody(res, body.length <= CORK_BYTES_MAX ? body : NO_BYTES);
    if (body.length > CORK_BYTES_MAX) this.#body?.write(body);
  }

  #startBody(res: UwsResponse, first: Uint8Array): void {
    this.#held = null;
    this.#body = new UwsBodyWriter(this, res, {
      head: this.#headBytes as Uint8Array,
      contentLength: this.#contentLength,
      closes: this.#closes,
      isTls: this.#engine.isTls,
    });
    // Before anything is written: without it the library waits 10 s for more after each time that the socket was full.
    this.#attachWritable(res);
    this.#body.start(first);
  }

  #attachWritable(res: UwsResponse): void {
    if (this.#isWritableAttached) return;
    this.#isWritableAttached = true;
    res.onWritable(() => {
      if (this.#res !== null) this.#body?.onWritable();
      return true;
    });
  }

  // Polling: see uws-polling.ts.

  get hasBody(): boolean {
    return this.#body !== null;
  }

  retry(): boolean {
    const before = this.#body?.progress;
    this.#body?.onWritable();
    return this.#body?.isBlocked === true && this.#body.progress === before;
  }

  retried(): void {
    if (this.#res !== null && !this.#isPaused) this.#polling?.start(this.#res);
  }

  get #isAsking(): boolean {
    return this.#polling?.isAsking === true;
  }

  #ask(res: UwsResponse): void {
    this.#polling ??= new UwsPolling(this);
    this.#polling.ask(res);
  }

  #stop(res: UwsResponse): void {
    this.#polling ??= new UwsPolling(this);
    this.#polling.stop(res);
    this.watch();
  }

  /** Also by the engine. */
  watch(): void {
    if (this.#deadlines !== null) return;
    this.#deadlines = new UwsDeadlines(this.#engine.limits, this.arrivedAtMs);
    this.#engine.watch(this);
  }

  #timeOut(): void {
    const listener = this.listener;
    this.listener = null;
    const refusal =
      this.state === "open" ? this.#engine.refuse(this, "request.timeout", undefined, true) : null;
    if (refusal === null) this.abort();
    listener?.onAborted(refusal);
  }

  #checkReader(nowMs: number): void {
    const { progress } = this.#body as UwsBodyWriter;
    if (this.#deadlines?.isReaderOverdue(nowMs, progress) !== true) return;
    const listener = this.listener;
    this.abort();
    listener?.onAborted(null);
  }

  #linger(bytes: number, isLast: boolean): void {
    this.#lingerBytes += bytes;
    if (isLast || this.#lingerBytes > LINGER_BYTES_MAX) this.#closeIn(0);
  }

  #closeIn(ms: number): void {
    if (this.#lingerTimer !== null) clearTimeout(this.#lingerTimer);
    this.#lingerTimer = setTimeout(() => this.#closeNow(), ms);
  }

  #closeNow(): void {
    // What a cork left with the library goes first.
    if (this.#res !== null && this.#contentLength >= 0 && this.#body?.isFlushed() === false) {
      this.watch();
      this.#closeIn(CLOSE_MS);
      return;
    }
    this.abort();
  }

  #ended(): void {
    this.#finish("ended");
  }

  #finish(state: "ended" | "aborted"): void {
    this.#res = null;
    if (this.#isFinished) return;
    this.#isFinished = true;
    if (this.#lingerTimer !== null) clearTimeout(this.#lingerTimer);
    this.#lingerTimer = null;
    this.#polling?.end();
    this.state = state;
    this.listener = null;
    this.#headBytes = null;
    this.#held = null;
    this.#body = null;
    this.#engine.finished(this, this.#deadlines !== null);
  }

  /** An unread body that is long, or of unknown length, is not worth reading for the sake of the connection. */
  #costsConnection(): boolean {
    if (this.#bodyComplete) return false;
    return this.head.bodyLength < 0 || this.head.bodyLength > DRAIN_BYTES_MAX;
  }

  #withOwnLine(list: readonly string[]): readonly string[] {
    return this.#ownLine.length === 0 ? list : list.concat(this.#ownLine);
  }
}
