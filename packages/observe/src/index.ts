/** What every process tells of itself (log lines and metrics), does to stay alive and private, and finds hosts by. */
export * from "./child-options.js";
export { connectionsFor, descriptorsMax } from "./descriptor-limit.js";
export { grpcTarget } from "./dns/grpc-names.js";
export type { HostAddress } from "./dns/host-address.js";
export { NameError } from "./dns/name-error.js";
export * from "./dns/name-resolver.js";
export { type ResolverLimits, resolverLimits } from "./dns/resolver-limits.js";
export { renameDurably, writeFileDurably } from "./durable-file.js";
export * from "./fatal-error.js";
export { HostNames } from "./host-names.js";
export * from "./log-output.js";
export * from "./logger.js";
export * from "./metrics.js";
export { openTracing } from "./otlp/open-tracing.js";
export { type OpenSpan, TraceScope } from "./otlp/trace-scope.js";
export {
  type FinishedSpan,
  type SpanAttributes,
  type SpanCounts,
  type SpanStart,
  type Tracing,
  traceparentOf,
} from "./otlp/tracing.js";
export * from "./private-files.js";
export { release } from "./release.js";
export { writeRetryMs } from "./write-retry.js";
