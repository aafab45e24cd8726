/**
 * HOT. The engine on uWebSockets.js. Its parser is lenient (docs/conformance.md), so everything that a handler can
 * see of the framing is checked here before the gateway hears of the request. Time-outs are its own: 10 s idle.
 */
import { Fields } from "@latchkey/http1";
import type { EngineOptions, EngineRefusalCode, HttpEngine } from "./exchange.js";
import { type FramingRefusal, isToken, readFraming } from "./framing.js";
import type { LoadedUws } from "./load-uws.js";
import { UwsExchange } from "./uws-exchange.js";
import type { UwsApp, UwsListenSocket, UwsRequest, UwsResponse } from "./uws-types.js";

const REPLACEMENT = 0xfffd;
/** uWebSockets.js takes any first `Connection` line of this length for it, and looks at no other. */
const CLOSE = "close";
/** `: ` and CRLF. */
const LINE_OVERHEAD = 4;

/** What uploads may bring after a pause that had to be put off, all together. */
const UNPAUSED_BYTES_MAX = 32 * 1_048_576;

export class UwsEngine implements HttpEngine {
  readonly name = "uws";
  readonly description: string;
  isDraining = false;

  readonly #options: EngineOptions;
  readonly #loaded: LoadedUws;
  readonly #app: UwsApp;
  #socket: UwsListenSocket | null = null;

  #active = 0;
  #unpausedBytes = 0;
  #onIdle: (() => void) | null = null;

  /** Where `forEach` puts the header lines of the request being read; one function for all requests. */
  #lines: string[] = [];
  #isLatin1Clean = true;
  #headBytes = 0;
  #host = "";
  #connectionLines = 0;
  #asksToClose = false;
  readonly #collect = (name: string, value: string): void => {
    this.#headBytes += name.length + value.length + LINE_OVERHEAD;
    if (name === "host") this.#host = value;
    else if (name === "connection" && (this.#connectionLines++ > 0 || value.length !== CLOSE.length))
      this.#asksToClose ||= listsClose(value);
    this.#lines.push(name, this.#toLatin1(value));
  };

  /** Whose request is being handed over: uWebSockets.js has corked its socket already. */
  #handling: UwsExchange | null = null;
  #corking: UwsExchange | null = null;
  readonly #runCorked = (): void => this.#corking?.corked();

  #unflushed: UwsExchange[] = [];
  readonly #flushAll = (): void => {
    const exchanges = this.#unflushed;
    this.#unflushed = [];
    for (const exchange of exchanges) exchange.flush();
  };

  constructor(options: EngineOptions, loaded: LoadedUws) {
    this.#options = options;
    this.#loaded = loaded;
    this.description = loaded.description;
    const tls = options.tls;
    this.#app =
      tls === null
        ? loaded.uws.App()
        : loaded.uws.SSLApp({ cert_file_name: tls.certFile, key_file_name: tls.keyFile });
    this.#app.any("/*", (res, req) => this.#onRequest(res, req));
  }

  listen(host: string, port: number): Promise<number> {
    const { uws } = this.#loaded;
    const mode = this.#options.sharesPort ? 0 : uws.LIBUS_LISTEN_EXCLUSIVE_PORT; // 0: SO_REUSEPORT
    return new Promise((resolve, reject) => {
      this.#app.listen(host, port, mode, (socket) => {
        if (socket === false) {
          // uWebSockets.js does not say why; a taken port is nearly always it.
          reject(Object.assign(new Error(`cannot listen on ${host}:${port}`), { code: "EADDRINUSE", port }));
          return;
        }
        this.#socket = socket;
        resolve(uws.us_socket_local_port(socket));
      });
    });
  }

  /** Requests in flight: this build does not tell of idle connections. */
  connections(): number {
    return this.#active;
  }

  async drain(): Promise<void> {
    this.isDraining = true;
    this.#stopListening();
    if (this.#active > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
  }

  destroy(): void {
    this.#stopListening();
    this.#app.close();
  }

  /** By an exchange: runs its pending write with the socket corked. */
  cork(res: UwsResponse, exchange: UwsExchange): void {
    if (exchange === this.#handling) {
      exchange.corked();
      return;
    }
    const outer = this.#corking;
    this.#corking = exchange;
    res.cork(this.#runCorked);
    this.#corking = outer;
  }

  /** By an exchange: its head may wait until the end of this turn for a body to leave with, and for its neighbours. */
  flushLater(exchange: UwsExchange): void {
    if (this.#unflushed.push(exchange) === 1) setImmediate(this.#flushAll);
  }

  /** By an exchange that cannot pause. @returns false: there is no room for so many more bytes */
  takeUnpaused(bytes: number): boolean {
    if (this.#unpausedBytes + bytes > UNPAUSED_BYTES_MAX) return false;
    this.#unpausedBytes += bytes;
    return true;
  }

  giveBackUnpaused(bytes: number): void {
    this.#unpausedBytes -= bytes;
  }

  /** By an exchange: it is over. */
  finished(): void {
    this.#active--;
    if (this.#active === 0) this.#onIdle?.();
  }

  #stopListening(): void {
    if (this.#socket !== null) this.#loaded.uws.us_listen_socket_close(this.#socket);
    this.#socket = null;
  }

  #onRequest(res: UwsResponse, req: UwsRequest): void {
    this.#lines = [];
    this.#isLatin1Clean = true;
    this.#headBytes = 0;
    this.#host = "";
    this.#connectionLines = 0;
    this.#asksToClose = false;
    req.forEach(this.#collect);
    const headers = this.#lines;
    const method = req.getCaseSensitiveMethod();
    const path = req.getUrl();
    const query = req.getQuery() ?? "";
    const framing = readFraming(headers);
    const bodyLength = typeof framing === "number" ? framing : 0;
    const exchange = new UwsExchange(this, res, {
      method,
      path,
      query,
      host: this.#host,
      fields: new Fields(headers),
      bodyLength,
    });
    this.#active++;
    this.#handling = exchange;
    try {
      this.#handOver(exchange, framing);
    } finally {
      this.#handling = null;
      // An answer that is over needs neither; without the first, an abort of one that is not ends the process.
      if (exchange.isLive) {
        res.onAborted(() => exchange.aborted());
        if (exchange.wantsData) res.onData((chunk, isLast) => exchange.data(chunk, isLast));
        else if (exchange.listener === null && exchange.state === "open") exchange.abort();
      }
    }
  }

  #handOver(exchange: UwsExchange, framing: number | FramingRefusal): void {
    const { method, path, query } = exchange.head;
    if (typeof framing !== "number") {
      this.#refuse(exchange, framing.code, framing.detail);
      return;
    }
    if (!isToken(method)) {
      this.#refuse(exchange, "request.malformed", "The method is not a token.");
      return;
    }
    if (!this.#isLatin1Clean) {
      this.#refuse(exchange, "request.malformed", "A header value is not valid UTF-8.");
      return;
    }
    if (this.#headBytes > this.#options.limits.headerBytesMax) {
      this.#refuse(exchange, "request.headers_too_large");
      return;
    }
    if (path.length + query.length > this.#options.limits.uriBytesMax) {
      this.#refuse(exchange, "request.uri_too_long");
      return;
    }
    if (this.#active > this.#options.limits.connectionsMax) {
      this.#refuse(exchange, "gateway.overloaded");
      return;
    }

    exchange.closesAfter = this.#asksToClose;
    exchange.listener = this.#options.onRequest(exchange);
  }

  /** The parser may see another message in these bytes than we do: nothing more of the connection is used. */
  #refuse(exchange: UwsExchange, code: EngineRefusalCode, detail?: string): void {
    this.#options.onRefused(code);
    const { status, statusText, headers, body } = this.#options.refusal(code, detail);
    exchange.respond(status, statusText, new Fields(headers), body, true);
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
