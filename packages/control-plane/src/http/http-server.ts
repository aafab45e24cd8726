/**
 * The node:http(s) server around the router: request ids, errors as JSON, limits, drain. One place turns errors
 * into responses; what nobody foresaw is logged and tells the client nothing.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { parseUrl } from "@latchkey/core";
import type { Logger } from "@latchkey/observe";
import { DocumentError } from "../errors/document-error.js";
import { HttpError } from "../errors/http-error.js";
import { StorageError } from "../errors/storage-error.js";
import type { ClientAddresses } from "./client-address.js";
import { type ConnectionLimits, ConnectionSeats } from "./connection-seats.js";
import { Exchange } from "./exchange.js";
import type { HttpRouter } from "./http-router.js";
import { catchErrors, refuseConnection } from "./raw-socket.js";
import { requestIdOf } from "./request-id.js";
import { HEALTH_PATHS } from "./routes.js";
import { commonHeaders, DATA_POLICY } from "./security-headers.js";
import type { TlsMaterial } from "./tls-material.js";

export interface HttpServerOptions {
  readonly host: string;
  readonly port: number;
  readonly router: HttpRouter;
  readonly tls: TlsMaterial | null;
  readonly logger: Logger;
  readonly limits: ConnectionLimits;
  readonly addresses: ClientAddresses;
  /** Called when a new connection finds a limit reached. */
  readonly onLimit?: (limit: "address" | "total") => void;
  /** Takes a WebSocket upgrade over; refuses by ending the socket. */
  readonly onUpgrade: (req: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

const GRAPHQL_RESPONSE = "application/graphql-response+json";
const HEADER_BYTES_MAX = 32 * 1024;
/** For a whole request head, from the opening of a connection or the first byte after a response. */
const HEADERS_MS_MAX = 5_000;
const TLS_HANDSHAKE_MS_MAX = 5_000;
/** How often node:http looks for heads that are late. */
const CHECK_INTERVAL_MS = 1_000;
const DROPPED_LOG_INTERVAL_MS = 60_000;
/** Requests that still run this long after the server stopped taking new ones are cut off. */
const DRAIN_MS_MAX = 10_000;
/** Longer than the idle time of clients and balancers (60 s for most): who closes first must not be us, or a request is lost. */
const KEEP_ALIVE_MS = 75_000;

export class HttpServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #options: HttpServerOptions;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #seats: ConnectionSeats;
  #droppedCount = 0;
  #droppedTimer: NodeJS.Timeout | null = null;

  private constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#headers = commonHeaders(options.tls !== null);
    const limits = {
      maxHeaderSize: HEADER_BYTES_MAX,
      requestTimeout: 60_000,
      headersTimeout: HEADERS_MS_MAX,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
    };
    const onRequest = (req: IncomingMessage, res: ServerResponse) => void this.#handle(req, res);
    if (options.tls === null) this.#server = createServer(limits, onRequest);
    else {
      const server = createTlsServer(
        { ...limits, handshakeTimeout: TLS_HANDSHAKE_MS_MAX, ...options.tls.current },
        onRequest,
      );
      options.tls.onChange((material) => server.setSecureContext(material));
      this.#server = server;
    }
    this.#seats = new ConnectionSeats({
      ...options.limits,
      addresses: options.addresses,
      onDropped: (why) => this.#dropped(why),
    });
    this.#server.on("connection", (socket) => {
      catchErrors(socket);
      this.#seats.admit(socket);
    });
    // Over TLS, requests and upgrades come on a socket of their own.
    this.#server.on("secureConnection", catchErrors);
    this.#server.on("upgrade", (req, socket, head) => {
      if (this.#seats.isReserve(req.socket)) refuseConnection(socket, "503 Service Unavailable");
      else {
        this.#seats.markBusy(req.socket);
        options.onUpgrade(req, socket, head);
      }
    });
    this.#server.on("connect", (_req, socket) => refuseConnection(socket, "405 Method Not Allowed"));
  }

  /** Resolves when it listens. A port that is taken rejects with the system's EADDRINUSE. */
  static async listen(options: HttpServerOptions): Promise<HttpServer> {
    const server = new HttpServer(options);
    await new Promise<void>((resolve, reject) => {
      server.#server.once("error", reject);
      server.#server.listen(options.port, options.host, () => {
        server.#server.off("error", reject);
        resolve();
      });
    });
    return server;
  }

  /** `http://127.0.0.1:4000` */
  get url(): string {
    const { address, port, family } = this.#server.address() as AddressInfo;
    const host = family === "IPv6" ? `[${address}]` : address;
    return `${this.#options.tls === null ? "http" : "https"}://${host}:${port}`;
  }

  /** Takes no new requests, lets those under way finish for a while. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    // closeAllConnections does not know upgraded connections, and close waits for them.
    const cut = setTimeout(() => this.#seats.closeAll(), DRAIN_MS_MAX);
    await closed;
    clearTimeout(cut);
    if (this.#droppedTimer !== null) clearTimeout(this.#droppedTimer);
  }

  /** Told in the log once a minute, with the number. */
  #dropped(why: "address" | "total"): void {
    this.#options.onLimit?.(why);
    this.#droppedCount += 1;
    if (this.#droppedTimer !== null) return;
    const tell = () => {
      this.#droppedTimer = null;
      this.#options.logger.warn(
        { why, count: this.#droppedCount },
        "idle HTTP connections were closed for new ones: too many are open",
      );
      this.#droppedCount = 0;
    };
    this.#droppedTimer = setTimeout(tell, DROPPED_LOG_INTERVAL_MS).unref();
  }

  async #handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const requestId = requestIdOf(req.headers["x-request-id"]);
    for (const [name, value] of Object.entries(this.#headers)) res.setHeader(name, value);
    res.setHeader("x-request-id", requestId);
    res.setHeader("content-security-policy", DATA_POLICY);
    // A response of a server that drains closes its connection.
    if (!this.#server.listening) res.setHeader("connection", "close");
    // One whose request began before the drain is idle now, and would hold it up until its keep-alive time is over.
    this.#seats.markBusy(req.socket);
    res.once("close", () => {
      this.#seats.markIdle(req.socket);
      if (!this.#server.listening) this.#server.closeIdleConnections();
    });
    try {
      const url = req.url?.startsWith("/") === true ? parseUrl(`http://localhost${req.url}`) : null;
      if (url === null) throw new HttpError(400, "BAD_REQUEST", "The request target is not a path.");
      if (this.#seats.isReserve(req.socket)) {
        res.setHeader("connection", "close");
        if (!HEALTH_PATHS.has(url.pathname)) throw tooManyConnections();
      }
      const address = this.#options.addresses.of(req);
      await this.#options.router.handle(new Exchange(req, res, { url, requestId, address }));
    } catch (error) {
      this.#fail(res, error, requestId);
    }
  }

  #fail(res: ServerResponse, error: unknown, requestId: string): void {
    const known = toHttpError(error);
    if (known.status >= 500) this.#options.logger.error({ err: error, requestId }, "a request failed");
    if (res.headersSent) {
      res.destroy();
      return;
    }
    res.writeHead(known.status, {
      "content-type": errorTypeFor(res.req),
      "cache-control": "no-store",
      ...known.headers,
    });
    res.end(known.body);
  }
}

/**
 * GraphQL clients read the errors of a response that is not 200 only when it has the media type of GraphQL over HTTP;
 * what has another type may come from a proxy in between.
 */
function errorTypeFor(req: IncomingMessage): string {
  const isGraphqlClient = req.headers.accept?.includes(GRAPHQL_RESPONSE) === true;
  return `${isGraphqlClient ? GRAPHQL_RESPONSE : "application/json"}; charset=utf-8`;
}

function tooManyConnections(): HttpError {
  return new HttpError(503, "TOO_MANY_CONNECTIONS", "Too many connections are open. Try again.", {
    "retry-after": "1",
  });
}

function toHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  if (error instanceof DocumentError)
    return new HttpError(503, error.code, error.message, {
      ...(error.retryAfterMs !== null && { "retry-after": String(Math.ceil(error.retryAfterMs / 1_000)) }),
    });
  if (error instanceof StorageError && error.code === "busy")
    return new HttpError(503, "STORAGE_BUSY", "The database is busy: try again in a second.", {
      "retry-after": "1",
    });
  if (error instanceof StorageError)
    return new HttpError(503, "STORAGE_UNAVAILABLE", "The database cannot be used now.", {
      "retry-after": "5",
    });
  return new HttpError(
    500,
    "INTERNAL_SERVER_ERROR",
    "The control plane failed. The log of the server has the details.",
  );
}
