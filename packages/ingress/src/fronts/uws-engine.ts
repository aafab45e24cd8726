/**
 * The engine on uWebSockets.js. Its parser is lenient (docs/conformance.md), so everything that a handler can
 * see of the framing is checked here before the gateway hears of the request. A connection whose parser may have read
 * something else than we did serves no second request. Idle connections and heads have the library's own time-out: 10 s.
 */
// Not the global: it is found by a getter at each use.
import { performance } from "node:perf_hooks";
import { isToken } from "@latchkey/core";
import type { EngineRefusalCode } from "./engine-refusal-code.js";
import { type FramingRefusal, readFraming } from "./framing.js";
import type { EngineLimits, EngineOptions, EngineRefusal, HttpEngine } from "./front-request.js";
import type { LoadedUws } from "./load-uws.js";
import { UwsFrontRequest } from "./uws-front-request.js";
import { UwsListener } from "./uws-listener.js";
import type { OwnedRequest, UwsRequestOwner } from "./uws-request-owner.js";
import type { UwsApp, UwsRequest, UwsResponse } from "./uws-types.js";

const REPLACEMENT = 0xfffd;
const CLOSE = "close";
/** `: ` and CRLF. */
const LINE_OVERHEAD = 4;
const SERVER_FULL = "The node serves as many requests as it takes.";
const ADDRESS_FULL = "Your address has as many requests in flight as the node takes from one.";
/** Two spaces, `HTTP/1.1` and two line ends. */
const START_OVERHEAD = 14;
/**
 * Responses that are sent before the next event may come. The library handles all requests of a read of 512 KiB at once if each is
 * responded to at once, as refused ones are: some 10 000, while nobody else is served. About 3 ms of CPU.
 */
const RESPONSES_AT_ONCE_MAX = 256;
/** Below the 10 s after which uWebSockets.js closes what it waits for. */
const TICK_MS = 3_000;

export class UwsEngine implements HttpEngine, UwsRequestOwner {
  readonly name = "uws";
  readonly description: string;
  isDraining = false;

  readonly limits: EngineLimits;
  readonly isTls: boolean;

  readonly #options: EngineOptions;
  readonly #app: UwsApp;
  readonly #listener: UwsListener;

  #active = 0;
  #onIdle: (() => void) | null = null;

  /** Where `forEach` puts the header lines of the request being read; one function for all requests. */
  #lines: string[] = [];
  #isLatin1Clean = true;
  #headBytes = 0;
  #host = "";
  #asksToClose = false;
  readonly #collect = (name: string, value: string): void => {
    this.#headBytes += name.length + value.length + LINE_OVERHEAD;
    if (name === "host") this.#host = value;
    else if (name === "connection") this.#asksToClose ||= listsClose(value);
    this.#lines.push(name, this.#toLatin1(value));
  };

  /** A callback of the library runs: it has corked the socket. */
  isInsideLibrary = false;
  #corking: OwnedRequest | null = null;
  readonly #runCorked = (): void => this.#corking?.corked();

  /** Responses that were sent whole as their requests came, in this event-loop batch. */
  #respondedAtOnce = 0;
  readonly #endBatch = (): void => {
    this.#respondedAtOnce = 0;
  };

  #unflushed: OwnedRequest[] = [];
  /** Those whose time the clock measures. */
  readonly #watched = new Set<OwnedRequest>();
  #clock: NodeJS.Timeout | null = null;
  readonly #flushAll = (): void => {
    const requests = this.#unflushed;
    this.#unflushed = [];
    for (const request of requests) request.flush();
  };

  constructor(options: EngineOptions, loaded: LoadedUws) {
    this.#options = options;
    this.limits = options.limits;
    this.isTls = options.tls !== null;
    this.description = `${loaded.description}, without WebSockets`;
    const tls = options.tls;
    this.#app =
      tls === null
        ? loaded.uws.App()
        : loaded.uws.SSLApp({ cert_file_name: tls.certFile, key_file_name: tls.keyFile });
    this.#app.any("/*", (res, req) => this.#onRequest(res, req));
    const { sharesPort, limits } = options;
    this.#listener = new UwsListener({
      uws: loaded.uws,
      app: this.#app,
      sharesPort,
      descriptorsMax: limits.descriptorsMax,
      onFull: () => options.onConnectionRefused("server_full"),
    });
  }

  listen(host: string, port: number): Promise<number> {
    return this.#listener.listen(host, port);
  }

  /** Requests in flight: this build does not tell of idle connections. */
  connections(): number {
    return this.#active;
  }

  async drain(): Promise<void> {
    this.isDraining = true;
    this.#listener.close();
    if (this.#active > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
  }

  destroy(): void {
    this.#listener.close();
    this.#app.close();
  }

  cork(res: UwsResponse, request: OwnedRequest): void {
    const outer = this.#corking;
    this.#corking = request;
    res.cork(this.#runCorked);
    this.#corking = outer;
  }

  flushLater(request: OwnedRequest): void {
    if (this.#unflushed.push(request) === 1) setImmediate(this.#flushAll);
  }

  watch(request: OwnedRequest): void {
    this.#watched.add(request);
    this.#clock ??= setInterval(() => this.#tick(), TICK_MS).unref();
  }

  finished(request: OwnedRequest, isWatched: boolean): void {
    if (isWatched) this.#watched.delete(request);
    this.#active--;
    this.#options.addressCap.leave(request.client);
    if (this.#active === 0) this.#onIdle?.();
  }

  #tick(): void {
    const nowMs = performance.now();
    for (const request of this.#watched) request.tick(nowMs);
    if (this.#watched.size > 0 || this.#clock === null) return;
    clearInterval(this.#clock);
    this.#clock = null;
  }

  #onRequest(res: UwsResponse, req: UwsRequest): void {
    this.#lines = [];
    this.#isLatin1Clean = true;
    this.#headBytes = 0;
    this.#host = "";
    this.#asksToClose = false;
    req.forEach(this.#collect);
    const headers = this.#lines;
    const method = req.getCaseSensitiveMethod();
    const path = req.getUrl();
    const query = req.getQuery() ?? "";
    const framing = readFraming(headers);
    const bodyLength = typeof framing === "number" ? framing : 0;
    const request = new UwsFrontRequest(this, res, {
      method,
      path,
      query,
      host: this.#host,
      fields: headers,
      bodyLength,
    });
    this.#active++;
    this.isInsideLibrary = true;
    try {
      this.#handOver(request, framing);
    } finally {
      this.isInsideLibrary = false;
      // A response that is over needs neither; without the first, an abort of one that is not ends the process.
      if (request.isLive) {
        res.onAborted(() => request.aborted());
        if (request.wantsData) {
          res.onData((chunk, isLast) => this.#onData(request, chunk, isLast));
          request.watch();
        } else if (request.listener === null && request.state === "open") request.abort();
      } else if (this.#respondedAtOnce++ === 0) setImmediate(this.#endBatch);
    }
  }

  #onData(request: UwsFrontRequest, chunk: ArrayBuffer, isLast: boolean): void {
    this.isInsideLibrary = true;
    try {
      request.data(chunk, isLast);
    } finally {
      this.isInsideLibrary = false;
    }
  }

  #handOver(request: UwsFrontRequest, framing: number | FramingRefusal): void {
    const { method, path, query } = request.head;
    const headers = this.#lines;
    if (typeof framing !== "number") {
      this.refuse(request, framing.code, framing.detail);
      return;
    }
    if (!isToken(method)) {
      this.refuse(request, "request.malformed", "The method is not a token.");
      return;
    }
    if (!this.#isLatin1Clean) {
      this.refuse(request, "request.malformed", "A header value is not valid UTF-8.");
      return;
    }
    const targetBytes = query === "" ? path.length : path.length + 1 + query.length;
    const headBytes = this.#headBytes + START_OVERHEAD + method.length + targetBytes;
    if (targetBytes > this.#options.limits.uriBytesMax) {
      this.refuse(request, "request.uri_too_long");
      return;
    }
    const { headerBytesMax, headersMax } = this.#options.limits;
    if (headBytes > headerBytesMax || headers.length > headersMax * 2) {
      this.refuse(request, "request.headers_too_large");
      return;
    }
    if (!this.#admits(request)) return;

    // Chunks are not read by their grammar, so what follows them may be no request that the client sent. After too many
    // responses at once, requests that wait on the connection are dropped with it.
    request.closesAfter = this.#asksToClose || framing < 0 || this.#respondedAtOnce >= RESPONSES_AT_ONCE_MAX;
    request.listener = this.#options.onRequest(request);
  }

  /** This library tells of no connection before it has a request, so requests in flight are counted. */
  #admits(request: UwsFrontRequest): boolean {
    const { addressCap, limits, onConnectionRefused } = this.#options;
    const client = addressCap.enter(request.remoteAddress);
    request.client = client ?? "";
    const isFull = this.#active > limits.connectionsMax;
    if (client !== null && !isFull) return true;
    onConnectionRefused(client === null ? "address_full" : "server_full", request.remoteAddress);
    this.refuse(request, "gateway.overloaded", client === null ? ADDRESS_FULL : SERVER_FULL);
    return false;
  }

  refuse(request: OwnedRequest, code: EngineRefusalCode, detail?: string, isHandedOn = false): EngineRefusal {
    const refusal = this.#options.refusal(code, detail);
    this.#options.onRefused(refusal, isHandedOn ? null : request.remoteAddress);
    const { status, statusText, headers, body } = refusal;
    request.respond(status, statusText, headers, body, true);
    return refusal;
  }

  /** Values come decoded from UTF-8; back to one char code a byte. Bytes that were not UTF-8 are lost: refused. */
  #toLatin1(value: string): string {
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code < 0x80) continue;
      if (value.indexOf(String.fromCharCode(REPLACEMENT)) >= 0) this.#isLatin1Clean = false;
      return Buffer.from(value, "utf8").toString("latin1");
    }
    return value;
  }
}

/** `close` among the options of a `Connection` line (RFC 9110 §7.6.1). */
function listsClose(value: string): boolean {
  if (value.length < CLOSE.length || value === "keep-alive") return false;
  return value
    .toLowerCase()
    .split(",")
    .some((option) => option.trim() === CLOSE);
}
