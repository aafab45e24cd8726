/** Integrations as GraphQL shows them. Inputs are in integration-input.ts. */
import type { HeaderRules } from "@latchkey/core";
import type {
  CircuitBreaker,
  HealthCheck,
  IntegrationLimits,
  LoadBalancing,
  RateLimit,
  RetryPolicy,
} from "@latchkey/snapshot";
import { GraphQLDateTime, GraphQLSafeInt } from "graphql-scalars";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { connectionType } from "../../graphql/connection.js";
import { make, NodeInterface } from "../../graphql/relay-node.js";
import type { RouteMethod } from "../api/api.js";
import { RouteMethodEnum } from "../api/route-method-graphql.js";
import { RateLimitType } from "../key/rate-limit-graphql.js";
import { HeaderRulesType } from "./header-rules-graphql.js";
import type { Example, InboundKind, Integration, UpstreamMethod } from "./integration.js";
import { isRoutable } from "./integration.js";

export const InboundKindEnum = {
  API: "api",
  QUEUE: "queue",
  EVENT: "event",
  SCHEDULE: "schedule",
  FILE: "file",
  EMAIL: "email",
} as const satisfies Record<string, InboundKind>;
registerEnumType(InboundKindEnum, {
  name: "InboundKind",
  description: "What starts an integration.",
  valuesConfig: {
    API: { description: "An HTTP request. Only these can be routed to." },
    QUEUE: { description: "A message in a queue." },
    EVENT: { description: "An event of another system." },
    SCHEDULE: { description: "The clock." },
    FILE: { description: "A file that appears." },
    EMAIL: { description: "A mail that arrives." },
  },
});

export const UpstreamMethodEnum = {
  POST: "POST",
  PUT: "PUT",
  PATCH: "PATCH",
  DELETE: "DELETE",
  GET: "GET",
  HEAD: "HEAD",
  OPTIONS: "OPTIONS",
  AS_RECEIVED: "AS_RECEIVED",
} as const satisfies Record<UpstreamMethod, UpstreamMethod>;
registerEnumType(UpstreamMethodEnum, {
  name: "UpstreamMethod",
  description:
    "Method of the request that an ingress node sends to the integration. But for AS_RECEIVED it does not depend on the client's.",
  valuesConfig: {
    POST: { description: "The default." },
    PUT: { description: "PUT." },
    PATCH: { description: "PATCH." },
    DELETE: { description: "DELETE." },
    GET: { description: "GET: the body is not sent." },
    HEAD: { description: "HEAD: the response has no body." },
    OPTIONS: { description: "OPTIONS." },
    AS_RECEIVED: {
      description:
        "The client's own method. For integrations that tell HEAD and OPTIONS probes of webhook senders from deliveries.",
    },
  },
});

export const LoadBalancingEnum = {
  ROUND_ROBIN: "round-robin",
  LEAST_REQUESTS: "least-requests",
} as const satisfies Record<string, LoadBalancing>;
registerEnumType(LoadBalancingEnum, {
  name: "LoadBalancing",
  description: "Which of several URLs gets the next request.",
  valuesConfig: {
    ROUND_ROBIN: { description: "One after the other." },
    LEAST_REQUESTS: { description: "The one with the fewest requests under way." },
  },
});

export const ExampleDirectionEnum = { REQUEST: "request", RESPONSE: "response" } as const satisfies Record<
  string,
  Example["direction"]
>;
registerEnumType(ExampleDirectionEnum, {
  name: "ExampleDirection",
  description: "Whose body an example shows.",
  valuesConfig: {
    REQUEST: { description: "What a client sends." },
    RESPONSE: { description: "The response of the integration." },
  },
});

@ObjectType("IntegrationLimits", {
  description: "Bounds of a request to the integration. 0 means the ingress node's configured default.",
})
class IntegrationLimitsType implements IntegrationLimits {
  @Field(() => GraphQLSafeInt, { description: "Largest request body, in bytes." })
  requestBodyBytesMax!: number;

  @Field(() => GraphQLSafeInt, { description: "Largest response body, in bytes." })
  responseBodyBytesMax!: number;

  @Field(() => Int, { description: "How long connecting may take, in milliseconds." })
  connectTimeoutMs!: number;

  @Field(() => Int, {
    description: "From the end of the request to the head of the response, in milliseconds.",
  })
  firstByteTimeoutMs!: number;

  @Field(() => Int, { description: "Longest silence within a body, in milliseconds." })
  bodyIdleTimeoutMs!: number;

  @Field(() => GraphQLSafeInt, { description: "Requests under way at once, from each node." })
  concurrentRequestsMax!: number;
}

@ObjectType("HealthCheck", { description: "How ingress nodes probe each URL of an integration." })
class HealthCheckType implements HealthCheck {
  @Field(() => String, { description: "Path and query that are asked for with GET." })
  path!: string;

  @Field(() => Int, { description: "From one probe to the next, in milliseconds." })
  intervalMs!: number;

  @Field(() => Int, { description: "How long a probe may take, in milliseconds." })
  timeoutMs!: number;

  @Field(() => Int, { description: "Failed probes in a row that take a URL out." })
  unhealthyAfter!: number;

  @Field(() => Int, { description: "Good probes in a row that bring it back." })
  healthyAfter!: number;
}

@ObjectType("CircuitBreaker", { description: "When an ingress node stops asking a URL that keeps failing." })
class CircuitBreakerType implements CircuitBreaker {
  @Field(() => Int, { description: "Failures in a row that open the circuit." })
  failures!: number;

  @Field(() => Int, { description: "How long it stays open before one request tries, in milliseconds." })
  openMs!: number;
}

@ObjectType("RetryPolicy", { description: "How often an ingress node asks again." })
class RetryPolicyType implements RetryPolicy {
  @Field(() => Int, { description: "Extra attempts; 0: once, and only when nothing was sent." })
  attemptsMax!: number;

  @Field(() => Int, { description: "Retries allowed for each 100 requests." })
  budgetPercent!: number;
}

@ObjectType("Example", { description: "An example body, for people and for the OpenAPI document." })
class ExampleType implements Example {
  @Field(() => String, { description: "What people call it." })
  name!: string;

  @Field(() => ExampleDirectionEnum, { description: "Whose body it is." })
  direction!: Example["direction"];

  @Field(() => String, { description: "Its media type." })
  contentType!: string;

  @Field(() => String, { description: "The body as text." })
  value!: string;
}

@ObjectType("Integration", {
  implements: NodeInterface,
  description: "A target that routes can name. Its id goes upstream as `ConfigCorrelationId`.",
})
export class IntegrationType extends NodeInterface {
  /** For the field resolvers. */
  subscriptionId!: string;
  credentialIds!: readonly string[];

  @Field(() => String, { description: "What people call it." })
  name!: string;

  @Field(() => String, { description: "What it is for; may be empty." })
  description!: string;

  @Field(() => InboundKindEnum, { description: "What starts it." })
  inboundKind!: InboundKind;

  @Field(() => Boolean, { description: "Whether routes can name it: its inbound kind is API." })
  routable!: boolean;

  @Field(() => [String], { description: "Where requests go; at least one when the inbound kind is API." })
  urls!: readonly string[];

  @Field(() => UpstreamMethodEnum, { description: "Method of the request to the integration." })
  method!: UpstreamMethod;

  @Field(() => IntegrationLimitsType, { description: "Bounds of a request." })
  limits!: IntegrationLimits;

  @Field(() => LoadBalancingEnum, { description: "Which of several URLs gets the next request." })
  loadBalancing!: LoadBalancing;

  @Field(() => HealthCheckType, {
    nullable: true,
    description: "How nodes probe the URLs; null: they do not.",
  })
  healthCheck!: HealthCheck | null;

  @Field(() => CircuitBreakerType, { nullable: true, description: "When nodes stop asking; null: never." })
  circuitBreaker!: CircuitBreaker | null;

  @Field(() => RetryPolicyType, { description: "How often nodes ask again." })
  retry!: RetryPolicy;

  @Field(() => Boolean, {
    description:
      "Whether the integration gets the bearer token that an API demands and the node has verified. Other APIs' requests keep their `Authorization` header anyway.",
  })
  forwardAuthorization!: boolean;

  @Field(() => Boolean, {
    description:
      "Whether clients may switch to WebSocket (RFC 6455) on routes to the integration. Off, a request for it goes on as an ordinary one. Nodes with the engine uws respond with 501.",
  })
  webSockets!: boolean;

  @Field(() => HeaderRulesType, { description: "What is done to headers of every request and response." })
  headerRules!: HeaderRules;

  @Field(() => [String], {
    description:
      "Headers of requests in the spelling that the integration needs; others go on in lower case.",
  })
  spelledHeaders!: readonly string[];

  @Field(() => RateLimitType, {
    nullable: true,
    description: "How fast it may be used, by all routes to it together; null: no limit.",
  })
  rateLimit!: RateLimit | null;

  @Field(() => RateLimitType, {
    nullable: true,
    description: "How much it may be used in all, by all routes to it together; null: no limit.",
  })
  quota!: RateLimit | null;

  @Field(() => String, {
    nullable: true,
    description: "JSON Schema of request bodies, as text; null: any body.",
  })
  requestSchema!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "JSON Schema of responses, as text; null: not described.",
  })
  responseSchema!: string | null;

  @Field(() => [String], { description: "Media types a request may have; empty: any." })
  requestContentTypes!: readonly string[];

  @Field(() => [String], { description: "Media types of responses; empty: not described." })
  responseContentTypes!: readonly string[];

  @Field(() => [ExampleType], { description: "Example bodies." })
  examples!: readonly Example[];

  @Field(() => Int, { description: "Grows by one with each change; pass it as `expectedVersion`." })
  version!: number;

  @Field(() => GraphQLDateTime, { description: "When it was made." })
  createdAt!: Date;

  @Field(() => GraphQLDateTime, { description: "When it was last changed." })
  updatedAt!: Date;
}

export function toIntegrationType(integration: Integration): IntegrationType {
  return make(IntegrationType, {
    id: integration.id,
    subscriptionId: integration.subscriptionId,
    name: integration.name,
    description: integration.description,
    inboundKind: integration.inboundKind,
    routable: isRoutable(integration),
    urls: integration.urls,
    method: integration.method,
    ...integration.policy,
    ...integration.contract,
    credentialIds: integration.credentialIds,
    version: integration.version,
    createdAt: new Date(integration.createdAtMs),
    updatedAt: new Date(integration.updatedAtMs),
  });
}

export const IntegrationConnection = connectionType(IntegrationType, "Integration", "integrations");

@ObjectType("RouteUse", { description: "A route that names an integration." })
export class RouteUseType {
  @Field(() => ID, { description: "Id of the API the route belongs to." })
  apiId!: string;

  @Field(() => String, { description: "Title of that API." })
  apiTitle!: string;

  @Field(() => RouteMethodEnum, { description: "The route's method." })
  method!: RouteMethod;

  @Field(() => String, { description: "The route's path pattern." })
  path!: string;
}
