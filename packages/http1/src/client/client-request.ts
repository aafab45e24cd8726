// One request of the pool and what is left of it: its head as text, the body's framing, who gets the response.
// Outlives a connection, so that a request of which nothing was sent can move to another one.

// Not the global: it is found by a getter at each use.
import { performance } from "node:perf_hooks";
import { type SocketWriter, WRITE_HIGH_WATER } from "../io/socket-writer.js";
import { NO_PERMIT, type PermitHolder, type Share } from "./fair-semaphore.js";
import {
  type OutgoingRequest,
  UpstreamError,
  type UpstreamErrorCode,
  type UpstreamHandler,
  type UpstreamPhase,
} from "./upstream-client.js";

/** Its head: text and where the target is in it. See `SocketWriter.writeHead`. */
export interface RequestHeadParts {
  readonly text: string;
  readonly lines: number;
  readonly targetFrom: number;
  readonly targetTo: number;
}

/** What a request needs of its connection. */
export interface RequestChannel {
  readonly writer: SocketWriter;
  /** More of the request was written. `isStuck`: the origin reads slower than it is sent to. */
  requestProgressed(isStuck: boolean): void;
  resume(): void;
  /** Closes; the request has been taken care of. */
  drop(): void;
}

/** What a request needs of its pool. */
export interface RequestPool {
  /** A request that a connection is being made for is over. */
  leaveQueue(request: ClientRequest): void;
  /** A request is over, and its connection has been taken care of: returns its permit. May be called twice. */
  requestOver(request: ClientRequest): void;
}

const CRLF = "\r\n";
const LAST_CHUNK = "0\r\n\r\n";

export class ClientRequest implements OutgoingRequest, PermitHolder {
  readonly handler: UpstreamHandler;
  readonly toHead: boolean;
  /** May be sent a second time although the first may have arrived. */
  readonly repeatable: boolean;

  connection: RequestChannel | null = null;
  /** Ended, failed or aborted. */
  over = false;
  bodyDone: boolean;
  /** The origin may switch protocols. */
  readonly mayUpgrade: boolean;
  /** Protocols were switched: bytes go both ways as they are. */
  isTunnel = false;
  needDrain = false;
  /** A connection is being made for it. */
  queued = false;
  readonly share: Share;
  permit = NO_PERMIT;
  attempts = 0;
  /** Tick at which waiting for a permit ends. */
  waitDeadline = 0;
  /** Bytes to send instead of the head: what another connection did not get rid of. */
  unsent: Buffer | null = null;
  connectMs = 0;
  /** Monotonic time; 0: it does not wait. */
  #waitsSinceMs = 0;
  #waitedMs = 0;

  readonly #pool: RequestPool;
  readonly #headText: string;
  readonly #headLines: number;
  readonly #targetFrom: number;
  readonly #targetTo: number;
  /** Body bytes to come by `contentLength`; -1 = chunked. */
  #bodyLeft: number;
  /** Framed body pieces written while there was no connection. */
  #waiting: Buffer[] | null = null;
  #waitingBytes = 0;
  /** `over`, but the handler hears of it only after the current call. */
  #failing = false;

  constructor(
    pool: RequestPool,
    handler: UpstreamHandler,
    head: RequestHeadParts,
    toHead: boolean,
    repeatable: boolean,
    contentLength: number,
    share: Share,
    mayUpgrade: boolean,
  ) {
    this.mayUpgrade = mayUpgrade;
    this.share = share;
    this.#pool = pool;
    this.handler = handler;
    this.#headText = head.text;
    this.#headLines = head.lines;
    this.#targetFrom = head.targetFrom;
    this.#targetTo = head.targetTo;
    this.toHead = toHead;
    this.repeatable = repeatable;
    this.#bodyLeft = contentLength;
    this.bodyDone = contentLength === 0;
  }

  get waitedMs(): number {
    return this.#waitsSinceMs === 0 ? this.#waitedMs : performance.now() - this.#waitsSinceMs;
  }

  /** It waits for a connection from here on. */
  waits(): void {
    if (this.#waitsSinceMs === 0) this.#waitsSinceMs = performance.now();
  }

  /** It waits no more. @param connectMs that its connection took to be made; 0: it was there */
  waitIsOver(connectMs: number): void {
    if (this.#waitsSinceMs === 0) return;
    this.#waitedMs = performance.now() - this.#waitsSinceMs;
    this.#waitsSinceMs = 0;
    this.connectMs = Math.min(connectMs, this.#waitedMs);
  }

  write(chunk: Uint8Array): boolean {
    if (this.over || chunk.length === 0) return true;
    if (this.bodyDone) return this.isTunnel ? this.#writeRaw(chunk) : true;
    const chunked = this.#bodyLeft < 0;
    if (!chunked) {
      if (chunk.length > this.#bodyLeft) {
        this.#refuseLength("the body is longer than contentLength");
        return true;
      }
      this.#bodyLeft -= chunk.length;
      this.bodyDone = this.#bodyLeft === 0;
    }
    const { connection } = this;
    if (connection !== null) {
      if (chunked) connection.writer.writeText(chunk.length.toString(16) + CRLF);
      connection.writer.writeBytes(chunk);
      if (chunked) connection.writer.writeText(CRLF);
      if (this.bodyDone) connection.writer.messageComplete();
      this.needDrain = connection.writer.unsent > WRITE_HIGH_WATER;
      connection.requestProgressed(this.needDrain);
    } else {
      if (chunked) this.#wait(Buffer.from(chunk.length.toString(16) + CRLF, "latin1"));
      this.#wait(Buffer.from(chunk));
      if (chunked) this.#wait(Buffer.from(CRLF, "latin1"));
      this.needDrain = this.#waitingBytes > WRITE_HIGH_WATER;
    }
    return !this.needDrain;
  }

  #writeRaw(chunk: Uint8Array): boolean {
    const { connection } = this;
    if (connection === null) return true;
    connection.writer.writeBytes(chunk);
    this.needDrain = connection.writer.unsent > WRITE_HIGH_WATER;
    return !this.needDrain;
  }

  end(chunk?: Uint8Array): void {
    if (chunk !== undefined) this.write(chunk);
    if (this.over || this.bodyDone) return;
    if (this.#bodyLeft > 0) {
      this.#refuseLength("the body is shorter than contentLength");
      return;
    }
    this.bodyDone = true;
    const { connection } = this;
    if (connection === null) {
      this.#wait(Buffer.from(LAST_CHUNK, "latin1"));
      return;
    }
    connection.writer.writeText(LAST_CHUNK);
    connection.writer.messageComplete();
    connection.requestProgressed(false);
  }

  resume(): void {
    if (!this.over) this.connection?.resume();
  }

  abort(): void {
    this.#failing = false;
    if (!this.over) this.#leave();
  }

  /** Ends the request with an error. Called from events, never from inside the caller's own calls. */
  fail(
    code: UpstreamErrorCode,
    phase: UpstreamPhase,
    replaySafe: boolean,
    detail: string,
    cause?: unknown,
  ): void {
    if (this.over) return;
    this.over = true;
    this.connection = null;
    this.#waiting = null;
    this.waitIsOver(0);
    this.#pool.requestOver(this);
    this.handler.onError(
      new UpstreamError(code, phase, replaySafe, detail, cause === undefined ? undefined : { cause }),
    );
  }

  /** The same, after the current call of the gateway has returned. */
  failLater(code: UpstreamErrorCode, phase: UpstreamPhase, replaySafe: boolean, detail: string): void {
    this.over = true;
    this.#failing = true;
    process.nextTick(() => {
      this.#pool.requestOver(this);
      if (this.#failing) this.handler.onError(new UpstreamError(code, phase, replaySafe, detail));
    });
  }

  /**
   * Writes what there is of it: its head, or what another connection did not get rid of, and body pieces that came before
   * there was a connection.
   * @returns false: its head may not be sent, and nothing was written
   */
  writeTo(writer: SocketWriter): boolean {
    const { unsent } = this;
    if (unsent !== null) {
      this.unsent = null;
      writer.writeBytes(unsent);
    } else if (!writer.writeHead(this.#headText, this.#headLines, this.#targetFrom, this.#targetTo)) {
      return false;
    }
    const waiting = this.#waiting;
    if (waiting === null) return true;
    this.#waiting = null;
    this.#waitingBytes = 0;
    for (const piece of waiting) writer.writeBytes(piece);
    return true;
  }

  #wait(piece: Buffer): void {
    this.#waiting ??= [];
    this.#waiting.push(piece);
    this.#waitingBytes += piece.length;
  }

  #refuseLength(detail: string): void {
    const replaySafe = this.connection === null || !this.connection.writer.sent;
    this.#leave();
    this.failLater("request_length", "send", replaySafe, detail);
  }

  #leave(): void {
    this.over = true;
    this.#waiting = null;
    this.waitIsOver(0);
    const { connection } = this;
    this.connection = null;
    if (connection !== null) connection.drop();
    else if (this.queued) this.#pool.leaveQueue(this);
    this.#pool.requestOver(this);
  }
}
