/**
 * One request on uWebSockets.js: the only holder of its `res` (with `UwsBodyWriter`, for a body in pieces), which
 * dies on abort and when the response ends. Nobody else may touch it.
 * Over 400 lines because what may happen to `res` in each state of the response and the body is read in one place: the library's
 * rules tie them together.
 */
// Not the global: it is found by a getter at each use.
import { performance } from "node:perf_hooks";
import { isBodiless, type ResponseHeaders } from "@latchkey/http1";
import type { RequestHead, RequestListener, ResponseState } from "./front-request.js";
import { LingeringClose } from "./lingering-close.js";
import { addressText } from "./uws-address.js";
import { type BodyWriterOwner, CORK_BYTES_MAX, UwsBodyWriter } from "./uws-body-writer.js";
import { UwsDeadlines } from "./uws-deadlines.js";
import { type PollingOwner, UwsPolling } from "./uws-polling.js";
import type { OwnedRequest, UwsRequestOwner } from "./uws-request-owner.js";
import { uwsResponseHead } from "./uws-response-head.js";
import {
  ABORTED,
  ENDED,
  type HeldHead,
  OPEN,
  responseStateOf,
  type UwsResponseState,
} from "./uws-response-state.js";
import type { UwsResponse } from "./uws-types.js";

/** An unread body up to this is read and dropped so that the connection can be kept; a larger one costs it. */
const DRAIN_BYTES_MAX = 65_536;
/** A first piece up to this waits for the end of the tick, to leave together with the head. */
const HOLD_BYTES_MAX = 12_288;
/** The last bytes of a chunked response may still be with the library: a client that got `Connection: close` has so long for it. */
const CLOSE_MS = 10_000;
const NO_BYTES = new Uint8Array(0);

export class UwsFrontRequest implements OwnedRequest, BodyWriterOwner, PollingOwner {
  readonly head: RequestHead;
  readonly arrivedAtMs = performance.now();
  readonly memo = null;
  /** The library speaks WebSocket itself, and gives no connection away. */
  readonly canSwitchProtocols = false;
  listener: RequestListener | null = null;
  /** What its client is counted as, by the engine. */
  client = "";
  /** The connection ends after the response: the client asked for it, or its parser may disagree with ours. */
  closesAfter = false;

  readonly #engine: UwsRequestOwner;
  #res: UwsResponse | null;
  #remoteAddress: string | null = null;

  #response: UwsResponseState = OPEN;
  #ownLine: readonly string[] = [];
  #contentLength = -1;
  #isBodiless = false;
  #bytesWritten = 0;
  /** The engine calls `flush` at the end of the event-loop batch. */
  #isFlushQueued = false;

  #requestBody: "flowing" | "paused" | "complete";
  /** Null: polled, and never otherwise. */
  #polling: UwsPolling | null = null;

  /** Null: the engine's clock does not look at it. */
  #deadlines: UwsDeadlines | null = null;

  constructor(engine: UwsRequestOwner, res: UwsResponse, head: RequestHead) {
    this.#engine = engine;
    this.#res = res;
    this.head = head;
    this.#requestBody = head.bodyLength === 0 ? "complete" : "flowing";
  }

  get state(): ResponseState {
    return responseStateOf(this.#response);
  }

  get remoteAddress(): string {
    if (this.#remoteAddress === null)
      this.#remoteAddress = this.#res === null ? "" : addressText(this.#res.getRemoteAddress());
    return this.#remoteAddress;
  }

  pause(): void {
    if (this.#res === null || this.#requestBody !== "flowing") return;
    if (this.#response.kind !== "open" && !this.closesAfter) return; // a short rest, and see `#keepReading`
    this.#requestBody = "paused";
    if (this.#body?.isBlocked === true) this.#ask(this.#res);
    else this.#stop(this.#res);
  }

  resume(): void {
    if (this.#res === null || this.#requestBody !== "paused") return;
    this.#requestBody = "flowing";
    this.#deadlines?.restartRate();
    if (!this.#isAsking) this.#polling?.start(this.#res);
  }

  switchProtocols(): void {
    this.abort();
  }

  setOwnLine(name: string, value: string): void {
    this.#ownLine = [name, value];
  }

  writeHead(status: number, statusText: string, shared: ResponseHeaders, contentLength: number): void {
    if (this.#response.kind !== "open") return;
    this.#begin(status, contentLength, this.#engine.isDraining);
    const head = this.#headOf(status, statusText, shared.list, this.#isBodiless ? contentLength : -1);
    this.#transition({ kind: "head-held", head, first: null, isComplete: false });
    this.flushLater();
  }

  write(chunk: Uint8Array): boolean {
    const response = this.#response;
    if (this.#isBodiless || chunk.length === 0) return true;
    if (response.kind === "streaming") {
      this.#bytesWritten += chunk.length;
      return response.body.write(chunk);
    }
    if (response.kind !== "head-held" || this.#res === null) return true;
    this.#bytesWritten += chunk.length;
    if (response.first === null && chunk.length <= HOLD_BYTES_MAX) {
      response.first = Buffer.from(chunk); // copies
      return true;
    }
    this.#startBody(this.#res, response.head, response.first ?? NO_BYTES);
    return this.#body?.write(chunk) ?? true;
  }

  end(): void {
    const response = this.#response;
    if (response.kind !== "head-held" && response.kind !== "streaming") return;
    if (!this.#isBodiless && this.#contentLength >= 0 && this.#bytesWritten < this.#contentLength) {
      this.abort();
      return;
    }
    if (response.kind === "streaming") {
      response.body.end();
      return;
    }
    response.isComplete = true;
    this.listener = null;
    this.flushLater();
  }

  respond(
    status: number,
    statusText: string,
    shared: readonly string[],
    body: Uint8Array | string,
    close: boolean,
  ): void {
    if (this.#response.kind !== "open" || this.#res === null) return;
    this.#begin(status, body.length, close);
    const head = this.#headOf(
      status,
      statusText,
      shared,
      this.#isBodiless && status !== 204 ? body.length : -1,
    );
    this.#bytesWritten = body.length;
    const first = typeof body === "string" ? Buffer.from(body, "latin1") : body;
    const response: HeldHead = { kind: "head-held", head, first, isComplete: true };
    this.#transition(response);
    this.#sendWhole(this.#res, response);
  }

  abort(): void {
    const res = this.#res;
    if (res === null) return;
    this.#finish(this.#response.kind === "closing" ? ENDED : ABORTED);
    res.close();
  }

  /** uWebSockets.js still has the response. */
  get isLive(): boolean {
    return this.#res !== null;
  }

  /** True when the engine must attach `onData`: somebody reads the body, or its end decides about the connection. */
  get wantsData(): boolean {
    if (this.#res === null || this.#requestBody === "complete") return false;
    return this.listener !== null || this.#response.kind === "closing";
  }

  get isInsideLibrary(): boolean {
    return this.#engine.isInsideLibrary;
  }

  /** By the engine, when the tick ends: what was held back goes out. */
  flush(): void {
    this.#isFlushQueued = false;
    const response = this.#response;
    if (response.kind === "streaming") response.body.flush();
    if (response.kind !== "head-held" || this.#res === null) return;
    if (response.isComplete) this.#sendWhole(this.#res, response);
    else if (!this.#isBodiless && this.#contentLength !== 0)
      this.#startBody(this.#res, response.head, response.first ?? NO_BYTES);
  }

  /** By the engine, for `onData`. */
  data(buffer: ArrayBuffer, isLast: boolean): void {
    if (isLast) {
      this.#requestBody = "complete";
      if (this.#res !== null && !this.#isAsking) this.#polling?.start(this.#res); // the end of the connection is to be seen
    }
    if (this.#response.kind === "closing") {
      this.#response.linger.received(buffer.byteLength, isLast);
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
    this.#finish(this.#response.kind === "closing" ? ENDED : ABORTED);
    listener?.onAborted(null);
  }

  /** By the engine, inside a cork. */
  corked(): void {
    const res = this.#res as UwsResponse;
    const { head, first } = this.#response as HeldHead;
    res.writeStatus(head);
    if (!this.#isBodiless) res.end(first ?? NO_BYTES);
    else if (this.closesAfter) {
      // Never ended, so that the parser reads no further request; the end of the head is the line end behind the last.
      res.writeHeader("Date", new Date().toUTCString());
      res.writeHeader("Connection", "close\r\n");
    } else res.endWithoutBody(); // with a number it would wait for so many bytes, so the line is written by us
  }

  bodySent(): void {
    if (this.#res === null) return; // aborted meanwhile
    if (!this.closesAfter) {
      this.#finish(ENDED);
      return;
    }
    const isInChunks = this.#contentLength < 0 && this.#bytesWritten > 0;
    // Not at once: within a callback of the library the response is still in its cork buffer, which a close throws away.
    const waitMs = this.#requestBody !== "complete" ? undefined : isInChunks ? CLOSE_MS : 0;
    const linger = new LingeringClose(() => this.#closeNow(), waitMs);
    this.#transition({ kind: "closing", body: this.#body, linger });
    this.listener = null;
    this.#polling?.start(this.#res);
  }

  bodyWritable(): void {
    this.listener?.onWritable();
  }

  bodyBlocked(): void {
    if (this.#res === null) return;
    this.watch();
    if (this.#requestBody === "paused" || this.isReadingDangerous) this.#ask(this.#res);
    else this.#polling?.start(this.#res); // polled, to hear when it takes more
  }

  /**
   * Over TLS the library loses what it has received and not decrypted yet when it sends what it has in its own buffer, as
   * it does at the end of each read (a large echo broke once in four). So while that buffer is not empty nothing is read.
   */
  get isReadingDangerous(): boolean {
    return this.#engine.isTls && this.#requestBody !== "complete";
  }

  /** By the engine's clock: ends what takes too long, and arms the time-out of uWebSockets.js anew, which is 10 s. */
  tick(nowMs: number): void {
    const res = this.#res;
    if (res === null) return;
    const body = this.#body;
    if (body?.isBlocked === true) {
      if (!this.#isAsking) {
        this.#polling?.start(res);
        body.onWritable();
      }
      if (this.#res !== null) this.#checkReader(nowMs, body.progress);
      return;
    }
    this.#deadlines?.readerTook();
    const requestBody = this.#requestBody;
    if (
      requestBody !== "complete" &&
      this.#deadlines?.isBodyOverdue(nowMs, requestBody === "paused") === true
    ) {
      this.#timeOut();
      return;
    }
    if (this.#polling?.isStopped === true) return; // has no time-out
    res.pause();
    res.resume();
  }

  /** Also by the body's writer. */
  flushLater(): void {
    if (this.#isFlushQueued) return;
    this.#isFlushQueued = true;
    this.#engine.flushLater(this);
  }

  /** The only place that changes the response's state. */
  #transition(next: UwsResponseState): void {
    if (this.#response.kind === "closing") this.#response.linger.cancel();
    this.#response = next;
  }

  get #body(): UwsBodyWriter | null {
    const response = this.#response;
    return response.kind === "streaming" || response.kind === "closing" ? response.body : null;
  }

  #begin(status: number, contentLength: number, closes: boolean): void {
    this.#isBodiless = isBodiless(this.head.method, status);
    this.#contentLength = contentLength;
    if (closes || this.#costsConnection()) this.closesAfter = true;
    // A connection that is kept must not be paused when the response ends: it would never hear of its next request.
    if (!this.closesAfter) this.resume();
  }

  #headOf(status: number, statusText: string, shared: readonly string[], statedLength: number): Uint8Array {
    const headers = this.#ownLine.length === 0 ? shared : shared.concat(this.#ownLine);
    return uwsResponseHead(status, statusText, headers, statedLength);
  }

  /** The response is complete: in one write, where it fits and the connection is kept. */
  #sendWhole(res: UwsResponse, { head, first }: HeldHead): void {
    const body = first ?? NO_BYTES;
    this.#contentLength = body.length;
    const isSmall = body.length === 0 || head.length + body.length <= CORK_BYTES_MAX;
    if (this.#isBodiless || (isSmall && !this.closesAfter)) {
      this.#engine.cork(res, this);
      this.bodySent();
      return;
    }
    this.#startBody(res, head, body.length <= CORK_BYTES_MAX ? body : NO_BYTES);
    if (body.length > CORK_BYTES_MAX) this.#body?.write(body);
  }

  #startBody(res: UwsResponse, head: Uint8Array, first: Uint8Array): void {
    const body = new UwsBodyWriter(this, res, {
      head,
      contentLength: this.#contentLength,
      closes: this.closesAfter,
      isTls: this.#engine.isTls,
    });
    this.#transition({ kind: "streaming", body });
    // Before anything is written: without it the library waits 10 s for more after each time that the socket was full.
    res.onWritable(() => {
      if (this.#res !== null) body.onWritable();
      return true;
    });
    body.start(first);
  }

  // Polling: see uws-polling.ts.

  get hasBody(): boolean {
    return this.#body !== null;
  }

  retry(): boolean {
    const body = this.#body;
    const before = body?.progress;
    body?.onWritable();
    return body?.isBlocked === true && body.progress === before;
  }

  retried(): void {
    if (this.#res !== null && this.#requestBody !== "paused") this.#polling?.start(this.#res);
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
      this.#response.kind === "open" ? this.#engine.refuse(this, "request.timeout", undefined, true) : null;
    if (refusal === null) this.abort();
    listener?.onAborted(refusal);
  }

  #checkReader(nowMs: number, progress: number): void {
    if (this.#deadlines?.isReaderOverdue(nowMs, progress) !== true) return;
    const listener = this.listener;
    this.abort();
    listener?.onAborted(null);
  }

  #closeNow(): void {
    const response = this.#response;
    // What a cork left with the library goes first.
    if (response.kind === "closing" && this.#contentLength >= 0 && response.body?.isFlushed() === false) {
      this.watch();
      response.linger.closeIn(CLOSE_MS);
      return;
    }
    this.abort();
  }

  #finish(state: UwsResponseState): void {
    if (this.#res === null) return;
    this.#res = null;
    this.#polling?.end();
    this.#transition(state);
    this.listener = null;
    this.#engine.finished(this, this.#deadlines !== null);
  }

  /** An unread body that is long, or of unknown length, is not worth reading for the sake of the connection. */
  #costsConnection(): boolean {
    if (this.#requestBody === "complete") return false;
    return this.head.bodyLength < 0 || this.head.bodyLength > DRAIN_BYTES_MAX;
  }
}
