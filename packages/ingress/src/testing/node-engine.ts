/** An engine on node:http: the oracle that tests compare the engines of the product with. Tests only. */
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer, Server as TlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { plainAddress } from "@latchkey/core";
import type { EngineRefusalCode } from "../fronts/engine-refusal-code.js";
import { isHost, readFraming } from "../fronts/framing.js";
import type { EngineOptions, EngineRefusal, EngineTls, HttpEngine } from "../fronts/front-request.js";
import { headText } from "../fronts/head-text.js";
import { NodeFrontRequest, type NodeRequestOwner } from "./node-front-request.js";

const TAB = 0x09;
/** After a refusal, what the client still sends is dropped so long. */
const LINGER_MS = 2_000;

export class NodeEngine implements HttpEngine, NodeRequestOwner {
  readonly name = "node";
  readonly description = `node:http of Node.js ${process.versions.node}`;
  isDraining = false;

  readonly #options: EngineOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** The newest request of a connection: who is concerned when its bytes turn bad. */
  readonly #newest = new WeakMap<Duplex, NodeFrontRequest>();
  #active = 0;
  #onIdle: (() => void) | null = null;

  constructor(options: EngineOptions) {
    this.#options = options;
    const { limits, tls } = options;
    const settings = {
      maxHeaderSize: limits.headerBytesMax, // counts names and values only; headBytesOf counts the rest
      headersTimeout: limits.headerTimeoutMs,
      requestTimeout: 0, // a body may take as long as it moves; its silence is timed by the socket
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      connectionsCheckingInterval: 1_000,
      requireHostHeader: false, // checked with the rest of the framing, so that the response is ours
      insecureHTTPParser: false,
    };
    this.#server =
      tls === null
        ? createServer(settings)
        : createTlsServer({ ...settings, cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) });
    // By default node leaves out what comes behind 2 000 lines, without a word.
    this.#server.maxHeadersCount = 0;
    this.#server.maxConnections = limits.connectionsMax;
    this.#server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      socket.on("error", () => undefined); // told by the close of the request
      const address = plainAddress(socket.remoteAddress ?? "");
      const client = options.addressCap.enter(address);
      if (client !== null) socket.on("close", () => options.addressCap.leave(client));
      else {
        options.onConnectionRefused("address_full", address);
        socket.destroy();
      }
    });
    this.#server.on("drop", (dropped) => options.onConnectionRefused("server_full", dropped?.remoteAddress));
    this.#server.on("request", (req: IncomingMessage, res: ServerResponse) =>
      this.#onRequest(req, res, false),
    );
    this.#server.on("checkContinue", (req: IncomingMessage, res: ServerResponse) =>
      this.#onRequest(req, res, true),
    );
    this.#server.on("checkExpectation", (req: IncomingMessage, res: ServerResponse) => {
      this.#refuse(this.#request(req, res, 0), "request.expectation_failed");
    });
    this.#server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) =>
      this.#onClientError(error, socket),
    );
    // Without listeners node would close these without a response (CONNECT) or treat them as plain requests (Upgrade).
    this.#server.on("connect", (_req, socket: Duplex) => this.#writeRefusal(socket, "request.malformed"));
  }

  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ host, port, backlog: 1024 }, () => {
        this.#server.off("error", reject);
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  connections(): number {
    return this.#sockets.size;
  }

  async drain(): Promise<void> {
    this.isDraining = true;
    this.#server.close();
    this.#server.closeIdleConnections();
    if (this.#active > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
  }

  reloadTls(tls: EngineTls): void {
    if (!(this.#server instanceof TlsServer)) throw new Error("this server does not speak TLS");
    this.#server.setSecureContext({ cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) });
  }

  destroy(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  finished(): void {
    this.#active--;
    if (this.#active === 0) this.#onIdle?.();
  }

  refuseOpen(
    request: NodeFrontRequest,
    code: "request.timeout" | "request.framing_invalid",
  ): EngineRefusal | null {
    return request.state === "open" ? this.#refuse(request, code, undefined, true) : null;
  }

  #onRequest(req: IncomingMessage, res: ServerResponse, awaitsContinue: boolean): void {
    // The connection's last response is out: what still came in is nobody's request.
    if (req.socket.writableEnded) return;
    const headers = flatHeaders(req.rawHeaders);
    const { httpVersionMajor, httpVersionMinor: minorVersion } = req;
    const framing = readFraming(headers, { minorVersion, isStrictAboutCodings: true });
    const request = this.#request(req, res, typeof framing === "number" ? framing : 0, headers);
    if (httpVersionMajor !== 1) {
      this.#refuse(request, "request.malformed", "Only HTTP/1.1 and HTTP/1.0 are spoken.");
      return;
    }
    if (!isTarget(req.url as string)) {
      this.#refuse(request, "request.malformed", "The request target has none of the forms served here.");
      return;
    }
    if (typeof framing !== "number") {
      this.#refuse(request, framing.code, framing.detail);
      return;
    }
    const { headerBytesMax, headersMax, uriBytesMax } = this.#options.limits;
    if ((req.url as string).length > uriBytesMax) {
      this.#refuse(request, "request.uri_too_long");
      return;
    }
    if (headers.length > headersMax * 2 || headBytesOf(req) > headerBytesMax) {
      this.#refuse(request, "request.headers_too_large");
      return;
    }
    const listener = this.#options.onRequest(request);
    if (listener === null) {
      if (request.state === "open") request.abort();
      return;
    }
    if (awaitsContinue) res.writeContinue();
    if (request.state === "ended" || request.state === "aborted") return;
    req.setTimeout(this.#options.limits.bodyIdleTimeoutMs, () => {
      // Silence of the client within its body; an upstream that takes long to respond is not the client's fault.
      if (!req.complete && !req.isPaused()) request.clientSilent();
    });
    request.listen(listener);
  }

  #request(
    req: IncomingMessage,
    res: ServerResponse,
    bodyLength: number,
    headers: readonly string[] = flatHeaders(req.rawHeaders),
  ): NodeFrontRequest {
    this.#active++;
    const target = originForm(req.url as string);
    const cut = target.indexOf("?");
    const request = new NodeFrontRequest(this, req, res, {
      method: req.method as string,
      path: cut < 0 ? target : target.slice(0, cut),
      query: cut < 0 ? "" : target.slice(cut + 1),
      host: authorityOf(req.url as string) ?? req.headers.host ?? "",
      fields: headers,
      bodyLength,
    });
    this.#newest.set(req.socket, request);
    return request;
  }

  #refuse(
    request: NodeFrontRequest,
    code: EngineRefusalCode,
    detail?: string,
    isHandedOn = false,
  ): EngineRefusal {
    const refusal = this.#options.refusal(code, detail);
    this.#options.onRefused(refusal, isHandedOn ? null : request.remoteAddress);
    const { status, statusText, headers, body } = refusal;
    request.respond(status, statusText, headers, body, true);
    return refusal;
  }

  #onClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
    if (error.code === "ECONNRESET" || !socket.writable) {
      socket.destroy();
      return;
    }
    const request = this.#newest.get(socket);
    if (request !== undefined && !request.isRequestComplete) {
      request.bodyBroken(socket);
      return;
    }
    if (error.code === "HPE_HEADER_OVERFLOW") this.#writeRefusal(socket, "request.headers_too_large");
    else if (error.code === "ERR_HTTP_REQUEST_TIMEOUT") this.#writeRefusal(socket, "request.timeout");
    else if (error.code === "HPE_INVALID_TRANSFER_ENCODING" || error.code === "HPE_UNEXPECTED_CONTENT_LENGTH")
      this.#writeRefusal(socket, "request.framing_invalid");
    else this.#writeRefusal(socket, "request.malformed");
  }

  /** Below node's response object: there is no request to respond to. */
  #writeRefusal(socket: Duplex, code: EngineRefusalCode): void {
    const refusal = this.#options.refusal(code);
    const { status, statusText, headers, body } = refusal;
    this.#options.onRefused(refusal, (socket as Socket).remoteAddress ?? "");
    const head = `HTTP/1.1 ${headText(status, statusText, headers)}\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n`;
    socket.write(head, "latin1");
    socket.end(body);
    // The client may not close for its part.
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once("close", () => clearTimeout(timer));
  }
}

/** Bytes of a head without blanks around its values, as the other engines count them. */
function headBytesOf({ method = "", url = "", rawHeaders }: IncomingMessage): number {
  let bytes = method.length + url.length + "  HTTP/1.1\r\n\r\n".length;
  for (const text of rawHeaders) bytes += text.length + 2; // ": " or CRLF
  return bytes;
}

/** node keeps names as sent. */
function flatHeaders(raw: readonly string[]): string[] {
  const flat: string[] = [];
  for (let i = 0; i < raw.length; i += 2)
    flat.push((raw[i] as string).toLowerCase(), withoutTabs(raw[i + 1] as string));
  return flat;
}

/** node takes spaces off a value's end and leaves tabs. */
function withoutTabs(value: string): string {
  const isTrimmed = value.charCodeAt(0) !== TAB && value.charCodeAt(value.length - 1) !== TAB;
  return isTrimmed ? value : value.replace(/^[ \t]+|(?<![ \t])[ \t]+$/g, "");
}

/** Origin-form, `*`, or absolute-form of http or https with a plain host (RFC 9112 §3.2, RFC 9110 §4.2.4). */
function isTarget(target: string): boolean {
  if (target.startsWith("/")) return !target.includes("#");
  if (target === "*") return true;
  const authority = /^https?:\/\/([^/?#]*)/i.exec(target)?.[1];
  return authority !== undefined && isHost(authority) && !target.includes("#");
}

/** Of an absolute-form target: it stands above `Host` (RFC 9112 §3.2.2). */
function authorityOf(target: string): string | null {
  return /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?#]*)/.exec(target)?.[1] ?? null;
}

/** RFC 9112 §3.2.2: a server must accept absolute-form; its authority was checked to be the only one. */
function originForm(target: string): string {
  if (target.startsWith("/") || target === "*") return target;
  const scheme = target.indexOf("://");
  if (scheme < 0) return target;
  const slash = target.indexOf("/", scheme + 3);
  const query = target.indexOf("?", scheme + 3);
  if (slash < 0 || (query >= 0 && query < slash)) return query < 0 ? "/" : `/${target.slice(query)}`;
  return target.slice(slash);
}
