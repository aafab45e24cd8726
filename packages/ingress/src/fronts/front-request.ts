/**
 * The interface between the gateway and an HTTP engine: one request is a head, a body in, a response out and an abort.
 * Engines own sockets, framing and connection headers; the gateway owns meaning. Nothing of an engine's own
 * types crosses, and no engine object outlives what is said here.
 */
import type { ResponseHeaders } from "@latchkey/http1";
import type { ClientMemo } from "../request/client-memo.js";
import type { ConnectionRefusalReason } from "../usage/ingress-stats.js";
import type { AddressCap } from "./address-cap.js";
import type { EngineRefusalCode } from "./engine-refusal-code.js";

/** The head of a request. Owned by the gateway from the call on: engines copy before they hand it over. */
export interface RequestHead {
  /** As sent, case kept; a token (RFC 9110 §9.1). */
  readonly method: string;
  /** The target's path as it came, up to the first `?`; absolute-form is reduced to its path, `OPTIONS *` gives `*`. */
  readonly path: string;
  /** What follows the first `?`, as it came; empty when there is none. */
  readonly query: string;
  /** Host and optional port: of an absolute-form target, else of `Host`. Empty for HTTP/1.0 without. */
  readonly host: string;
  /**
   * In the order of arrival, repeated names repeated. Names in lower case, values latin1 (one char code a byte) without
   * outer white space. Framing and hop-by-hop headers are still in. Equal header blocks of a connection may have the same list.
   */
  readonly fields: readonly string[];
  /** Bytes of body that follow by the framing the engine checked: 0 none, -1 not known before its end (chunked). */
  readonly bodyLength: number;
}

/** How far the response is. Only forward: open → head-sent → ended, and from each of the first two → aborted. */
export type ResponseState = "open" | "head-sent" | "ended" | "aborted";

/**
 * One request and its response. Methods are no-ops once the state is `ended` or `aborted`, and never call the
 * listener before they return.
 */
export interface FrontRequest {
  readonly head: RequestHead;
  readonly state: ResponseState;
  /** Monotonic milliseconds (`performance.now`) at which the head was complete. May be one for several that came together. */
  readonly arrivedAtMs: number;
  /** The peer's address without port: dotted IPv4 (also when mapped into IPv6) or RFC 5952 IPv6. */
  readonly remoteAddress: string;
  /** Of its connection; null: the front knows no connections. */
  readonly memo: ClientMemo | null;

  /** Stops the request body; what was read already may still arrive (at most one read buffer). */
  pause(): void;
  resume(): void;

  /**
   * A header of this response alone, so that its other headers may be a list of many responses. Before the head is written.
   * @param name a token
   * @param value visible ASCII
   */
  setOwnLine(name: string, value: string): void;
  /**
   * The response's head.
   * @param headers without framing and connection headers: the engine writes those
   * @param contentLength bytes of body that follow; -1 = not known (chunked, or to the close for HTTP/1.0). For an
   *   response that has no body by its nature (to HEAD; 204, 304) it is what `Content-Length` says, -1 for none,
   *   and nothing but `end()` may follow.
   */
  writeHead(status: number, statusText: string, headers: ResponseHeaders, contentLength: number): void;
  /** Whether `switchProtocols` may be called: the engine can, and the client speaks HTTP/1.1. */
  readonly canSwitchProtocols: boolean;
  /**
   * Responds with 101. From here on `write` sends bytes as they are, the listener gets what the client sends, `onBodyEnd` when it
   * sends nothing more, and `end` ends the connection.
   * @param protocol a token, as in `Upgrade`
   * @param headers as for `writeHead`
   */
  switchProtocols(protocol: string, headers: ResponseHeaders): void;
  /**
   * A piece of the body; copied or sent before the call returns.
   * @returns false to wait for `onWritable`. The piece was taken all the same.
   */
  write(chunk: Uint8Array): boolean;
  /** Ends the response. Fewer bytes than `contentLength` said is an abort. */
  end(): void;
  /**
   * A whole response in one write. `Content-Length` is the body's; to a HEAD request the body is left out.
   * @param body bytes, or a short text of ASCII
   * @param close end the connection afterwards and parse nothing more of it
   */
  respond(
    status: number,
    statusText: string,
    fields: readonly string[],
    body: Uint8Array | string,
    close: boolean,
  ): void;
  /**
   * Drops the connection, so that a truncated response is seen as one. `onAborted` is not called. After the `end` of a WebSocket it
   * drops the connection if the client has not taken all.
   */
  abort(): void;
}

/**
 * Receives the rest of a request. Implemented by the gateway's per-request object, so that no closure is made.
 * After `onAborted` nothing is called any more; after the response ended, neither.
 */
export interface RequestListener {
  /** A piece of the request body: a view that dies with the call. */
  onBodyData(chunk: Uint8Array): void;
  /** The body is complete. Not called for `bodyLength: 0`. */
  onBodyEnd(): void;
  /** `write` returned false before; the response may go on. */
  onWritable(): void;
  /**
   * The client is gone, or broke the protocol within its body, or was too slow.
   * @param refusal what the engine responded; null: no response could be sent
   */
  onAborted(refusal: EngineRefusal | null): void;
}

/**
 * Called once for each request whose head and framing are valid. Either responds by `respond` and returns null
 * (the engine then reads and drops a short body, or closes), or returns who gets the rest: then the engine sends
 * `100 Continue` if the client waits for it, and feeds the body.
 */
export type RequestHandler = (request: FrontRequest) => RequestListener | null;

/** The body of a response that an engine gives without asking the gateway (bad framing, too slow, too large). */
export interface EngineRefusal {
  readonly code: EngineRefusalCode;
  /** The id that the client gets. */
  readonly interchangeId: string;
  readonly status: number;
  readonly statusText: string;
  /** Flat, without framing headers. */
  readonly headers: readonly string[];
  readonly body: Uint8Array;
}

export interface EngineLimits {
  /** Bytes of a whole request head. */
  readonly headerBytesMax: number;
  /** Header lines of a request. uws takes 48 at most. */
  readonly headersMax: number;
  /** Bytes of the request target. */
  readonly uriBytesMax: number;
  readonly connectionsMax: number;
  /** File descriptors that the process may have open; null: not known. */
  readonly descriptorsMax: number | null;
  /** From the first byte of a head to its end. Fixed at 10 s in uws. */
  readonly headerTimeoutMs: number;
  /** Silence within a request body while it is not paused. */
  readonly bodyIdleTimeoutMs: number;
  /** Bytes a second of a request body, on average over each `bodyIdleTimeoutMs` without a pause; 0: no floor. */
  readonly bodyBytesPerSecondMin: number;
  /** For a whole request body. */
  readonly bodyTimeoutMs: number;
  /** How long a client may take to accept what is buffered for it. */
  readonly writeTimeoutMs: number;
  /** An idle keep-alive connection. Fixed at 10 s in uws. */
  readonly keepAliveTimeoutMs: number;
}

export interface EngineTls {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface EngineOptions {
  readonly onRequest: RequestHandler;
  /** @param detail a public sentence about this very case */
  readonly refusal: (code: EngineRefusalCode, detail?: string) => EngineRefusal;
  /**
   * An engine refused a request by itself: for counters and the access log.
   * @param address the client's, when no request was handed on; null: the refusal ends a request that was
   */
  readonly onRefused: (refusal: EngineRefusal, address: string | null) => void;
  readonly limits: EngineLimits;
  readonly tls: EngineTls | null;
  /** Counts the connections of each client (uws: its requests in flight). */
  readonly addressCap: AddressCap;
  /** A TLS handshake is over: for counters. Not every engine tells. */
  readonly onHandshake: (isComplete: boolean) => void;
  /** A connection was refused, or an idle one was closed to make room for a new one: for counters and the log. */
  readonly onConnectionRefused: (reason: ConnectionRefusalReason, address?: string) => void;
  /** Other processes listen on the same port. */
  readonly sharesPort: boolean;
}

export type EngineName = "uws" | "strict";

export interface HttpEngine {
  readonly name: string;
  /** What runs, for people: "uWebSockets.js (@trufflesuite … 20.30.0)". */
  readonly description: string;
  /** Listens and gives the port. Rejects with the system's error (`EADDRINUSE`). */
  listen(host: string, port: number): Promise<number>;
  /** Open connections. */
  connections(): number;
  /** Stops accepting and ends each connection after its current response. Resolves when none is left. */
  drain(): Promise<void>;
  /** Drops everything that is left. */
  destroy(): void;
  /** New handshakes use the files' present content; open connections go on. Absent: the engine cannot. */
  reloadTls?(tls: EngineTls): void;
  /** What tickets of TLS sessions are encrypted with from now on: 48 random bytes. Absent: the engine has its own. Once it listens. */
  setTicketKeys?(keys: Buffer): void;
}
