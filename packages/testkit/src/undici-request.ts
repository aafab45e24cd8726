/**
 * One request on undici: undici's handler, and the outgoing request of the gateway. A short body is
 * collected and sent with the head in one write; a long one streams through a Readable.
 */
import { Readable } from "node:stream";
import {
  isBodiless,
  type OutgoingRequest,
  UpstreamError,
  type UpstreamErrorCode,
  type UpstreamHandler,
  type UpstreamPhase,
  type UpstreamRequest,
} from "@latchkey/http1";
import type { Dispatcher, Pool } from "undici";
import { toUpstreamError } from "./undici-errors.js";

/** A body of known length up to this is collected before it is sent. */
const COLLECT_BYTES_MAX = 65_536;
/** Streamed bytes that may wait for the socket. */
const STREAM_BYTES_MAX = 65_536;

/** What `write` fills and undici empties. */
class RequestBody extends Readable {
  readonly #request: UndiciRequest;

  constructor(request: UndiciRequest) {
    super({ highWaterMark: STREAM_BYTES_MAX });
    this.#request = request;
  }

  override _read(): void {
    this.#request.bodyWanted();
  }
}

/** The client, as its requests see it. */
export interface UndiciRequestOwner {
  readonly pool: Pool;
  readonly hostHeader: string | undefined;
  readonly bodyPausedTimeoutMs: number;
  finished(): void;
}

export class UndiciRequest implements OutgoingRequest, Dispatcher.DispatchHandler {
  /** undici does not say. */
  readonly waitedMs = 0;
  readonly connectMs = 0;
  readonly #client: UndiciRequestOwner;
  readonly #handler: UpstreamHandler;
  readonly #method: string;
  readonly #path: string;
  readonly #headers: string[];
  readonly #contentLength: number;
  readonly #collected: Uint8Array[] = [];
  #body: RequestBody | null = null;
  #bytesWritten = 0;
  #needsDrain = false;
  #drainScheduled = false;

  #phase: UpstreamPhase = "connect";
  #isStarted = false;
  #isOver = false;
  #abort: (() => void) | null = null;
  #resume: (() => void) | null = null;
  #isPaused = false;
  #pausedTimer: NodeJS.Timeout | null = null;
  /** Set while the caller is inside `dispatch`, when nothing may be reported yet. */
  #isDispatching = true;

  constructor(client: UndiciRequestOwner, request: UpstreamRequest, handler: UpstreamHandler) {
    this.#client = client;
    this.#handler = handler;
    this.#method = request.method;
    this.#path = request.path;
    this.#headers = [];
    for (const { list } of request.sharedHeaders ?? []) this.#headers.push(...list);
    this.#headers.push(...request.headers);
    this.#contentLength = request.contentLength;
    if (client.hostHeader !== undefined) this.#headers.push("host", client.hostHeader);
  }

  start(): void {
    this.#isStarted = true;
    const length = this.#contentLength;
    if (length === 0) this.#send(null);
    else if (length < 0 || length > COLLECT_BYTES_MAX) {
      this.#body = new RequestBody(this);
      this.#body.on("error", () => undefined); // undici reports it through onError
      if (length > 0) this.#headers.push("content-length", String(length));
      this.#send(this.#body);
    }
    this.#isDispatching = false;
  }

  refuse(code: UpstreamErrorCode, detail: string): void {
    this.#isDispatching = false;
    queueMicrotask(() => this.#fail(new UpstreamError(code, "connect", code === "queue_full", detail)));
  }

  write(chunk: Uint8Array): boolean {
    if (this.#isOver || chunk.length === 0) return true;
    this.#bytesWritten += chunk.length;
    if (this.#contentLength >= 0 && this.#bytesWritten > this.#contentLength) {
      this.#failLater("request_length", "the body is longer than its length");
      return true;
    }
    const copy = Uint8Array.prototype.slice.call(chunk);
    if (this.#body === null) {
      this.#collected.push(copy);
      return true;
    }
    this.#needsDrain = !this.#body.push(copy);
    return !this.#needsDrain;
  }

  end(chunk?: Uint8Array): void {
    if (this.#isOver || this.#contentLength === 0) return;
    if (chunk !== undefined) this.write(chunk);
    if (this.#contentLength > 0 && this.#bytesWritten !== this.#contentLength) {
      this.#failLater("request_length", "the body is shorter than its length");
      return;
    }
    if (this.#body !== null) {
      this.#body.push(null);
      return;
    }
    const [first] = this.#collected;
    this.#isDispatching = true;
    this.#send(this.#collected.length === 1 ? (first as Uint8Array) : Buffer.concat(this.#collected));
    this.#isDispatching = false;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#clearPausedTimer();
    this.#resume?.();
  }

  abort(): void {
    if (this.#isOver) return;
    this.#finish();
    this.#abort?.();
    this.#body?.destroy();
  }

  /** By the request body: it has room. */
  bodyWanted(): void {
    if (!this.#needsDrain || this.#isOver || this.#drainScheduled) return;
    this.#needsDrain = false;
    this.#drainScheduled = true;
    queueMicrotask(() => {
      this.#drainScheduled = false;
      if (!this.#isOver) this.#handler.onDrain();
    });
  }

  // What undici calls.

  onConnect(abort: () => void): void {
    this.#abort = abort;
    this.#phase = "send";
    if (this.#isOver) abort();
  }

  onHeaders(status: number, raw: Buffer[], resume: () => void, statusText: string): boolean {
    if (status < 200) return true;
    this.#phase = "body";
    this.#resume = resume;
    const headers: string[] = [];
    let contentLength = -1;
    for (let i = 0; i < raw.length; i += 2) {
      const name = (raw[i] as Buffer).toString("latin1").toLowerCase();
      const value = (raw[i + 1] as Buffer).toString("latin1");
      if (name === "content-length") contentLength = Number(value);
      headers.push(name, value);
    }
    if (isBodiless(this.#method, status)) contentLength = 0;
    this.#handler.onResponseStart(status, statusText, headers, contentLength);
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (this.#isOver) return true;
    if (this.#handler.onResponseData(chunk)) return true;
    this.#isPaused = true;
    this.#pausedTimer ??= setTimeout(() => this.#pausedTooLong(), this.#client.bodyPausedTimeoutMs);
    return false;
  }

  onComplete(): void {
    if (this.#isOver) return;
    this.#finish();
    this.#body?.destroy();
    this.#handler.onResponseEnd();
  }

  onError(error: Error): void {
    if (this.#isOver) return;
    if (this.#isDispatching) queueMicrotask(() => this.#fail(toUpstreamError(error, this.#phase)));
    else this.#fail(toUpstreamError(error, this.#phase));
  }

  #send(body: Uint8Array | Readable | null): void {
    this.#client.pool.dispatch(
      { path: this.#path, method: this.#method as Dispatcher.HttpMethod, headers: this.#headers, body },
      this,
    );
  }

  /** undici's body time-out stands still while its parser is paused: a half-dead origin would be held for ever. */
  #pausedTooLong(): void {
    this.#pausedTimer = null;
    if (this.#isOver) return;
    const abort = this.#abort;
    this.#fail(new UpstreamError("body_timeout", "body", false, "the response was paused for too long"));
    abort?.();
  }

  #failLater(code: UpstreamErrorCode, detail: string): void {
    queueMicrotask(() => {
      if (this.#isOver) return;
      const abort = this.#abort;
      this.#fail(new UpstreamError(code, "send", false, detail));
      abort?.();
    });
  }

  #fail(error: UpstreamError): void {
    if (this.#isOver) return;
    this.#finish();
    this.#body?.destroy();
    this.#handler.onError(error);
  }

  #finish(): void {
    this.#isOver = true;
    this.#clearPausedTimer();
    if (this.#isStarted) this.#client.finished();
  }

  #clearPausedTimer(): void {
    if (this.#pausedTimer !== null) clearTimeout(this.#pausedTimer);
    this.#pausedTimer = null;
  }
}
