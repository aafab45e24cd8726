// The upstream client of this package: a bounded pool of keep-alive connections to one origin, and a bounded queue, both
// shared fairly (fair-semaphore.ts). A request gets a permit first, then a connection, old or new. It is sent once, and a
// second time only where nothing can have come of the first. Follows no redirects and keeps no cookies.

import { DenseList } from "../io/dense-list.js";
import { type BatchReader, eventLoopBatch } from "../io/event-loop-batch.js";
import { type Ticked, ticker } from "../io/ticker.js";
import { AddressOrder } from "./address-order.js";
import { AddressWatch } from "./address-watch.js";
import { ClientRequest, type RequestPool } from "./client-request.js";
import { ConnectQueue } from "./connect-queue.js";
import type { BudgetMember } from "./connection-budget.js";
import type { ConnectionPool } from "./connection-pool.js";
import { FairSemaphore, NO_PERMIT } from "./fair-semaphore.js";
import { IdleConnections } from "./idle-connections.js";
import { KeepAliveWatch } from "./keep-alive-watch.js";
import { OriginMemo } from "./origin-memo.js";
import { isIdempotent, RequestHeadWriter } from "./request-head.js";
import type { ResponseLimits } from "./response-reader.js";
import type {
  OutgoingRequest,
  UpstreamClient,
  UpstreamErrorCode,
  UpstreamHandler,
  UpstreamRequest,
  UpstreamStats,
} from "./upstream-client.js";
import { UpstreamConnection } from "./upstream-connection.js";
import {
  type Http1PoolOptions,
  type PoolTicks,
  poolTicksOf,
  type ResolvedPoolOptions,
  resolvePoolOptions,
  responseLimitsOf,
} from "./upstream-options.js";

/** Ticks between looks for members that use the pool no more. */
const SWEEP_TICKS = 256;

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
  readonly memo: OriginMemo;
  readonly addressOrder = new AddressOrder();
  readonly keepAlive = new KeepAliveWatch();

  readonly #heads: RequestHeadWriter;
  readonly #connections = new DenseList<UpstreamConnection>();
  readonly #idle = new IdleConnections();
  readonly #addresses: AddressWatch;
  readonly #permits: FairSemaphore<ClientRequest>;
  readonly #queue = new ConnectQueue();
  #connecting = 0;
  /** Of those, made for one request each. */
  #reserved = 0;
  #state: "open" | "closing" | "closed" = "open";
  /** Each call of `close` that waits. */
  readonly #onClosed: (() => void)[] = [];
  /** It is called in the next batch. */
  #isBatched = false;
  #requests = 0;
  #connectionsMade = 0;
  #retries = 0;

  /** @throws RangeError about every option out of bounds. */
  constructor(options: Http1PoolOptions) {
    const resolved = resolvePoolOptions(options);
    this.options = resolved;
    this.memo = resolved.memo ?? new OriginMemo();
    this.responseLimits = responseLimitsOf(resolved);
    this.ticks = poolTicksOf(resolved);
    this.#permits = new FairSemaphore(resolved.connectionsMax, resolved.queueMax);
    this.#heads = new RequestHeadWriter(resolved.hostHeader);
    this.#addresses = new AddressWatch(resolved.host, resolved.resolver, () => this.#retireMoved());
  }

  /** HOT. Sends a request, or lets it wait for a connection. */
  dispatch(upstreamRequest: UpstreamRequest, handler: UpstreamHandler): OutgoingRequest {
    const { method, contentLength } = upstreamRequest;
    const isValid = this.#heads.write(upstreamRequest);
    const request = new ClientRequest(
      this,
      handler,
      this.#heads,
      method === "HEAD",
      contentLength === 0 && (upstreamRequest.idempotent ?? isIdempotent(method)),
      contentLength,
      this.#permits.shareOf(upstreamRequest.group, upstreamRequest.member ?? ""),
      upstreamRequest.upgrade !== undefined,
    );
    this.#requests++;
    if (this.#state !== "open") {
      request.failLater("client_closed", "connect", true, "the client is closed");
    } else if (!isValid) {
      const detail = "method, path, a header name or the length may not be sent";
      request.failLater("request_refused", "connect", true, detail);
    } else {
      this.#place(request);
    }
    return request;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#state === "closed") {
        resolve();
        return;
      }
      this.#onClosed.push(resolve);
      this.#state = "closing";
      for (const connection of this.#idle.toArray()) connection.drop();
      this.#finishClosing();
    });
  }

  destroy(): void {
    if (this.#state === "closed") return;
    this.#state = "closing";
    for (const request of this.#permits.expire(Number.POSITIVE_INFINITY)) {
      request.fail("client_closed", "connect", true, "the client was destroyed");
    }
    for (let request = this.#queue.take(); request !== null; request = this.#queue.take()) {
      request.fail("client_closed", "connect", true, "the client was destroyed");
    }
    for (const connection of this.#connections.toArray()) {
      connection.destroy("client_closed", "the client was destroyed");
    }
    this.#finishClosing();
  }

  stats(): UpstreamStats {
    return {
      connections: this.#connections.size - this.#connecting,
      idle: this.#idle.size,
      connecting: this.#connecting,
      queued: this.#queue.size + this.#permits.waiting,
      inFlight: this.#connections.size - this.#connecting - this.#idle.size,
      requests: this.#requests,
      connectionsMade: this.#connectionsMade,
      retries: this.#retries,
    };
  }

  /** Gives a new request a connection, or lets it wait for one. */
  #place(request: ClientRequest): void {
    const permits = this.#permits;
    const { share } = request;
    if (permits.mayAcquire(share) && this.#hasConnection()) {
      this.#admit(request);
      return;
    }
    if (!permits.mayWait(share)) {
      request.failLater("queue_full", "connect", true, "too many requests wait for a connection");
      return;
    }
    request.waits();
    permits.enqueue(request, ticker.tick + this.ticks.queue);
    ticker.add(this);
  }

  /**
   * Whether there is a connection for one more permit, or one may be made. If not, the waiting are admitted when one
   * becomes free or the budget has room again.
   */
  #hasConnection(): boolean {
    if (this.#idle.size > 0 || this.#hasUnclaimed()) return true;
    if (this.#connections.size >= this.options.connectionsMax) return false;
    const { connectionShare } = this.options;
    return connectionShare === undefined || connectionShare.mayOpen(this);
  }

  /** More connections are being made than there are requests for them. */
  #hasUnclaimed(): boolean {
    return this.#queue.size < this.#connecting - this.#reserved;
  }

  #admit(request: ClientRequest): void {
    this.#permits.acquire(request);
    const connection = this.#takeIdle(request);
    if (connection !== undefined) {
      connection.start(request);
      return;
    }
    const mustConnect = !this.#hasUnclaimed();
    request.waits();
    this.#queue.add(request);
    if (this.#idle.size === 0) {
      if (mustConnect) this.#connect(null);
    } else if (this.#mayReuse()) this.#settleLater();
    else this.#connectBesideIdle();
  }

  /**
   * The connection used last. A request that must not be sent twice gets none whose response ended in this batch: its
   * FIN may lie in the kernel behind that response. Of an origin that does not keep them open it gets an unused one.
   */
  #takeIdle(request: ClientRequest): UpstreamConnection | undefined {
    const idle = this.#idle;
    if (idle.size === 0) return undefined;
    if (request.repeatable) return idle.takeLast();
    return this.#mayReuse() ? idle.takeSettled() : idle.takeUnused();
  }

  /** A request that must not be sent twice may have a used connection. */
  #mayReuse(): boolean {
    if (this.keepAlive.isKeeping) return true;
    // Nothing is known of the origin, and no further connection may be made.
    return !this.keepAlive.closesEarly && this.#connections.size >= this.options.connectionsMax;
  }

  #settleLater(): void {
    if (this.#isBatched) return;
    this.#isBatched = true;
    eventLoopBatch.readLater(this);
  }

  /** Gives free connections to requests that waited for the next batch. */
  onBatch(): void {
    this.#isBatched = false;
    while (this.#idle.size > 0) {
      const request = this.#queue.take();
      if (request === null) return;
      const connection = this.#takeIdle(request);
      if (connection !== undefined) {
        connection.start(request);
        continue;
      }
      this.#queue.putBack(request);
      if (this.#mayReuse()) this.#settleLater();
      else this.#connectBesideIdle();
      return;
    }
    // Another request took the connection that these waited for.
    this.#fill();
  }

  /** For those in the queue. Where there is no room for one more, an idle connection makes it. */
  #connectBesideIdle(): void {
    if (this.#queue.size <= this.#connecting - this.#reserved) return;
    const { connectionsMax, connectionShare } = this.options;
    const hasRoom = this.#connections.size < connectionsMax && connectionShare?.mayOpen(this) !== false;
    if (!hasRoom) this.#idle.oldest?.drop();
    this.#fill();
  }

  #admitWaiting(): void {
    while (this.#permits.waiting > 0 && this.#hasConnection()) {
      const request = this.#permits.dequeue();
      if (request === null) return;
      this.#admit(request);
    }
  }

  requestOver(request: ClientRequest): void {
    if (request.permit === NO_PERMIT) return;
    this.#permits.release(request);
    if (this.#permits.waiting > 0) this.#admitWaiting();
    else if (this.#state === "closing") this.#finishClosing();
  }

  roomReturned(): void {
    this.#admitWaiting();
  }

  dropIdle(): boolean {
    const oldest = this.#idle.oldest;
    oldest?.drop();
    return oldest !== undefined;
  }

  leaveQueue(request: ClientRequest): void {
    this.#queue.leave(request);
    this.#finishClosing();
  }

  /** Opens connections for requests that have a permit and no connection, one each. */
  #fill(): void {
    while (
      this.#connecting - this.#reserved < this.#queue.size &&
      this.#connections.size < this.options.connectionsMax
    )
      this.#connect(null);
  }

  #connect(request: ClientRequest | null): void {
    const connection = new UpstreamConnection(this);
    connection.reservedFor = request;
    if (request !== null) this.#reserved++;
    this.#connections.add(connection);
    this.options.connectionShare?.opened(this);
    this.#connecting++;
    this.#connectionsMade++;
    ticker.add(this);
    this.#addresses.start();
  }

  /** Connections to addresses that are none of the origin's any more get no further request. */
  #retireMoved(): void {
    for (const connection of this.#connections.toArray()) this.#retireIfMoved(connection);
    for (const connection of this.#idle.toArray()) if (connection.retired) connection.drop();
  }

  #retireIfMoved(connection: UpstreamConnection): void {
    if (this.#addresses.isMoved(connection.address)) connection.retired = true;
  }

  connectionReady(connection: UpstreamConnection): void {
    this.#connecting--;
    this.#retireIfMoved(connection);
    const request = connection.reservedFor;
    if (request !== null) this.#reserved--;
    connection.reservedFor = null;
    if (request !== null && !request.over) connection.start(request);
    else this.connectionFree(connection);
  }

  connectionFree(connection: UpstreamConnection): void {
    if (connection.isUsed) this.keepAlive.served(connection);
    const request = this.#queue.take();
    if (request !== null && (request.repeatable || !connection.isUsed)) connection.start(request);
    else if (request !== null) {
      this.#queue.putBack(request);
      this.#idle.add(connection);
      this.#settleLater();
    } else if (this.#state === "open") {
      this.#idle.add(connection);
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
    const request = connection.reservedFor ?? this.#queue.take();
    request?.waitIsOver(connection.connectMs);
    request?.fail(code, "connect", request.attempts === 0 || request.unsent !== null, detail, cause);
    this.#afterLoss();
  }

  connectionGone(connection: UpstreamConnection): void {
    this.#connections.delete(connection);
    this.#idle.remove(connection);
    this.#afterLoss();
  }

  #afterLoss(): void {
    this.#fill();
    this.options.connectionShare?.closed(this, this.#connections.size === 0);
    if (this.#connections.size === 0) {
      this.#addresses.stop();
      if (this.#queue.size === 0 && this.#permits.waiting === 0) ticker.remove(this);
    }
    this.#finishClosing();
  }

  /** On a connection made for it: another idle one may be as dead as the first. */
  retry(request: ClientRequest): void {
    this.#retries++;
    request.waits();
    if (this.#connections.size >= this.options.connectionsMax) this.#idle.oldest?.drop();
    if (this.#connections.size >= this.options.connectionsMax) {
      this.#queue.add(request); // all are busy, so the next free one has just been alive
      return;
    }
    this.#connect(request);
  }

  onTick(tick: number): void {
    for (let place = this.#connections.size - 1; place >= 0; place--)
      this.#connections.at(place)?.onTick(tick);
    for (const request of this.#permits.expire(tick))
      request.fail("queue_timeout", "connect", true, "no connection became free in time");
    if (tick % SWEEP_TICKS === 0) this.#permits.sweep();
  }

  #finishClosing(): void {
    if (this.#state !== "closing" || this.#connections.size > 0) return;
    if (this.#queue.size > 0 || this.#permits.waiting > 0) return;
    this.#state = "closed";
    ticker.remove(this);
    for (const resolve of this.#onClosed) resolve();
  }
}
