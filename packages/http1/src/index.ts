// Public face of @latchkey/http1: a strict HTTP/1.1 codec, an upstream client and a front server.
// Nothing else of this package may be imported.

export { ConnectionBudget, ConnectionShare } from "./client/connection-budget.js";
export { systemResolver } from "./client/host-resolver.js";
export { OriginMemo } from "./client/origin-memo.js";
export {
  type HostResolver,
  type OutgoingRequest,
  type UpstreamAddress,
  type UpstreamClient,
  type UpstreamClientOptions,
  UpstreamError,
  type UpstreamErrorCode,
  type UpstreamHandler,
  type UpstreamPhase,
  type UpstreamRequest,
  type UpstreamStats,
  type UpstreamTlsOptions,
} from "./client/upstream-client.js";
export type { Http1PoolOptions } from "./client/upstream-options.js";
export { Http1Pool } from "./client/upstream-pool.js";
export { describeFault, FAULTS, type Fault, type FaultCode } from "./codec/fault.js";
export { isBodiless } from "./codec/head-text.js";
export { ResponseHeaders, SharedHeaders } from "./codec/shared-headers.js";
export { DenseList, type Placed } from "./io/dense-list.js";
export type { MissingInternal } from "./io/internals-check.js";
export { type IoMode, ioPath } from "./io/io-path.js";
export { ConnectionMemo } from "./server/connection-memo.js";
export { Http1Server } from "./server/server.js";
export type {
  ConnectionRefusalReason,
  Http1ServerOptions,
  ServerTlsOptions,
} from "./server/server-options.js";
export type { ServerRefusal } from "./server/server-refusal.js";
export { type ServerListener, ServerRequest, type ServerRequestState } from "./server/server-request.js";
