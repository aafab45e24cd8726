// The contract between the gateway and whatever speaks HTTP to an integration: one origin, flat header
// lists, one handler object a request, backpressure as booleans. Implemented here by `Http1Pool` and by the
// undici adapter of the ingress. It does not cover retries across origins, redirects or HTTP versions.

import type { SharedHeaders } from "../codec/shared-headers.js";
import type { ConnectionShare } from "./connection-budget.js";
import type { OriginMemo } from "./origin-memo.js";

/** How far a request got when it failed. Everything before `send` is certain not to have reached the origin. */
export type UpstreamPhase = "connect" | "send" | "head" | "body";

/** Why an request failed. Match on these, never on messages. */
export type UpstreamErrorCode =
  /** A request head that may not be put on the wire: bad method, path, header, or length (RFC 9110 §5.5, §9.1). */
  | "request_refused"
  /** The body written is longer or shorter than `contentLength`. */
  | "request_length"
  /** As many requests wait for a connection as may, or others of the same member have just waited in vain. */
  | "queue_full"
  /** No connection became free within `queueTimeoutMs`: all that may be open are in use. Says nothing of the origin. */
  | "queue_timeout"
  /** `close()` or `destroy()` was called. */
  | "client_closed"
  /** Every address the name resolved to was refused by `checkAddress`, or the literal address was. */
  | "address_refused"
  /** The name does not resolve, or the name servers did not reply in time. */
  | "dns_failed"
  | "connect_refused"
  | "connect_timeout"
  /** This machine has no file descriptor, port or memory left for a connection. Says nothing of the origin. */
  | "no_socket"
  /** Any other failure to connect: unreachable, reset while connecting. */
  | "connect_failed"
  /** The TLS handshake failed. */
  | "tls_failed"
  /** The origin's certificate was not accepted: expired, of another name, or of an authority that is not trusted. */
  | "certificate_refused"
  /** The connection was closed or reset before the response was complete. */
  | "connection_lost"
  /** No complete response head within `headTimeoutMs` of the request being sent. */
  | "head_timeout"
  /** No body for `bodyIdleTimeoutMs`. */
  | "body_timeout"
  /** The handler was paused for `bodyPausedTimeoutMs`. Says nothing of the origin. */
  | "reader_timeout"
  /** The request body stood still for `bodyIdleTimeoutMs` because the origin did not read it. */
  | "send_timeout"
  /** The response breaks RFC 9112 (framing, syntax, control bytes). */
  | "response_malformed"
  /** The response head, its header count or its interim responses are over the limit. */
  | "response_head_too_large"
  /** The origin switched protocols (101) although the request did not ask it to. */
  | "response_upgrade";

/** A failed request. `replaySafe` is true only when nothing was sent that the origin could have acted on. */
export class UpstreamError extends Error {
  override readonly name = "UpstreamError";
  readonly code: UpstreamErrorCode;
  readonly phase: UpstreamPhase;
  readonly replaySafe: boolean;

  constructor(
    code: UpstreamErrorCode,
    phase: UpstreamPhase,
    replaySafe: boolean,
    detail: string,
    options?: { readonly cause?: unknown },
  ) {
    super(detail, options);
    this.code = code;
    this.phase = phase;
    this.replaySafe = replaySafe;
  }
}

/** What to send. Read during `dispatch` only, so the caller may reuse the object and the list afterwards. */
export interface UpstreamRequest {
  /** Case-sensitive token (RFC 9110 §9.1). CONNECT is refused. */
  readonly method: string;
  /** Origin-form with its query: starts with `/`, visible ASCII only, or `*` for OPTIONS. */
  readonly path: string;
  /**
   * Flat `name, value, name, value, …`, names sent as they are given. Without framing and connection headers (`Content-Length`,
   * `Transfer-Encoding`, `Connection`, `Keep-Alive`, `Upgrade`, `TE`, `Trailer`, `Expect`) and without
   * `Host`: the client writes those itself, and refuses a list that has `Content-Length`,
   * `Transfer-Encoding`, `Host`, `Connection`, `Upgrade` or `Expect`.
   * Values are latin1: one char code a byte, no control bytes but HTAB.
   */
  readonly headers: readonly string[];
  /** Headers that many requests have, sent in front of `headers`; by the same rules, checked once. Default: none. */
  readonly sharedHeaders?: readonly SharedHeaders[];
  /** Body length in bytes; `0` = no body (`end()` need not be called), `-1` = unknown, sent chunked. */
  readonly contentLength: number;
  /**
   * True when the request may be sent a second time although the first may have arrived. Default: the
   * method is GET, HEAD, OPTIONS, PUT or DELETE (RFC 9110 §9.2.2), and there is no body.
   */
  readonly idempotent?: boolean;
  /**
   * A token: asks the origin to switch to this protocol (RFC 9110 §7.8), for a request without a body. After a 101, `write` sends
   * bytes as they are, and the response's body is what the origin sends until the connection ends. Default: none.
   */
  readonly upgrade?: string | undefined;
  /** Who shares the pool's connections fairly with others (an API); without it a request is not limited. */
  readonly group?: string;
  /** Who shares what the group may have (a key). Default: the whole group is one member. */
  readonly member?: string;
}

/**
 * Receives one response. Implemented by the per-request object of the gateway, so that no closure is made.
 * Order: `onResponseStart` (`onResponseData`)* `onResponseEnd`, with `onError` instead of whatever is left.
 * Exactly one of `onResponseEnd` and `onError` is called, unless the request was aborted: then neither is.
 * No method is called from inside `dispatch`, `write`, `end` or `abort`.
 */
export interface UpstreamHandler {
  /**
   * The final response head. 1xx heads were dropped.
   * @param fields names in lower case, values latin1 without outer white space; framing and hop-by-hop headers still
   *   in. May be the same object for several responses.
   * @param contentLength bytes of body that will follow, `-1` = not known before the end. Is 0 for a response
   *   that never has a body (HEAD, 204, 304) whatever its `Content-Length` is.
   */
  onResponseStart(status: number, statusText: string, fields: readonly string[], contentLength: number): void;
  /**
   * A piece of the body. `chunk` is a view of a buffer that is used again: copy what must outlive the call.
   * @returns false to stop reading until `resume()`; pieces of what had been read already may still come
   *   (at most one read buffer, 80 KiB).
   */
  onResponseData(chunk: Uint8Array): boolean;
  onResponseEnd(): void;
  /** Nothing follows. The connection is closed. */
  onError(error: UpstreamError): void;
  /** `write` returned false before; the body may go on. */
  onDrain(): void;
}

/** One request in flight. Every method is a no-op once the request has ended, failed or been aborted. */
export interface OutgoingRequest {
  /** How long it waited for a connection: until it had one, it failed, or now. 0: there was one at once. */
  readonly waitedMs: number;
  /** Of that, how long the connection that it got was being made: name look-up, TCP and TLS. */
  readonly connectMs: number;
  /**
   * A piece of the request body. The bytes are copied or sent before the call returns, so the buffer may be
   * used again. Allowed at once after `dispatch`, also while the connection is being made.
   * @returns false to wait for `onDrain`. The piece was taken all the same.
   */
  write(chunk: Uint8Array): boolean;
  /** Ends the request body. Must not be called for `contentLength: 0` (ignored). */
  end(chunk?: Uint8Array): void;
  /** Undoes the `false` of `onResponseData`. May call the handler before it returns. */
  resume(): void;
  /** Drops the request and its connection. No handler method is called any more. */
  abort(): void;
}

export interface UpstreamStats {
  /** Open connections, busy and idle. */
  readonly connections: number;
  readonly idle: number;
  readonly connecting: number;
  /** Requests that wait for a connection. */
  readonly queued: number;
  readonly inFlight: number;
  /** Totals since the start. */
  readonly requests: number;
  readonly connectionsMade: number;
  readonly retries: number;
}

export interface UpstreamClient {
  /** Sends a request. Never throws: refusals too arrive at `handler.onError`, later. */
  dispatch(request: UpstreamRequest, handler: UpstreamHandler): OutgoingRequest;
  /** Takes no new requests, lets those in flight and queued finish, then closes. */
  close(): Promise<void>;
  /** Drops everything; requests in flight fail with `client_closed`. */
  destroy(): void;
  stats(): UpstreamStats;
}

/** An address the origin's name resolved to. */
export interface UpstreamAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** Finds the addresses of an origin's name. */
export interface HostResolver {
  /** Calls back once, possibly before it returns, and within a time of its own: nobody else limits it. */
  resolve(host: string, callback: (error: Error | null, addresses: readonly UpstreamAddress[]) => void): void;
  /**
   * Reports each change of the addresses, never from inside the call.
   * @returns stops it
   */
  watch(host: string, onChange: (addresses: readonly UpstreamAddress[]) => void): () => void;
}

export interface UpstreamTlsOptions {
  readonly ca?: string | Buffer | readonly (string | Buffer)[];
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  /** Name for SNI and certificate check. Default: `host`. */
  readonly servername?: string;
  /** Default true. */
  readonly rejectUnauthorized?: boolean;
}

/** What every implementation understands. Times in milliseconds, sizes in bytes. */
export interface UpstreamClientOptions {
  /** Host name or address (IPv6 without brackets). */
  readonly host: string;
  /** 1–65535. */
  readonly port: number;
  /** Absent: plain TCP. */
  readonly tls?: UpstreamTlsOptions;
  /** Value of `Host`. Default: `host`, with `:port` unless it is the scheme's own. */
  readonly hostHeader?: string;
  /** Connections at once. Default 128. */
  readonly connectionsMax?: number;
  /** Requests waiting for a connection. Default 1024; 0 = none wait. */
  readonly queueMax?: number;
  /** How long a request waits for a connection while all that may be open are in use. Default 1 000. */
  readonly queueTimeoutMs?: number;
  /** Connections of this pool count towards a bound over several pools. Default: no such bound. */
  readonly connectionShare?: ConnectionShare;
  /** From the start of name look-up to the end of the TLS handshake. Default 3 000. */
  readonly connectTimeoutMs?: number;
  /** From the end of the request to a complete final head. Default 30 000. */
  readonly headTimeoutMs?: number;
  /** Silence of the origin within the body while the handler takes data. Default 30 000. */
  readonly bodyIdleTimeoutMs?: number;
  /** The same for `text/event-stream`, where long silence is normal. Default 3 600 000. */
  readonly eventStreamIdleTimeoutMs?: number;
  /**
   * How long the handler may stay paused before the request fails with `reader_timeout`: a half-dead origin
   * behind a slow reader must not be kept without end. Default 120 000.
   */
  readonly bodyPausedTimeoutMs?: number;
  /** How long an idle connection is kept. A shorter `Keep-Alive: timeout=` of the origin wins. Default 4 000. */
  readonly keepAliveTimeoutMs?: number;
  /** Bytes of a response head, and of all interim heads together with it. Default 16 384. */
  readonly responseHeadBytesMax?: number;
  /** Headers of a response head. Default 200. */
  readonly responseFieldsMax?: number;
  /** What is remembered of the origin. Default: a new one. */
  readonly memo?: OriginMemo;
  /** Default: the system's, in Node's thread pool, which reports no changes. */
  readonly resolver?: HostResolver;
  /**
   * Asked for each resolved (or literal) address before it is connected to; false refuses it. Called again
   * for every new connection, so that a change of the name's addresses is caught.
   */
  readonly checkAddress?: (address: UpstreamAddress) => boolean;
}
