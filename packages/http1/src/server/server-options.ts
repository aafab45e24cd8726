// The options of a front server, with defaults and bounds. Throws RangeError with all problems.

import { FAULTS, type FaultCode } from "../codec/fault.js";
import { ConnectionMemo } from "./connection-memo.js";
import type { ServerRefusal } from "./server-refusal.js";
import type { ServerListener, ServerRequest } from "./server-request.js";

/** Why a connection is refused: `connectionsMax`, or `admission`. */
export type ConnectionRefusalReason = "server_full" | "not_admitted";

/** Counts connections by client. */
export interface ConnectionAdmission {
  /** @returns what `leave` is called with once the connection is closed; null refuses it */
  enter(address: string): string | null;
  leave(client: string): void;
}

export interface ServerTlsOptions {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
  /** Certificates of clients are asked for and must come from these. */
  readonly clientCa?: string | Buffer;
  /** Default TLSv1.2. */
  readonly minVersion?: "TLSv1.2" | "TLSv1.3";
}

export interface Http1ServerOptions<M extends ConnectionMemo = ConnectionMemo> {
  /**
   * Called for each request whose head and framing are valid. Either responds at once and returns null, or returns
   * who gets the rest; then `100 Continue` is sent if the client waits for it.
   */
  readonly onRequest: (request: ServerRequest<M>) => ServerListener | null;
  /** The memo of a new connection. */
  readonly createMemo: () => M;
  /**
   * Makes the response to what is refused, and may count it. Default: the fault's sentence as plain text.
   * @param address the client's, when no request was handed on; null: the refusal ends a request that was
   */
  readonly refusal?: (fault: FaultCode, address: string | null) => ServerRefusal;
  readonly tls?: ServerTlsOptions;
  /** For a further connection an idle one is closed, where there is one; else it is refused. Default 10 000. */
  readonly connectionsMax?: number;
  /** Asked about each new connection, before a TLS handshake. Default: all are admitted. */
  readonly admission?: ConnectionAdmission;
  /**
   * Makes the response to a connection that is refused, and may count it. It is sent without TLS only: a handshake
   * would cost more than the connection is given. Null: no response. Default: 503 as plain text.
   */
  readonly connectionRefusal?: (reason: ConnectionRefusalReason, address: string) => ServerRefusal | null;
  /** An idle connection was closed to make room for a new one: for counters. */
  readonly onIdleClosed?: () => void;
  /** A TLS handshake is over: for counters. */
  readonly onHandshake?: (isComplete: boolean) => void;
  /** Default 16 384; more is refused with 431. */
  readonly headBytesMax?: number;
  /** Default 100; more is refused with 431. */
  readonly fieldsMax?: number;
  /** Default 8 192; more is refused with 414. */
  readonly targetBytesMax?: number;
  /** Default: no limit; more is refused with 413. */
  readonly bodyBytesMax?: number;
  /** Bytes of all chunk extensions of a request. Default 4 096. */
  readonly chunkExtensionBytesMax?: number;
  /** Default 8 192. */
  readonly trailerBytesMax?: number;
  /** From a connection's start, or from the first byte of a later head, to the head's end. Default 10 000. */
  readonly headTimeoutMs?: number;
  /** A connection without a request. Default 75 000: longer than the clients' and load balancers' usual 60 s. */
  readonly idleTimeoutMs?: number;
  /** Silence of the client within a body that is being read. Default 30 000. */
  readonly bodyIdleTimeoutMs?: number;
  /**
   * Bytes a second that a request body must come with, on average over each `bodyIdleTimeoutMs` in which it is read
   * without a pause. 0: no floor. Default 500.
   */
  readonly bodyBytesPerSecondMin?: number;
  /** For a whole request body, pauses included. Default 3 600 000. */
  readonly bodyTimeoutMs?: number;
  /** How long a client may take to accept what is buffered for it (about 64 KiB). Default 60 000. */
  readonly writeTimeoutMs?: number;
  /** How long bytes are still taken and dropped after the last response, so that the client gets to see it. Default 2 000. */
  readonly lingerTimeoutMs?: number;
  /** Bytes of a request body that are read and dropped to keep a connection after an early response. Default 65 536. */
  readonly discardBytesMax?: number;
  /** How long `close` still waits for a request on an idle connection. Default 500. */
  readonly closeGraceMs?: number;
  /** Offer CONNECT and TRACE to `onRequest`; refused with 501 otherwise. Default false. */
  readonly allowConnect?: boolean;
  readonly allowTrace?: boolean;
}

export type ResolvedServerOptions<M extends ConnectionMemo> = Required<Omit<Http1ServerOptions<M>, "tls">> &
  Pick<Http1ServerOptions<M>, "tls">;

export function resolveServerOptions<M extends ConnectionMemo>(
  options: Http1ServerOptions<M>,
): ResolvedServerOptions<M> {
  const problems: string[] = [];
  const whole = (name: keyof Http1ServerOptions, otherwise: number, min: number, max = 2 ** 31): number => {
    const value = options[name] ?? otherwise;
    if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value;
    problems.push(`${name} must be a whole number from ${min} to ${max}`);
    return otherwise;
  };
  const resolved: ResolvedServerOptions<M> = {
    onRequest: options.onRequest,
    createMemo: options.createMemo,
    refusal: options.refusal ?? plainRefusal,
    connectionsMax: whole("connectionsMax", 10_000, 1),
    admission: options.admission ?? { enter: () => "", leave: () => {} },
    connectionRefusal: options.connectionRefusal ?? (() => plainConnectionRefusal),
    onIdleClosed: options.onIdleClosed ?? (() => {}),
    onHandshake: options.onHandshake ?? (() => {}),
    headBytesMax: whole("headBytesMax", 16_384, 64, 2 ** 20),
    fieldsMax: whole("fieldsMax", 100, 1, 10_000),
    targetBytesMax: whole("targetBytesMax", 8_192, 1, 2 ** 20),
    bodyBytesMax: whole("bodyBytesMax", Number.MAX_SAFE_INTEGER, 0, Number.MAX_SAFE_INTEGER),
    chunkExtensionBytesMax: whole("chunkExtensionBytesMax", 4_096, 0),
    trailerBytesMax: whole("trailerBytesMax", 8_192, 2),
    headTimeoutMs: whole("headTimeoutMs", 10_000, 1),
    idleTimeoutMs: whole("idleTimeoutMs", 75_000, 1),
    bodyIdleTimeoutMs: whole("bodyIdleTimeoutMs", 30_000, 1),
    bodyBytesPerSecondMin: whole("bodyBytesPerSecondMin", 500, 0),
    bodyTimeoutMs: whole("bodyTimeoutMs", 3_600_000, 1),
    writeTimeoutMs: whole("writeTimeoutMs", 60_000, 1),
    lingerTimeoutMs: whole("lingerTimeoutMs", 2_000, 0),
    discardBytesMax: whole("discardBytesMax", 65_536, 0),
    closeGraceMs: whole("closeGraceMs", 500, 0),
    allowConnect: options.allowConnect ?? false,
    allowTrace: options.allowTrace ?? false,
    ...(options.tls === undefined ? {} : { tls: options.tls }),
  };
  if (problems.length > 0) throw new RangeError(problems.join("; "));
  return resolved;
}

const REASONS: Readonly<Record<number, string>> = {
  400: "Bad Request",
  408: "Request Timeout",
  413: "Content Too Large",
  414: "URI Too Long",
  417: "Expectation Failed",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  505: "HTTP Version Not Supported",
};

const plainConnectionRefusal: ServerRefusal = {
  status: 503,
  statusText: "Service Unavailable",
  headers: ["content-type", "text/plain"],
  body: Buffer.from("too many connections\n"),
};

function plainRefusal(code: FaultCode): ServerRefusal {
  const { status, text } = FAULTS[code];
  return {
    status,
    statusText: REASONS[status] ?? "Refused",
    headers: ["content-type", "text/plain"],
    body: Buffer.from(`${text}\n`),
  };
}
