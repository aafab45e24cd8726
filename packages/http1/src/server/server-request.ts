// One request of the front server and its response: head as plain fields, body through a listener, response by
// methods. Writes the framing itself and checks what it is given; knows nothing of sockets.

import { isBodiless } from "../codec/head-text.js";
import { ResponseHeaders } from "../codec/shared-headers.js";
import type { SocketWriter } from "../io/socket-writer.js";
import { WRITE_HIGH_WATER } from "../io/socket-writer.js";
import type { ConnectionMemo } from "./connection-memo.js";
import { dateLine } from "./http-date.js";
import type { ServerRefusal } from "./server-refusal.js";

/** Receives the rest of a request. Nothing is called after `onAborted`, nor after the response has ended. */
export interface ServerListener {
  /** A piece of the request body: a view that dies with the call. */
  onBodyData(chunk: Uint8Array): void;
  /** The body is complete. Not called for `bodyLength: 0`. After `switchProtocols`: the client sends nothing more. */
  onBodyEnd(): void;
  /** `write` returned false before; the response may go on. */
  onWritable(): void;
  /**
   * The client left, broke the protocol within its body, or was too slow with it.
   * @param refusal the response that `refusal` of the server's options made; null: no response could be sent
   */
  onAborted(refusal: ServerRefusal | null): void;
}

export type ServerRequestState = "open" | "head-sent" | "ended" | "aborted";

/** What is read of a request's head, as in `ServerRequest`. */
export interface RequestHead {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly host: string;
  readonly minorVersion: number;
  readonly headers: readonly string[];
  readonly connectionNames: readonly string[];
}

/** What a request needs of its connection. */
export interface RequestConnection<M extends ConnectionMemo> {
  readonly writer: SocketWriter;
  readonly remoteAddress: string;
  readonly memo: M;
  /** The connection must end after this response, whatever the response is. */
  mustClose(request: ServerRequest<M>): boolean;
  /** The head of a 101 is written: what comes is the listener's as it is. */
  switched(): void;
  pauseBody(): void;
  resumeBody(): void;
  /** The response is written in full. */
  responded(request: ServerRequest<M>, close: boolean): void;
  /** The response can't be finished: the client must see that it is cut. */
  cut(request: ServerRequest<M>): void;
  /** Drops a connection that ends, if the client has not taken all. */
  cutUnsent(): void;
  /** The response's head may not be sent. */
  refuseResponse(request: ServerRequest<M>): void;
}

const CRLF = "\r\n";
const HEAD_END = "\r\n\r\n";
const LAST_CHUNK = "0\r\n\r\n";

const NO_HEAD: RequestHead = {
  method: "",
  path: "",
  query: "",
  host: "",
  minorVersion: 1,
  headers: [],
  connectionNames: [],
};

/** How the response's body is framed. */
const FRAMING_NONE = 0;
const FRAMING_FIXED = 1;
const FRAMING_CHUNKED = 2;
const FRAMING_CLOSE = 3;
/** As FRAMING_CLOSE, after a 101. */
const FRAMING_SWITCHED = 4;

export class ServerRequest<M extends ConnectionMemo = ConnectionMemo> {
  /** As sent, case kept. */
  readonly method: string;
  /** As sent, up to the first `?`; of an absolute-form target only its path; `*`; CONNECT's authority. */
  readonly path: string;
  /** Behind the first `?`, without it; empty when there is none. */
  readonly query: string;
  /** Host and optional port: of an absolute-form target, else of `Host`. Empty for HTTP/1.0 without. */
  readonly host: string;
  /** 0 or 1. */
  readonly minorVersion: number;
  /**
   * Names in lower case, values latin1. Framing and hop-by-hop headers are still in. Values are slices of the head: what
   * is kept for long should be copied, or it keeps the head. Equal header blocks of a connection may have the same list.
   */
  readonly fields: readonly string[];
  /** Field names that `Connection` lists, in lower case: not to be forwarded (RFC 9110 §7.6.1). */
  readonly connectionNames: readonly string[];
  /** Bytes of body that follow; 0 none, -1 chunked. */
  readonly bodyLength: number;
  /** By `performance.now()`: when it was looked at, with the others of its event-loop batch. */
  readonly arrivedAtMs: number;
  state: ServerRequestState = "open";

  /** For the connection: who gets the rest. */
  listener: ServerListener | null = null;
  needDrain = false;

  readonly #connection: RequestConnection<M>;
  #framing = FRAMING_NONE;
  #left = 0;
  #close = false;
  /** What ends the head: the line of this response alone, and the empty line. */
  #headEnd = HEAD_END;

  constructor(connection: RequestConnection<M>, head: RequestHead, bodyLength: number, arrivedAtMs: number) {
    this.#connection = connection;
    this.method = head.method;
    this.path = head.path;
    this.query = head.query;
    this.host = head.host;
    this.minorVersion = head.minorVersion;
    this.fields = head.headers;
    this.connectionNames = head.connectionNames;
    this.bodyLength = bodyLength;
    this.arrivedAtMs = arrivedAtMs;
  }

  /** One that reaches no handler: it frames the response to a request that the server refuses. */
  static refused<M extends ConnectionMemo>(
    connection: RequestConnection<M>,
    method: "GET" | "HEAD",
  ): ServerRequest<M> {
    return new ServerRequest(connection, { ...NO_HEAD, method }, 0, Number.NaN);
  }

  /** The request's head is the request itself: nothing is copied for those who want it apart. */
  get head(): this {
    return this;
  }

  /** Of its connection. */
  get memo(): M {
    return this.#connection.memo;
  }

  /** Without port; IPv4 dotted also when mapped into IPv6. */
  get remoteAddress(): string {
    return this.#connection.remoteAddress;
  }

  /** Stops the body; what was read already may still arrive (at most one read, 80 KiB). */
  pause(): void {
    if (!this.#over) this.#connection.pauseBody();
  }

  resume(): void {
    if (!this.#over) this.#connection.resumeBody();
  }

  /**
   * A header of this response alone, so that its other headers may be a list of many responses. Before the head is written.
   * @param name a token
   * @param value visible ASCII
   */
  setOwnLine(name: string, value: string): void {
    this.#headEnd = `\r\n${name}: ${value}${HEAD_END}`;
  }

  /**
   * The response's head, once.
   * @param status 200–599
   * @param headers without framing and connection headers; `date` is added when it is missing
   * @param contentLength bytes of body that follow; -1 = not known: chunked, or to the close for HTTP/1.0. Where the
   *   response never has a body (to HEAD; 204, 304) it is the value of `Content-Length`, -1 for none.
   */
  writeHead(status: number, statusText: string, headers: ResponseHeaders, contentLength: number): void {
    if (this.state === "open") this.#writeHead(status, statusText, headers, contentLength, false, "");
  }

  /** HTTP/1.0 has no Upgrade (RFC 9110 §7.8). */
  get canSwitchProtocols(): boolean {
    return this.minorVersion === 1;
  }

  /**
   * Responds with 101, once. From here on `write` sends bytes as they are, the listener gets what the client sends, and
   * `end` ends the connection.
   * @param protocol a token, as in `Upgrade`
   * @param headers as for `writeHead`
   */
  switchProtocols(protocol: string, { list, text: headerText, hasDate }: ResponseHeaders): void {
    if (this.state !== "open") return;
    const connection = this.#connection;
    // Status line, `connection`, `upgrade` and the empty line.
    const lines = 4 + (list.length >> 1) + (hasDate ? 0 : 1) + (this.#headEnd === HEAD_END ? 0 : 1);
    const date = hasDate ? "" : dateLine.text();
    const upgrade = `\r\nconnection: Upgrade\r\nupgrade: ${protocol}`;
    const head = `HTTP/1.1 101 Switching Protocols${headerText ?? ""}${upgrade}${date}${this.#headEnd}`;
    this.#framing = FRAMING_SWITCHED;
    this.#close = true;
    if (headerText === null || !connection.writer.writeHead(head, lines, 0, 0)) {
      this.state = "aborted";
      connection.refuseResponse(this);
      return;
    }
    this.state = "head-sent";
    connection.switched();
  }

  /**
   * A piece of the response's body; copied or sent before the call returns.
   * @returns false to wait for `onWritable`. The piece was taken all the same.
   */
  write(chunk: Uint8Array): boolean {
    if (this.state !== "head-sent" || chunk.length === 0) return true;
    const { writer } = this.#connection;
    switch (this.#framing) {
      case FRAMING_NONE:
        return true;
      case FRAMING_FIXED:
        if (chunk.length > this.#left) {
          this.abort();
          return true;
        }
        this.#left -= chunk.length;
        writer.writeBytes(chunk);
        break;
      case FRAMING_CHUNKED:
        writer.writeText(chunk.length.toString(16) + CRLF);
        writer.writeBytes(chunk);
        writer.writeText(CRLF);
        break;
      default:
        writer.writeBytes(chunk);
    }
    this.needDrain = writer.unsent > WRITE_HIGH_WATER;
    return !this.needDrain;
  }

  /** Ends the response. Fewer bytes than `contentLength` abort it. */
  end(): void {
    if (this.state === "open") this.abort();
    if (this.state !== "head-sent") return;
    if (this.#framing === FRAMING_FIXED && this.#left > 0) {
      this.abort();
      return;
    }
    if (this.#framing === FRAMING_CHUNKED) this.#connection.writer.writeText(LAST_CHUNK);
    this.state = "ended";
    this.#connection.responded(this, this.#close);
  }

  /**
   * A whole response, with headers as for `writeHead`. `Content-Length` is the body's; to a HEAD request the body is left out.
   * @param body bytes, or a short text of ASCII
   * @param close end the connection afterwards
   */
  respond(
    status: number,
    statusText: string,
    fields: readonly string[],
    body: Uint8Array | string,
    close: boolean,
  ): void {
    if (this.state !== "open") return;
    const text = typeof body === "string" ? body : "";
    if (!this.#writeHead(status, statusText, new ResponseHeaders(fields), body.length, close, text)) return;
    this.#left = 0;
    if (typeof body !== "string" && this.#framing === FRAMING_FIXED) this.#connection.writer.writeBytes(body);
    this.end();
  }

  /**
   * Drops the connection, so that a cut response is seen as one. `onAborted` is not called. After the `end` of switched protocols it
   * drops the connection if the client has not taken all.
   */
  abort(): void {
    if (this.state === "ended" && this.#framing === FRAMING_SWITCHED) this.#connection.cutUnsent();
    if (this.#over) return;
    this.state = "aborted";
    this.#connection.cut(this);
  }

  get #over(): boolean {
    return this.state === "ended" || this.state === "aborted";
  }

  /**
   * @param text the body of a response that has one, or its beginning
   * @returns false: the head was refused
   */
  #writeHead(
    status: number,
    statusText: string,
    { list, text: headerText, hasDate }: ResponseHeaders,
    contentLength: number,
    close: boolean,
    text: string,
  ): boolean {
    const isPlain = !isBodiless(this.method, status);
    this.#close = close || this.#connection.mustClose(this);
    const connection = this.#connection;
    let lines = 2 + (list.length >> 1);
    let tail = "";
    this.#framing = FRAMING_NONE;
    if (contentLength >= 0) {
      if (status !== 204) {
        tail = `\r\ncontent-length: ${contentLength}`;
        lines++;
      }
      this.#left = contentLength;
      if (isPlain) this.#framing = FRAMING_FIXED;
    } else if (isPlain) {
      if (this.minorVersion === 1) {
        tail = "\r\ntransfer-encoding: chunked";
        lines++;
        this.#framing = FRAMING_CHUNKED;
      } else {
        this.#framing = FRAMING_CLOSE;
      }
    }
    if (this.#close) {
      tail += "\r\nconnection: close";
      lines++;
    }
    if (!hasDate) lines++;
    if (this.#headEnd !== HEAD_END) lines++;
    const valid = headerText !== null && Number.isInteger(status) && status >= 200 && status <= 599;
    const date = hasDate ? "" : dateLine.text();
    const head = `HTTP/1.1 ${status} ${statusText}${headerText ?? ""}${tail}${date}${this.#headEnd}`;
    if (!valid || !connection.writer.writeHead(head, lines, 0, 0)) {
      this.state = "aborted";
      connection.refuseResponse(this);
      return false;
    }
    if (isPlain) connection.writer.writeText(text);
    this.state = "head-sent";
    return true;
  }
}
