/** What GraphQL takes about integrations: inputs and payloads. */
import type { LoadBalancing } from "@latchkey/snapshot";
import { GraphQLSafeInt } from "graphql-scalars";
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { OrderDirectionEnum } from "../../graphql/connection.js";
import { EXPECTED_VERSION, MutationPayload } from "../../receipts/mutation-payload.js";
import { RateLimitInput } from "../key/rate-limit-graphql.js";
import { HeaderRulesInput } from "./header-rules-graphql.js";
import type { Example, InboundKind, UpstreamMethod } from "./integration.js";
import {
  ExampleDirectionEnum,
  InboundKindEnum,
  IntegrationType,
  LoadBalancingEnum,
  UpstreamMethodEnum,
} from "./integration-graphql.js";
import type { IntegrationOrderField } from "./integration-store.js";

const IntegrationOrderFieldEnum = {
  NAME: "name",
  CREATED_AT: "createdAt",
  UPDATED_AT: "updatedAt",
} as const satisfies Record<string, IntegrationOrderField>;
registerEnumType(IntegrationOrderFieldEnum, {
  name: "IntegrationOrderField",
  description: "What integrations can be ordered by.",
  valuesConfig: {
    NAME: { description: "By name, without regard to case." },
    CREATED_AT: { description: "By the time they were made." },
    UPDATED_AT: { description: "By the time of their last change." },
  },
});

@InputType({ description: "How to order integrations." })
export class IntegrationOrder {
  @Field(() => IntegrationOrderFieldEnum, { description: "What to order by." })
  field!: IntegrationOrderField;

  @Field(() => OrderDirectionEnum, { description: "Which end comes first." })
  direction!: "asc" | "desc";
}

@InputType({ description: "Which integrations to list." })
export class IntegrationFilter {
  @Field(() => ID, { nullable: true, description: "Only those of this subscription." })
  subscriptionId?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "True: only those that routes can name (inbound kind API); false: only the others.",
  })
  routable?: boolean | null;

  @Field(() => String, { nullable: true, description: "Words that name, description and URLs contain." })
  search?: string | null;

  @Field(() => InboundKindEnum, { nullable: true, description: "Only those that this starts." })
  inboundKind?: InboundKind | null;

  @Field(() => ID, { nullable: true, description: "Only those that use this credential." })
  credentialId?: string | null;
}

@InputType({
  description: "Bounds of a request to the integration. Left out, null or 0: the node's default.",
})
class IntegrationLimitsInput {
  @Field(() => GraphQLSafeInt, { nullable: true, description: "Largest request body, in bytes." })
  requestBodyBytesMax?: number | null;

  @Field(() => GraphQLSafeInt, { nullable: true, description: "Largest response body, in bytes." })
  responseBodyBytesMax?: number | null;

  @Field(() => Int, { nullable: true, description: "How long connecting may take, in milliseconds." })
  connectTimeoutMs?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "From the end of the request to the head of the response, in milliseconds.",
  })
  firstByteTimeoutMs?: number | null;

  @Field(() => Int, { nullable: true, description: "Longest silence within a body, in milliseconds." })
  bodyIdleTimeoutMs?: number | null;

  @Field(() => GraphQLSafeInt, { nullable: true, description: "Requests under way at once, from each node." })
  concurrentRequestsMax?: number | null;
}

@InputType({ description: "How ingress nodes probe each URL." })
class HealthCheckInput {
  @Field(() => String, { description: 'Path and query that are asked for with GET: "/health".' })
  path!: string;

  @Field(() => Int, { defaultValue: 10_000, description: "From one probe to the next: 500 to 3,600,000 ms." })
  intervalMs!: number;

  @Field(() => Int, { defaultValue: 2_000, description: "How long a probe may take: 50 to 60,000 ms." })
  timeoutMs!: number;

  @Field(() => Int, { defaultValue: 3, description: "Failed probes in a row that take a URL out: 1 to 100." })
  unhealthyAfter!: number;

  @Field(() => Int, { defaultValue: 2, description: "Good probes in a row that bring it back: 1 to 100." })
  healthyAfter!: number;
}

@InputType({ description: "When ingress nodes stop asking a URL that keeps failing." })
class CircuitBreakerInput {
  @Field(() => Int, { defaultValue: 5, description: "Failures in a row that open the circuit: 1 to 10,000." })
  failures!: number;

  @Field(() => Int, { defaultValue: 10_000, description: "How long it stays open: 100 to 3,600,000 ms." })
  openMs!: number;
}

@InputType({ description: "How often ingress nodes ask again." })
class RetryPolicyInput {
  @Field(() => Int, {
    defaultValue: 0,
    description: "Extra attempts, 0 to 10; 0: once, and only when nothing was sent.",
  })
  attemptsMax!: number;

  @Field(() => Int, { defaultValue: 20, description: "Retries allowed for each 100 requests: 0 to 100." })
  budgetPercent!: number;
}

@InputType({ description: "An example body." })
class ExampleInput {
  @Field(() => String, { description: "What people call it: 1 to 100 characters." })
  name!: string;

  @Field(() => ExampleDirectionEnum, { description: "Whose body it is." })
  direction!: Example["direction"];

  @Field(() => String, { defaultValue: "application/json", description: "Its media type." })
  contentType!: string;

  @Field(() => String, { description: "The body as text: at most 65,536 characters." })
  value!: string;
}

/** The fields that creating and changing share. */
@InputType()
abstract class IntegrationFields {
  @Field(() => String, { nullable: true, description: "What it is for: at most 10,000 characters." })
  description?: string | null;

  @Field(() => InboundKindEnum, { nullable: true, description: "What starts it; API without it." })
  inboundKind?: InboundKind | null;

  @Field(() => [String], {
    nullable: true,
    description:
      "Where requests go: 1 to 32 http or https URLs without user name, password and fragment. Several get requests in turn.",
  })
  urls?: string[] | null;

  @Field(() => UpstreamMethodEnum, {
    nullable: true,
    description: "Method of the request to the integration; POST without it.",
  })
  method?: UpstreamMethod | null;

  @Field(() => IntegrationLimitsInput, { nullable: true, description: "Bounds of a request." })
  limits?: IntegrationLimitsInput | null;

  @Field(() => LoadBalancingEnum, {
    nullable: true,
    description: "Which of several URLs gets the next request.",
  })
  loadBalancing?: LoadBalancing | null;

  @Field(() => HealthCheckInput, {
    nullable: true,
    description: "How nodes probe the URLs; null: they do not.",
  })
  healthCheck?: HealthCheckInput | null;

  @Field(() => CircuitBreakerInput, { nullable: true, description: "When nodes stop asking; null: never." })
  circuitBreaker?: CircuitBreakerInput | null;

  @Field(() => RetryPolicyInput, { nullable: true, description: "How often nodes ask again." })
  retry?: RetryPolicyInput | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      "Whether the integration gets the bearer token that an API demands and the node has verified; false without it.",
  })
  forwardAuthorization?: boolean | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      "Whether clients may switch to WebSocket on routes to the integration; false without it. Not on nodes with the engine uws.",
  })
  webSockets?: boolean | null;

  @Field(() => HeaderRulesInput, {
    nullable: true,
    description: "What is done to headers of every request and response; null: nothing.",
  })
  headerRules?: HeaderRulesInput | null;

  @Field(() => [String], {
    nullable: true,
    description: "Headers of requests in the spelling that the integration needs, at most 50: `SOAPAction`.",
  })
  spelledHeaders?: string[] | null;

  @Field(() => RateLimitInput, {
    nullable: true,
    description: "How fast it may be used, by all routes to it together; null: no limit.",
  })
  rateLimit?: RateLimitInput | null;

  @Field(() => RateLimitInput, {
    nullable: true,
    description: "How much it may be used in all, by all routes to it together; null: no limit.",
  })
  quota?: RateLimitInput | null;

  @Field(() => String, {
    nullable: true,
    description: "JSON Schema of request bodies, as text: at most 262,144 characters.",
  })
  requestSchema?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "JSON Schema of responses, as text: at most 262,144 characters.",
  })
  responseSchema?: string | null;

  @Field(() => [String], {
    nullable: true,
    description: "Media types a request may have, at most 32; empty: any.",
  })
  requestContentTypes?: string[] | null;

  @Field(() => [String], { nullable: true, description: "Media types of responses, at most 32." })
  responseContentTypes?: string[] | null;

  @Field(() => [ExampleInput], { nullable: true, description: "Example bodies, at most 32." })
  examples?: ExampleInput[] | null;

  @Field(() => [ID], {
    nullable: true,
    description:
      "The credentials that requests log in with, of the same subscription, at most 4; an empty list: none. The client's own `Authorization` then does not go on.",
  })
  credentialIds?: string[] | null;
}

@InputType({ description: "A new integration. What is left out gets its default." })
export class CreateIntegrationInput extends IntegrationFields {
  @Field(() => ID, { description: "The subscription that will own it." })
  subscriptionId!: string;

  @Field(() => String, { description: "What people call it: 1 to 200 characters." })
  name!: string;
}

@InputType({
  description: "Changes to an integration. What is left out stays; null brings the default back.",
})
export class UpdateIntegrationInput extends IntegrationFields {
  @Field(() => ID, { description: "The integration to change." })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description: EXPECTED_VERSION,
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "What people call it: 1 to 200 characters." })
  name?: string | null;
}

@InputType({ description: "The integration to delete." })
export class DeleteIntegrationInput {
  @Field(() => ID, {
    description: "No route may name it any more; otherwise the error IN_USE names the routes.",
  })
  id!: string;

  @Field(() => Int, { nullable: true, description: EXPECTED_VERSION })
  expectedVersion?: number | null;
}

@ObjectType({ description: "Response to `createIntegration`." })
export class CreateIntegrationPayload extends MutationPayload {
  @Field(() => IntegrationType, {
    nullable: true,
    description: "The new integration; null when there are user errors.",
  })
  integration!: IntegrationType | null;
}

@ObjectType({ description: "Response to `updateIntegration`." })
export class UpdateIntegrationPayload extends MutationPayload {
  @Field(() => IntegrationType, {
    nullable: true,
    description: "As it is now; null when there are user errors.",
  })
  integration!: IntegrationType | null;
}

@ObjectType({ description: "Response to `deleteIntegration`." })
export class DeleteIntegrationPayload extends MutationPayload {
  @Field(() => ID, {
    nullable: true,
    description: "The id that is free of meaning now; null when there are user errors.",
  })
  deletedIntegrationId!: string | null;
}
