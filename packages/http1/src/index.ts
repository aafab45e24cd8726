// Public face of @latchkey/http1: a strict HTTP/1.1 codec, an upstream client and a front server.
// Nothing else of this package may be imported.

export { describeFault, FAULTS, type Fault, type FaultCode } from "./codec/fault.js";
export { Fields } from "./codec/fields.js";
export { isBodiless } from "./codec/head-text.js";
export { ConnectionBudget, ConnectionShare } from "./connection-budget.js";
export { systemResolver } from "./host-resolver.js";
export { DenseList, type Placed } from "./io/dense-list.js";
export { Http1Server } from "./server/server.js";
export { ServerExchange, type ServerExchangeState, type ServerListener } from "./server/server-exchange.js";
export type {
  ConnectionRefusalReason,
  Http1ServerOptions,
  ServerRefusal,
  ServerTlsOptions,
} from "./server/server-options.js";
export {
  type HostResolver,
  type UpstreamAddress,
  type UpstreamClient,
  type UpstreamClientOptions,
  UpstreamError,
  type UpstreamErrorCode,
  type UpstreamExchange,
  type UpstreamHandler,
  type UpstreamPhase,
  type UpstreamRequest,
  type UpstreamStats,
  type UpstreamTlsOptions,
} from "./upstream-client.js";
export type { Http1PoolOptions } from "./upstream-options.js";
export { Http1Pool } from "./upstream-pool.js";
