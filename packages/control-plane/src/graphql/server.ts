/** Apollo over our schema: limits, error masking, nothing that calls home. Knows no transport. */
import { ApolloServer, type ApolloServerPlugin } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from "@apollo/server/plugin/disabled";
import type { Logger, TraceScope } from "@latchkey/observe";
import { GraphQLError, type GraphQLSchema } from "graphql";
import { classifyError, formatError } from "./format-error.js";
import type { GraphqlMetrics } from "./graphql-metrics.js";
import { checkCost, type GraphqlLimits } from "./limits.js";
import { describeOperation } from "./operation-span.js";
import { checkVariables } from "./variables.js";

/** What the server itself needs to know of a request; the app's context has more. */
export interface OperationContext {
  readonly requestId: string;
  /** The client's `Idempotency-Key`, if it sent one. */
  readonly idempotencyKey?: string | null;
}

export interface GraphqlServerOptions {
  readonly schema: GraphQLSchema;
  readonly limits: GraphqlLimits;
  readonly introspection: boolean;
  /** Operations may be sent by their hash once they were sent whole. */
  readonly persistedQueries: boolean;
  readonly logger: Logger;
  readonly metrics: GraphqlMetrics;
  /** Null: nothing is traced. */
  readonly traces?: TraceScope | null;
}

export async function startGraphqlServer<C extends OperationContext>(
  options: GraphqlServerOptions,
): Promise<ApolloServer<C>> {
  const { schema, limits, introspection, persistedQueries, logger } = options;
  const server = new ApolloServer<C>({
    schema,
    introspection,
    // Every request has shown a bearer token or a CSRF token before (request-auth.ts), and some clients send queries by GET.
    csrfPrevention: false,
    allowBatchedHttpRequests: false,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: !introspection,
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens: limits.tokensMax },
    // Each was checked when it came whole. Apollo keeps 30 MiB of them; the oldest make room.
    persistedQueries: persistedQueries ? {} : false,
    formatError,
    nodeEnv: "production",
    logger: {
      debug: (message) => logger.debug(message),
      info: (message) => logger.debug(message),
      warn: (message) => logger.warn(message),
      error: (message) => logger.error(message),
    },
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      guardPlugin(options),
    ],
  });
  await server.start();
  return server;
}

const LIVE_QUERY_OVER_HTTP =
  "GraphQL subscriptions are served over WebSocket at this address (protocol graphql-transport-ws), not over HTTP.";

/** Before an operation runs, Apollo takes an error without a status for a fault of the server: 500. */
function badRequest(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: "BAD_REQUEST", http: { status: 400 } } });
}

/** Rejects what costs too much, and logs what the client does not see. */
function guardPlugin(options: GraphqlServerOptions): ApolloServerPlugin<OperationContext> {
  const { schema, limits, logger, metrics, introspection, traces } = options;
  return {
    requestDidStart: async () => {
      const startedAtMs = performance.now();
      return {
        willSendResponse: async ({ operation, errors, response }) => {
          metrics.count(
            operation?.operation ?? "none",
            errors === undefined ? "ok" : "error",
            performance.now() - startedAtMs,
          );
          const span = traces?.current ?? null;
          if (span !== null) describeOperation(span, operation, response.http.status ?? 200, errors);
        },
        didResolveOperation: async ({ document, operation, request, contextValue }) => {
          if (operation === undefined) return; // Apollo has a response for that
          if (operation.operation === "subscription") throw badRequest(LIVE_QUERY_OVER_HTTP);
          const isRepeatable =
            contextValue.idempotencyKey !== null && contextValue.idempotencyKey !== undefined;
          if (
            isRepeatable &&
            operation.operation === "mutation" &&
            operation.selectionSet.selections.length !== 1
          )
            throw badRequest("Send one mutation per request with an Idempotency-Key.");
          const variables = request.variables ?? {};
          const refusal =
            checkCost({ schema, document, operation, variables }, limits) ??
            checkVariables({ schema, operation, variables, hideSuggestions: !introspection });
          if (refusal !== null) throw refusal;
        },
        didEncounterErrors: async ({ errors, contextValue, operationName, response }) => {
          for (const error of errors) {
            const { isPublic, status, retryAfterMs, original } = classifyError(error);
            if (status !== null) response.http.status = status;
            if (retryAfterMs !== null)
              response.http.headers.set("retry-after", String(Math.ceil(retryAfterMs / 1_000)));
            if (!isPublic)
              logger.error(
                { err: original, requestId: contextValue.requestId, operationName },
                "an operation failed",
              );
          }
        },
      };
    },
  };
}
