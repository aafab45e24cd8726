// What a connection to an origin needs of its pool.

import type { AddressOrder } from "./address-order.js";
import type { ClientRequest } from "./client-request.js";
import type { KeepAliveWatch } from "./keep-alive-watch.js";
import type { OriginMemo } from "./origin-memo.js";
import type { ResponseLimits } from "./response-reader.js";
import type { UpstreamErrorCode } from "./upstream-client.js";
import type { PoolTicks, ResolvedPoolOptions } from "./upstream-options.js";

export interface ConnectionPool<Connection> {
  readonly options: ResolvedPoolOptions;
  readonly responseLimits: ResponseLimits;
  readonly ticks: PoolTicks;
  readonly addressOrder: AddressOrder;
  readonly keepAlive: KeepAliveWatch;
  readonly memo: OriginMemo;
  /** Ready for its first request. */
  connectionReady(connection: Connection): void;
  /** Ready for its next request. */
  connectionFree(connection: Connection): void;
  /** A response is complete, and its connection has been taken care of. */
  requestOver(request: ClientRequest): void;
  /** Never became ready. */
  connectFailed(connection: Connection, code: UpstreamErrorCode, detail: string, cause: unknown): void;
  /** Was ready, and is closed. */
  connectionGone(connection: Connection): void;
  /** Its request may be sent once more, on another connection. */
  retry(request: ClientRequest): void;
}
