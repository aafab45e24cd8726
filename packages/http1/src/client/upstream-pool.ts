// The upstream client of this package: a bounded pool of keep-alive connections to one origin, and a bounded queue, both
// shared fairly (fair-semaphore.ts). A request gets a permit first, then a connection, old or new.
// Sends each request once, and a second time only where nothing can have come of the first (see #mayRetry of the
// connection). Follows no redirects and keeps no cookies.

import { isIP } from "node:net";
import { SLASH } from "../codec/ascii.js";
import { Fields } from "../codec/fields.js";
import { isSendableMethod, requestFieldLines, sharedFieldLines } from "../codec/head-text.js";
import { LastResponseHead } from "../codec/response-head.js";
import { DenseList } from "../io/dense-list.js";
import { type BatchReader, eventLoopBatch } from "../io/event-loop-batch.js";
import { type Ticked, ticker, ticksFor } from "../io/ticker.js";
import { AddressOrder } from "./address-order.js";
import { ClientRequest, type RequestPool } from "./client-request.js";
import type { BudgetMember } from "./connection-budget.js";
import type { ConnectionPool, PoolTicks } from "./connection-pool.js";
import { FairSemaphore, NO_PERMIT } from "./fair-semaphore.js";
import { LastRequestStart } from "./request-start.js";
import type { ResponseLimits } from "./response-reader.js";
import type {
  OutgoingRequest,
  UpstreamAddress,
  UpstreamClient,
  UpstreamErrorCode,
  UpstreamHandler,
  UpstreamRequest,
  UpstreamStats,
} from "./upstream-client.js";
import { UpstreamConnection } from "./upstream-connection.js";
import { type Http1PoolOptions, type ResolvedPoolOptions, resolvePoolOptions } from "./upstream-options.js";

/** Trailer and extension limits of responses: both are dropped, so nobody needs more. */
const CHUNK_EXTENSION_BYTES_MAX = 16_384;
const TRAILER_BYTES_MAX = 16_384;

/** Places before the head of the queue that are kept until they are worth a copy. */
const QUEUE_SLACK = 1_024;

const NONE: readonly Fields[] = [];
const NO_FIELDS = new Fields([]);

/** A connection that is still open so long after its response shows that the origin keeps its connections open. */
const KEPT_MS = 20;
/** The same, of an origin that was seen to close them. */
const KEPT_AGAIN_MS = 1_000;
/** One that is closed within so many ticks of a response shows that the origin does not keep them. */
const EARLY_CLOSE_TICKS = 1;

/** Ticks between looks for members of the pool that are gone. */
const SWEEP_TICKS = 256;

const OPEN = 0;
const CLOSING = 1;
const CLOSED = 2;

export class Http1Pool
  implements
    UpstreamClient,
    ConnectionPool<UpstreamConnection>,
    RequestPool,
    BudgetMember,
    Ticked,
    BatchReader
{
  readonly options: ResolvedPoolOptions;
  readonly responseLimits: ResponseLimits;
  readonly ticks: PoolTicks;
  readonly lastHead = new LastResponseHead();
  readonly addressOrder = new AddressOrder();

  /** What stands between target and field lines of every request. */
  readonly #afterTarget: string;
  readonly #lastStart = new LastRequestStart();
  readonly #connections = new DenseList<UpstreamConnection>();
  /** Free connections; the last one used is used next, so that the others can grow old. */
  readonly #idle: UpstreamConnection[] = [];
  /** The batch in which a connection became free last, and how many were free before it: the first ones. */
  #idleBatch = -1;
  #settled = 0;
  readonly #permits: FairSemaphore<ClientRequest>;
  /** Exchanges with a permit that connections are being made for, from `#queueHead` on; those that are over are skipped. */
  #queue: ClientRequest[] = [];
  #queueHead = 0;
  #queued = 0;
  #connecting = 0;
  /** Of those, made for one exchange each. */
  #reserved = 0;
  readonly #queueTicks: number;
  #state = OPEN;
  #closed: (() => void) | null = null;
  /** While there are connections to a name. */
  #unwatch: (() => void) | null = null;
  /** Of the origin's name, once they have changed; null: no change is known. */
  #addresses: ReadonlySet<string> | null = null;
  /**
   * The origin keeps its connections open, as far as is seen. Others (uWSGI, PHP-FPM) close each one after its response
   * without announcing it: a request that must not be sent twice gets a new connection there.
   */
  #isKeeping = false;
  #closesEarly = false;
  /** Until it is known whether a connection was kept open. */
  #keptTimer: NodeJS.Timeout | null = null;
  #settling = false;
  #requests = 0;
  #connectionsMade = 0;
  #retries = 0;

  /** @throws RangeError about every option out of bounds. */
  constructor(options: Http1PoolOptions) {
    const resolved = resolvePoolOptions(options);
    this.options = resolved;
    this.responseLimits = {
      headLimits: {
        headBytesMax: resolved.responseHeadBytesMax,
        fieldsMax: resolved.responseFieldsMax,
        targetBytesMax: 0,
      },
      bodyLimits: {
        bodyBytesMax: resolved.responseBodyBytesMax,
        chunkExtensionBytesMax: CHUNK_EXTENSION_BYTES_MAX,
        trailerBytesMax: TRAILER_BYTES_MAX,
      },
      interimResponsesMax: resolved.interimResponsesMax,
    };
    this.ticks = {
      connect: ticksFor(resolved.connectTimeoutMs),
      head: ticksFor(resolved.headTimeoutMs),
      bodyIdle: ticksFor(resolved.bodyIdleTimeoutMs),
      eventStreamIdle: ticksFor(resolved.eventStreamIdleTimeoutMs),
      bodyPaused: ticksFor(resolved.bodyPausedTimeoutMs),
    };
    this.#queueTicks = ticksFor(resolved.queueTimeoutMs);
    this.#permits = new FairSemaphore(resolved.connectionsMax, resolved.queueMax);
    this.#afterTarget = ` HTTP/1.1\r\nhost: ${resolved.hostHeader}`;
  }

  dispatch(request: UpstreamRequest, handler: UpstreamHandler): OutgoingRequest {
    const { method, path, headers, sharedHeaders = NONE, fields = NO_FIELDS, contentLength } = request;
    const ownLines = requestFieldLines(headers);
    const lines = sharedFieldLines(fields);
    let lineEnds = (headers.length + fields.list.length) >> 1;
    let framing = "\r\n\r\n";
    if (contentLength !== 0) {
      framing =
        contentLength > 0
          ? `\r\ncontent-length: ${contentLength}\r\n\r\n`
          : "\r\ntransfer-encoding: chunked\r\n\r\n";
      lineEnds++;
    } else if (method === "POST" || method === "PUT" || method === "PATCH") {
      // These usually have a body: say that there is none (RFC 9110 §8.6).
      framing = "\r\ncontent-length: 0\r\n\r\n";
      lineEnds++;
    }
    lineEnds += 2; // of the last line before, and the empty one
    let head = `${lines ?? ""}${ownLines ?? ""}${framing}`;
    let targetFrom = 0;
    let targetTo = 0;
    let isValid = lines !== null && ownLines !== null;
    const start = this.#lastStart.find(method, path, sharedHeaders);
    if (start === null) {
      const sharedLines = sharedText(sharedHeaders);
      const startLines = 2 + sharedCount(sharedHeaders);
      const startText = `${method} ${path}${this.#afterTarget}${sharedLines ?? ""}`;
      isValid &&= sharedLines !== null && isSendableMethod(method) && isTarget(path);
      if (isValid) this.#lastStart.keep(method, path, sharedHeaders, startText, startLines);
      targetFrom = method.length + 1;
      targetTo = targetFrom + path.length;
      head = startText + head;
      lineEnds += startLines - 1;
    }
    const exchange = new ClientRequest(
      this,
      handler,
      start,
      head,
      lineEnds,
      targetFrom,
      targetTo,
      method === "HEAD",
      contentLength === 0 && (request.idempotent ?? isIdempotent(method)),
      contentLength,
      this.#permits.shareOf(request.group, request.member ?? ""),
    );
    this.#requests++;
    if (this.#state !== OPEN) {
      exchange.failLater("client_closed", "connect", true, "the client is closed");
    } else if (!isValid || !isLength(contentLength)) {
      exchange.failLater(
        "request_refused",
        "connect",
        true,
        "method, path, a header name or the length may not be sent",
      );
    } else {
      this.#place(exchange);
    }
    return exchange;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#state === CLOSED) {
        resolve();
        return;
      }
      const before = this.#closed;
      this.#closed = () => {
        before?.();
        resolve();
      };
      this.#state = CLOSING;
      for (const connection of [...this.#idle]) connection.drop();
      this.#finishClosing();
    });
  }

  destroy(): void {
    if (this.#state === CLOSED) return;
    this.#state = CLOSING;
    for (const exchange of this.#permits.expire(Number.POSITIVE_INFINITY)) {
      exchange.fail("client_closed", "connect", true, "the client was destroyed");
    }
    for (let exchange = this.#dequeue(); exchange !== null; exchange = this.#dequeue()) {
      exchange.fail("client_closed", "connect", true, "the client was destroyed");
    }
    for (const connection of this.#connections.toArray()) {
      connection.destroy("client_closed", "the client was destroyed");
    }
    this.#finishClosing();
  }

  stats(): UpstreamStats {
    return {
      connections: this.#connections.size - this.#connecting,
      idle: this.#idle.length,
      connecting: this.#connecting,
      queued: this.#queued + this.#permits.waiting,
      inFlight: this.#connections.size - this.#connecting - this.#idle.length,
      requests: this.#requests,
      connectionsMade: this.#connectionsMade,
      retries: this.#retries,
    };
  }

  /** HOT. Gives a new exchange a connection, or lets it wait for one. */
  #place(exchange: ClientRequest): void {
    const permits = this.#permits;
    const { share } = exchange;
    if (permits.mayAcquire(share) && this.#hasConnection()) {
      this.#admit(exchange);
      return;
    }
    if (!permits.mayWait(share)) {
      exchange.failLater("queue_full", "connect", true, "too many requests wait for a connection");
      return;
    }
    permits.enqueue(exchange, ticker.tick + this.#queueTicks);
    ticker.add(this);
  }

  /**
   * HOT. Whether there is a connection for one more permit, or one may be made. If not, the waiting are admitted when one
   * becomes free or the budget has room again.
   */
  #hasConnection(): boolean {
    if (this.#idle.length > 0 || this.#hasUnclaimed()) return true;
    if (this.#connections.size >= this.options.connectionsMax) return false;
    const { connectionShare } = this.options;
    return connectionShare === undefined || connectionShare.mayOpen(this);
  }

  /** More connections are being made than there are exchanges for them. */
  #hasUnclaimed(): boolean {
    return this.#queued < this.#connecting - this.#reserved;
  }

  #admit(exchange: ClientRequest): void {
    this.#permits.acquire(exchange);
    const connection = this.#takeIdle(exchange);
    if (connection !== undefined) {
      connection.start(exchange);
      return;
    }
    const mustConnect = !this.#hasUnclaimed();
    this.#enqueue(exchange);
    if (this.#idle.length === 0) {
      if (mustConnect) this.#connect(null);
    } else if (this.#isKeeping || this.#mustTrust()) this.#settleLater();
    else this.#connectBesideIdle();
  }

  /**
   * HOT. The connection used last. A request that must not be sent twice gets none whose response ended in this batch: its
   * FIN may lie in the kernel behind that response. Of an origin that does not keep them open it gets an unused one.
   */
  #takeIdle(exchange: ClientRequest): UpstreamConnection | undefined {
    const idle = this.#idle;
    if (exchange.repeatable || idle.length === 0) return idle.pop();
    if (!this.#isKeeping && !this.#mustTrust()) return this.#takeUnused();
    const settled =
      this.#idleBatch === eventLoopBatch.number ? Math.min(this.#settled, idle.length) : idle.length;
    if (settled === 0) return undefined;
    const connection = idle[settled - 1]!;
    const last = idle.pop()!;
    if (last !== connection) idle[settled - 1] = last;
    this.#settled = settled - 1;
    return connection;
  }

  #takeUnused(): UpstreamConnection | undefined {
    const at = this.#idle.findLastIndex((connection) => !connection.isUsed);
    return at < 0 ? undefined : this.#removeIdle(at);
  }

  #addIdle(connection: UpstreamConnection): void {
    const batch = eventLoopBatch.number;
    if (this.#idleBatch !== batch) {
      this.#idleBatch = batch;
      this.#settled = this.#idle.length;
    }
    this.#idle.push(connection);
  }

  #removeIdle(at: number): UpstreamConnection | undefined {
    if (at < this.#settled) this.#settled--;
    return this.#idle.splice(at, 1)[0];
  }

  /** Nothing is known of the origin, and no further connection may be made. */
  #mustTrust(): boolean {
    return !this.#closesEarly && this.#connections.size >= this.options.connectionsMax;
  }

  #settleLater(): void {
    if (this.#settling) return;
    this.#settling = true;
    eventLoopBatch.readLater(this);
  }

  /** Gives free connections to exchanges that waited for the next batch. */
  onBatch(): void {
    this.#settling = false;
    while (this.#idle.length > 0) {
      const exchange = this.#dequeue();
      if (exchange === null) return;
      const connection = this.#takeIdle(exchange);
      if (connection !== undefined) {
        connection.start(exchange);
        continue;
      }
      this.#requeue(exchange);
      if (this.#isKeeping || this.#mustTrust()) this.#settleLater();
      else this.#connectBesideIdle();
      return;
    }
    // Another request took the connection that these waited for.
    this.#fill();
  }

  /** For those in the queue. Where there is no room for one more, an idle connection makes it. */
  #connectBesideIdle(): void {
    if (this.#queued <= this.#connecting - this.#reserved) return;
    const { connectionsMax, connectionShare } = this.options;
    const hasRoom = this.#connections.size < connectionsMax && connectionShare?.mayOpen(this) !== false;
    if (!hasRoom) this.#idle[0]?.drop();
    this.#fill();
  }

  closedUnasked(ticks: number): void {
    if (ticks > EARLY_CLOSE_TICKS) return;
    this.#isKeeping = false;
    this.#closesEarly = true;
  }

  #keptFor(connection: UpstreamConnection): void {
    this.#keptTimer = null;
    if (connection.closed) return;
    this.#isKeeping = true;
    this.#closesEarly = false;
  }

  /** Whether a connection that has just served a request stays open. */
  #watchKept(connection: UpstreamConnection): void {
    if (this.#keptTimer !== null) return;
    this.#keptTimer = setTimeout(
      // Behind the poll phase: this thread may have been busy, with the FIN unread.
      () => setImmediate(() => this.#keptFor(connection)),
      this.#closesEarly ? KEPT_AGAIN_MS : KEPT_MS,
    ).unref();
  }

  #admitWaiting(): void {
    while (this.#permits.waiting > 0 && this.#hasConnection()) {
      const exchange = this.#permits.dequeue();
      if (exchange === null) return;
      this.#admit(exchange);
    }
  }

  requestOver(exchange: ClientRequest): void {
    if (exchange.permit === NO_PERMIT) return;
    this.#permits.release(exchange);
    if (this.#permits.waiting > 0) this.#admitWaiting();
    else if (this.#state === CLOSING) this.#finishClosing();
  }

  roomReturned(): void {
    this.#admitWaiting();
  }

  dropIdle(): boolean {
    const oldest = this.#idle[0];
    oldest?.drop();
    return oldest !== undefined;
  }

  #enqueue(exchange: ClientRequest): void {
    exchange.queued = true;
    this.#queue.push(exchange);
    this.#queued++;
    ticker.add(this);
  }

  /** The one that was just dequeued, as the first again. */
  #requeue(exchange: ClientRequest): void {
    exchange.queued = true;
    if (this.#queueHead > 0) this.#queue[--this.#queueHead] = exchange;
    else this.#queue.unshift(exchange);
    this.#queued++;
  }

  #dequeue(): ClientRequest | null {
    while (this.#queueHead < this.#queue.length) {
      const exchange = this.#queue[this.#queueHead++]!;
      if (this.#queueHead > QUEUE_SLACK && this.#queueHead * 2 > this.#queue.length) {
        this.#queue = this.#queue.slice(this.#queueHead);
        this.#queueHead = 0;
      }
      if (!exchange.queued) continue; // it was aborted
      exchange.queued = false;
      this.#queued--;
      return exchange;
    }
    return null;
  }

  leaveQueue(exchange: ClientRequest): void {
    exchange.queued = false;
    this.#queued--;
    this.#finishClosing();
  }

  /** Opens connections for exchanges that have a permit and no connection, one each. */
  #fill(): void {
    while (
      this.#connecting - this.#reserved < this.#queued &&
      this.#connections.size < this.options.connectionsMax
    )
      this.#connect(null);
  }

  #connect(exchange: ClientRequest | null): void {
    const connection = new UpstreamConnection(this);
    connection.reservedFor = exchange;
    if (exchange !== null) this.#reserved++;
    this.#connections.add(connection);
    this.options.connectionShare?.opened(this);
    this.#connecting++;
    this.#connectionsMade++;
    ticker.add(this);
    this.#watchAddresses();
  }

  #watchAddresses(): void {
    const { host, resolver } = this.options;
    if (this.#unwatch !== null || resolver === undefined || isIP(host) !== 0) return;
    this.#unwatch = resolver.watch(host, (addresses) => this.#addressesChanged(addresses));
  }

  /** Connections to addresses that are none of the origin's any more get no further request. */
  #addressesChanged(addresses: readonly UpstreamAddress[]): void {
    this.#addresses = new Set(addresses.map(({ address }) => address));
    for (const connection of this.#connections.toArray()) this.#retireIfMoved(connection);
    for (const connection of this.#idle.filter(({ retired }) => retired)) connection.drop();
  }

  #retireIfMoved(connection: UpstreamConnection): void {
    const { address } = connection;
    if (address !== null && this.#addresses?.has(address) === false) connection.retired = true;
  }

  connectionReady(connection: UpstreamConnection): void {
    this.#connecting--;
    this.#retireIfMoved(connection);
    const exchange = connection.reservedFor;
    if (exchange !== null) this.#reserved--;
    connection.reservedFor = null;
    if (exchange !== null && !exchange.over) connection.start(exchange);
    else this.connectionFree(connection);
  }

  connectionFree(connection: UpstreamConnection): void {
    if (!this.#isKeeping && connection.isUsed) this.#watchKept(connection);
    const exchange = this.#dequeue();
    if (exchange !== null && (exchange.repeatable || !connection.isUsed)) connection.start(exchange);
    else if (exchange !== null) {
      this.#requeue(exchange);
      this.#addIdle(connection);
      this.#settleLater();
    } else if (this.#state === OPEN) {
      this.#addIdle(connection);
      if (this.#permits.waiting > 0) this.#admitWaiting();
    } else connection.drop();
  }

  connectFailed(
    connection: UpstreamConnection,
    code: UpstreamErrorCode,
    detail: string,
    cause: unknown,
  ): void {
    this.#connections.delete(connection);
    this.#connecting--;
    if (connection.reservedFor !== null) this.#reserved--;
    const exchange = connection.reservedFor ?? this.#dequeue();
    exchange?.fail(code, "connect", exchange.attempts === 0 || exchange.unsent !== null, detail, cause);
    this.#afterLoss();
  }

  connectionGone(connection: UpstreamConnection): void {
    this.#connections.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#removeIdle(at);
    this.#afterLoss();
  }

  #afterLoss(): void {
    this.#fill();
    this.options.connectionShare?.closed(this, this.#connections.size === 0);
    if (this.#connections.size === 0) {
      this.#unwatch?.();
      this.#unwatch = null;
      this.#addresses = null;
      if (this.#queued === 0 && this.#permits.waiting === 0) ticker.remove(this);
    }
    this.#finishClosing();
  }

  /** On a connection made for it: another idle one may be as dead as the first. */
  retry(exchange: ClientRequest): void {
    this.#retries++;
    if (this.#connections.size >= this.options.connectionsMax) this.#idle[0]?.drop();
    if (this.#connections.size >= this.options.connectionsMax) {
      this.#enqueue(exchange); // all are busy, so the next free one has just been alive
      return;
    }
    this.#connect(exchange);
  }

  onTick(tick: number): void {
    for (let place = this.#connections.size - 1; place >= 0; place--)
      this.#connections.at(place)?.onTick(tick);
    for (const exchange of this.#permits.expire(tick))
      exchange.fail("queue_timeout", "connect", true, "no connection became free in time");
    if (tick % SWEEP_TICKS === 0) this.#permits.sweep();
  }

  #finishClosing(): void {
    if (this.#state !== CLOSING || this.#connections.size > 0) return;
    if (this.#queued > 0 || this.#permits.waiting > 0) return;
    this.#state = CLOSED;
    ticker.remove(this);
    this.#closed?.();
  }
}

/** Null when a name is refused. */
function sharedText(sharedHeaders: readonly Fields[]): string | null {
  let text = "";
  for (let i = 0; i < sharedHeaders.length; i++) {
    const lines = sharedFieldLines(sharedHeaders[i]!);
    if (lines === null) return null;
    text += lines;
  }
  return text;
}

function sharedCount(sharedHeaders: readonly Fields[]): number {
  let count = 0;
  for (let i = 0; i < sharedHeaders.length; i++) count += sharedHeaders[i]!.list.length >> 1;
  return count;
}

function isIdempotent(method: string): boolean {
  return (
    method === "GET" || method === "HEAD" || method === "PUT" || method === "DELETE" || method === "OPTIONS"
  );
}

/** The rest of the target is looked at byte by byte when it is written. */
function isTarget(path: string): boolean {
  return path.charCodeAt(0) === SLASH || path === "*";
}

function isLength(length: number): boolean {
  return length === -1 || (Number.isSafeInteger(length) && length >= 0);
}
