/**
 * HOT. One request on uWebSockets.js: the only holder of its `res`, which dies on abort and when the answer ends.
 * Nobody else may touch it; every write is made inside one cork.
 */
// Not the global: it is found by a getter at each use.
import { performance } from "node:perf_hooks";
import { type Fields, isBodiless } from "@latchkey/http1";
import type { Exchange, ExchangeListener, ExchangeState, RequestHead } from "./exchange.js";
import { headText } from "./head-text.js";
import { httpDate } from "./http-date.js";
import { addressText } from "./uws-address.js";
import type { UwsEngine } from "./uws-engine.js";
import type { UwsResponse } from "./uws-types.js";

/** An unread body up to this is read and dropped so that the connection can be kept; a larger one costs it. */
const DRAIN_BYTES_MAX = 65_536;
/** A first piece up to this waits for the end of the tick, to leave together with the head. */
const HOLD_BYTES_MAX = 16_384;
/** After an answer that ends the connection, what the client still sends is read so long and so far. */
const LINGER_MS = 2_000;
const LINGER_BYTES_MAX = 1_048_576;

const NO_BYTES = new Uint8Array(0);

/** What the corked callback has to do; closures for each write are spared that way. */
type Operation = "none" | "head" | "piece" | "whole" | "end" | "raw" | "backlog";

/** What was made of an answer's lines. */
class HeadBytes {
  readonly status: number;
  readonly statusText: string;
  readonly bytes: Uint8Array;

  constructor(status: number, statusText: string, bytes: Uint8Array) {
    this.status = status;
    this.statusText = statusText;
    this.bytes = bytes;
  }
}

export class UwsExchange implements Exchange {
  readonly head: RequestHead;
  readonly arrivedAtMs = performance.now();
  state: ExchangeState = "open";
  listener: ExchangeListener | null = null;
  /** The client asked for the end of the connection in a way that uWebSockets.js does not see. */
  closesAfter = false;

  readonly #engine: UwsEngine;
  #res: UwsResponse | null;
  #remoteAddress: string | null = null;

  #operation: Operation = "none";
  #headBytes: Uint8Array | null = null;
  #contentLength = -1;
  #chunk: Uint8Array = NO_BYTES;
  #held: Uint8Array | null = null;
  #isBodiless = false;
  #closeAfter = false;
  /** `end` was called while the head was still held back. */
  #endsInFlush = false;

  #bytesWritten = 0;
  /** Bytes accepted by us and not by the socket (only with a known length), oldest first. */
  #backlog: Uint8Array[] = [];
  #waitsForWritable = false;
  #isWritableAttached = false;

  #bodyComplete: boolean;
  #isPaused = false;
  /** Paused for the listener, but the socket still reads: see `pause`. */
  #putsOffPause = false;
  #unpausedBytes = 0;
  #lingerBytes = 0;
  #lingerTimer: NodeJS.Timeout | null = null;
  #isFinished = false;

  constructor(engine: UwsEngine, res: UwsResponse, head: RequestHead) {
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

  /**
   * A pause of uWebSockets.js stops what is polled for, and what an answer leaves in the socket while it lasts may never be
   * sent (measured: both directions of a large echo stood still for ten seconds, once in 150). So once the answer
   * has begun a pause is put off, as far as the engine has room for what comes meanwhile.
   */
  pause(): void {
    if (this.#res === null || this.#bodyComplete || this.#isPaused) return;
    this.#isPaused = true;
    this.#putsOffPause = this.state === "head-sent";
    if (!this.#putsOffPause) this.#res.pause();
  }

  resume(): void {
    if (this.#res !== null) this.#unpause(this.#res);
  }

  writeHead(status: number, statusText: string, fields: Fields, contentLength: number): void {
    if (this.state !== "open") return;
    this.state = "head-sent";
    this.#putOffPause();
    this.#isBodiless = isBodiless(this.head.method, status);
    this.#contentLength = contentLength;
    this.#closeAfter = this.closesAfter || this.#engine.isDraining || this.#costsConnection();
    this.#headBytes = this.#isBodiless
      ? // endWithoutBody(n) leaves the response pending for n bytes (measured), so the line is written here.
        this.#headOf(status, statusText, fields.list, contentLength)
      : this.#headAgain(status, statusText, fields);
    this.#engine.flushLater(this);
  }

  write(chunk: Uint8Array): boolean {
    if (this.state !== "head-sent" || this.#isBodiless || chunk.length === 0) return true;
    this.#bytesWritten += chunk.length;
    if (this.#headBytes !== null && this.#held === null && chunk.length <= HOLD_BYTES_MAX) {
      this.#held = Buffer.from(chunk); // copies
      return true;
    }
    this.#chunk = chunk;
    this.#cork(this.#bytesWritten === this.#contentLength && this.#headBytes !== null ? "whole" : "piece");
    this.#chunk = NO_BYTES;
    return !this.#waitsForWritable;
  }

  end(): void {
    if (this.state !== "head-sent") return;
    if (!this.#isBodiless && this.#contentLength >= 0 && this.#bytesWritten < this.#contentLength) {
      this.abort();
      return;
    }
    if (this.#backlog.length > 0) return; // finished by the last tryEnd of the backlog
    if (this.#headBytes === null) {
      this.#cork("end");
      return;
    }
    this.#endsInFlush = true;
    this.listener = null;
  }

  respond(
    status: number,
    statusText: string,
    fields: Fields,
    body: Uint8Array | string,
    close: boolean,
  ): void {
    if (this.state !== "open") return;
    this.state = "head-sent";
    const whole = typeof body === "string" ? Buffer.from(body, "latin1") : body;
    this.#isBodiless = isBodiless(this.head.method, status);
    this.#contentLength = body.length;
    this.#bytesWritten = body.length;
    this.#closeAfter = close || this.closesAfter || this.#costsConnection();
    this.#chunk = whole;
    if (this.#closeAfter) {
      // `end(…, true)` does not stop the parser and there is no way to close after it: so the whole answer goes
      // out as raw head bytes, the response stays pending (a further request then ends the connection), and
      // `close()` follows when the client has stopped sending. The body is followed by the CRLF of writeStatus.
      const bytes = this.#isBodiless ? NO_BYTES : whole;
      const text = this.#headText(status, statusText, fields.list);
      const framed = `${text}\r\nDate: ${httpDate()}\r\nConnection: close\r\nContent-Length: `;
      const length = this.#isBodiless ? body.length : body.length + 2;
      this.#headBytes = Buffer.concat([Buffer.from(`${framed}${length}\r\n\r\n`, "latin1"), bytes]);
      this.#cork("raw");
    } else {
      this.#headBytes =
        this.#isBodiless && status !== 204
          ? this.#headOf(status, statusText, fields.list, body.length)
          : this.#headAgain(status, statusText, fields);
      this.#cork("whole");
    }
    this.#chunk = NO_BYTES;
  }

  abort(): void {
    if (this.state === "ended" || this.state === "aborted") return;
    this.#finish("aborted");
    const res = this.#res;
    this.#res = null;
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

  /** By the engine, when the tick ends: what was held back goes out. */
  flush(): void {
    if (this.#res === null || this.#headBytes === null || this.state !== "head-sent") return;
    this.#cork(this.#endsInFlush ? "end" : "head");
  }

  /** By the engine, for `onData`. */
  data(buffer: ArrayBuffer, isLast: boolean): void {
    if (this.#lingerTimer !== null) {
      this.#linger(buffer.byteLength, isLast);
      return;
    }
    if (isLast) this.#bodyComplete = true;
    if (this.#putsOffPause && !isLast && this.#res !== null) {
      if (this.#engine.takeUnpaused(buffer.byteLength)) {
        this.#unpausedBytes += buffer.byteLength;
      } else {
        this.#putsOffPause = false;
        this.#res.pause();
      }
    }
    const listener = this.listener;
    if (listener === null) return;
    if (buffer.byteLength > 0) listener.onBodyData(new Uint8Array(buffer));
    if (isLast && this.listener !== null) listener.onBodyEnd();
  }

  /** By the engine, for `onAborted`: `res` is dead from here on. */
  aborted(): void {
    this.#res = null;
    const listener = this.listener;
    this.#finish(this.state === "ended" ? "ended" : "aborted");
    listener?.onAborted();
  }

  /** By the engine, inside a cork. */
  corked(): void {
    const res = this.#res as UwsResponse;
    const operation = this.#operation;
    this.#operation = "none";
    switch (operation) {
      case "none":
        break;
      case "head":
        this.#putHead(res);
        break;
      case "whole":
        this.#putWhole(res, this.#chunk);
        break;
      case "piece":
        this.#putHead(res);
        this.#putPiece(res, this.#chunk);
        break;
      case "end":
        this.#putEnd(res);
        break;
      case "raw":
        this.#putRaw(res);
        break;
      case "backlog":
        this.#putBacklog(res);
        break;
    }
  }

  #cork(operation: Operation): void {
    if (this.#res === null) return;
    this.#operation = operation;
    this.#engine.cork(this.#res, this);
  }

  /** Also sends a piece that was held back. */
  #putHead(res: UwsResponse): void {
    if (this.#headBytes === null) return;
    res.writeStatus(this.#headBytes);
    if (this.#closeAfter) res.writeHeader("Connection", "close");
    this.#headBytes = null;
    if (this.#held === null) return;
    const held = this.#held;
    this.#held = null;
    this.#putPiece(res, held);
  }

  /** Ends the answer in one go: `end` may say that the connection closes only while the head is open. */
  #putWhole(res: UwsResponse, body: Uint8Array): void {
    if (this.#isBodiless) {
      this.#putHead(res);
      this.#unpause(res);
      res.endWithoutBody();
      this.#ended();
      return;
    }
    if (body.length > DRAIN_BYTES_MAX) {
      this.#putHead(res);
      this.#putPiece(res, body);
      return;
    }
    const mayClose = this.#headBytes !== null && this.#closeAfter;
    if (this.#headBytes !== null) res.writeStatus(this.#headBytes);
    this.#headBytes = null;
    this.#unpause(res);
    res.end(body, mayClose);
    this.#ended();
  }

  /** Also before an answer ends: a connection that stays paused never hears of its next request. */
  #unpause(res: UwsResponse): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (!this.#putsOffPause) res.resume();
    this.#putsOffPause = false;
    this.#giveBackUnpaused();
  }

  #giveBackUnpaused(): void {
    this.#engine.giveBackUnpaused(this.#unpausedBytes);
    this.#unpausedBytes = 0;
  }

  /** An answer begins: what is paused is read again, for a while. */
  #putOffPause(): void {
    if (!this.#isPaused || this.#putsOffPause) return;
    this.#putsOffPause = true;
    this.#res?.resume();
  }

  #putPiece(res: UwsResponse, chunk: Uint8Array): void {
    if (this.#contentLength < 0) {
      if (!res.write(chunk)) this.#awaitWritable(res);
      return;
    }
    if (this.#backlog.length > 0) {
      this.#backlog.push(Uint8Array.prototype.slice.call(chunk));
      return;
    }
    this.#tryEnd(res, chunk, true);
  }

  /** True when the socket took everything. */
  #tryEnd(res: UwsResponse, chunk: Uint8Array, isForeign: boolean): boolean {
    const before = res.getWriteOffset();
    if (before + chunk.length >= this.#contentLength) this.#unpause(res);
    const [ok, done] = res.tryEnd(chunk, this.#contentLength);
    if (done) {
      this.#ended();
      return true;
    }
    if (ok) return true;
    const taken = res.getWriteOffset() - before;
    const rest = chunk.subarray(taken);
    if (rest.length > 0) this.#backlog.unshift(isForeign ? Uint8Array.prototype.slice.call(rest) : rest);
    this.#awaitWritable(res);
    return false;
  }

  #putEnd(res: UwsResponse): void {
    if (this.#isBodiless) {
      this.#putWhole(res, NO_BYTES);
      return;
    }
    if (this.#headBytes !== null) {
      // All of it came within one turn, so the length is known in any case: no chunks, one write.
      const body = this.#held ?? NO_BYTES;
      this.#held = null;
      this.#putWhole(res, body);
      return;
    }
    this.#putHead(res);
    this.#unpause(res);
    // `end(…, true)` after the head would write a header line into the body (measured): the client closes then.
    if (this.#contentLength < 0) res.end();
    else if (this.#contentLength === 0) res.end(NO_BYTES);
    else return; // the tryEnd that brought the last byte has ended it
    this.#ended();
  }

  #putRaw(res: UwsResponse): void {
    if (this.#headBytes !== null) res.writeStatus(this.#headBytes);
    this.#headBytes = null;
    this.#unpause(res);
    this.state = "ended";
    this.#lingerTimer = setTimeout(() => this.#closeNow(), this.#bodyComplete ? 0 : LINGER_MS);
  }

  #linger(bytes: number, isLast: boolean): void {
    this.#lingerBytes += bytes;
    if (!isLast && this.#lingerBytes <= LINGER_BYTES_MAX) return;
    // Not at once: the answer may still be in the cork buffer, which a close throws away.
    if (this.#lingerTimer !== null) clearTimeout(this.#lingerTimer);
    this.#lingerTimer = setTimeout(() => this.#closeNow(), 0);
  }

  #closeNow(): void {
    const res = this.#res;
    this.#finish("ended");
    this.#res = null;
    res?.close();
  }

  #awaitWritable(res: UwsResponse): void {
    this.#waitsForWritable = true;
    if (this.#isWritableAttached) return;
    this.#isWritableAttached = true;
    res.onWritable(() => this.#writable());
  }

  /** Returns what uWebSockets.js wants to know: whether everything was written. */
  #writable(): boolean {
    if (this.#res === null || !this.#waitsForWritable) return true;
    this.#waitsForWritable = false;
    if (this.#backlog.length > 0) this.#cork("backlog");
    if (this.#waitsForWritable) return false;
    this.listener?.onWritable();
    return true;
  }

  #putBacklog(res: UwsResponse): void {
    while (this.#backlog.length > 0) {
      const next = this.#backlog.shift() as Uint8Array;
      if (!this.#tryEnd(res, next, false)) return;
    }
  }

  #ended(): void {
    this.#res = null;
    this.#finish("ended");
  }

  #finish(state: "ended" | "aborted"): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    if (this.#lingerTimer !== null) clearTimeout(this.#lingerTimer);
    this.#lingerTimer = null;
    this.state = state;
    this.listener = null;
    this.#backlog = [];
    this.#headBytes = null;
    this.#held = null;
    this.#giveBackUnpaused();
    this.#engine.finished();
  }

  /** An unread body that is long, or of unknown length, is not worth reading for the sake of the connection. */
  #costsConnection(): boolean {
    if (this.#bodyComplete) return false;
    return this.head.bodyLength < 0 || this.head.bodyLength > DRAIN_BYTES_MAX;
  }

  #headOf(status: number, statusText: string, headers: readonly string[], contentLength: number): Uint8Array {
    const text = this.#headText(status, statusText, headers);
    return Buffer.from(contentLength >= 0 ? `${text}\r\nContent-Length: ${contentLength}` : text, "latin1");
  }

  /** The same lines with the same status give the same bytes. */
  #headAgain(status: number, statusText: string, fields: Fields): Uint8Array {
    const { derived } = fields;
    if (derived instanceof HeadBytes && derived.status === status && derived.statusText === statusText)
      return derived.bytes;
    const bytes = this.#headOf(status, statusText, fields.list, -1);
    fields.derived = new HeadBytes(status, statusText, bytes);
    return bytes;
  }

  /** uWebSockets.js writes `Date` itself, so an upstream's own would be a second one. */
  #headText(status: number, statusText: string, headers: readonly string[]): string {
    const dateAt = headers.indexOf("date");
    if (dateAt < 0 || dateAt % 2 === 1) return headText(status, statusText, headers);
    const rest = headers.slice();
    rest.splice(dateAt, 2);
    return headText(status, statusText, rest);
  }
}
