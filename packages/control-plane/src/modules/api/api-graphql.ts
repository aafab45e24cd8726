/** APIs and routes as GraphQL shows them. Inputs are in api-input.ts. */
import type { HeaderRules, IpRules } from "@latchkey/core";
import type { RateLimit, ResponseValidation } from "@latchkey/snapshot";
import { GraphQLDateTime, GraphQLJSONObject, GraphQLSafeInt } from "graphql-scalars";
import { Field, ID, Int, ObjectType } from "type-graphql";
import { connectionType } from "../../graphql/connection.js";
import { LABELS, METADATA, OWNER } from "../../graphql/ownership-graphql.js";
import { make, NodeInterface } from "../../graphql/relay-node.js";
import { HeaderRulesType } from "../integration/header-rules-graphql.js";
import { IpRulesType } from "../key/ip-rules-graphql.js";
import { RateLimitType } from "../key/rate-limit-graphql.js";
import type { Api, RouteHead, RouteMethod } from "./api.js";
import { CorsPolicyType } from "./cors-graphql.js";
import { RecordingType, toRecordingType } from "./recording-graphql.js";
import { ResponseValidationEnum } from "./response-validation-graphql.js";
import { RouteMethodEnum } from "./route-method-graphql.js";

@ObjectType("Route", {
  implements: NodeInterface,
  description: "HTTP method and path pattern of an API, and the integration that gets the requests.",
})
export class RouteType extends NodeInterface {
  /** For the field resolver. */
  apiId!: string;

  @Field(() => RouteMethodEnum, { description: "The method it takes." })
  method!: RouteMethod;

  @Field(() => String, {
    description:
      "Path pattern: text, `{name}` for one segment, `{name*}` for the rest. In its canonical spelling.",
  })
  path!: string;

  @Field(() => ID, { description: "Id of the integration that gets the requests." })
  integrationId!: string;

  @Field(() => String, { description: "Name of the operation in the OpenAPI document; unique in the API." })
  operationId!: string;

  @Field(() => Boolean, {
    description:
      "Ingress nodes refuse requests that do not match the operation, or the integration's request schema where the operation describes no body.",
  })
  validate!: boolean;

  @Field(() => ResponseValidationEnum, {
    description: "What ingress nodes do with a response that does not match the operation.",
  })
  responseValidation!: ResponseValidation;

  @Field(() => HeaderRulesType, {
    description: "What is done to headers, after the rules of the integration.",
  })
  headerRules!: HeaderRules;

  @Field(() => GraphQLSafeInt, { description: "Largest request body in bytes; 0: the integration's limit." })
  requestBodyBytesMax!: number;

  @Field(() => RateLimitType, {
    nullable: true,
    description: "How fast it may be used, by all keys together; null: no limit.",
  })
  rateLimit!: RateLimit | null;

  @Field(() => RateLimitType, {
    nullable: true,
    description: "How much it may be used in all, by all keys together; null: no limit.",
  })
  quota!: RateLimit | null;
}

export function toRouteType(route: RouteHead): RouteType {
  return make(RouteType, {
    id: route.id,
    apiId: route.apiId,
    method: route.method,
    path: route.pattern,
    integrationId: route.integrationId,
    operationId: route.operationId,
    validate: route.validate,
    responseValidation: route.responseValidation,
    headerRules: route.headerRules,
    requestBodyBytesMax: route.requestBodyBytesMax,
    rateLimit: route.rateLimit,
    quota: route.quota,
  });
}

@ObjectType("Api", {
  implements: NodeInterface,
  description: "A set of routes that an API key selects.",
})
export class ApiType extends NodeInterface {
  /** For the field resolver. */
  subscriptionId!: string;

  @Field(() => String, { description: "What people call it." })
  title!: string;

  @Field(() => String, { description: "What it is for; may be empty." })
  summary!: string;

  @Field(() => String, { description: "The API's version as shown to people: `v1`." })
  versionLabel!: string;

  @Field(() => Boolean, {
    description: "Secrets of its keys are kept under encryption, so that `revealApiKey` can show them.",
  })
  recoverable!: boolean;

  @Field(() => Boolean, { description: "A bearer token is demanded beside a key in HEADER mode." })
  bearerRequired!: boolean;

  @Field(() => Boolean, { description: "Ingress nodes serve its OpenAPI document to holders of its keys." })
  openapiServed!: boolean;

  @Field(() => CorsPolicyType, {
    nullable: true,
    description: "Which pages may call it from a browser; null: the gateway adds no CORS headers.",
  })
  cors!: CorsPolicyType | null;

  @Field(() => IpRulesType, { description: "From which addresses its keys may be used." })
  ipRules!: IpRules;

  @Field(() => String, { description: OWNER })
  owner!: string;

  @Field(() => [String], { description: LABELS })
  labels!: readonly string[];

  @Field(() => GraphQLJSONObject, { description: METADATA })
  metadata!: object;

  @Field(() => RateLimitType, {
    nullable: true,
    description: "How fast it may be used, by all its keys together; null: no limit.",
  })
  rateLimit!: RateLimit | null;

  @Field(() => RateLimitType, {
    nullable: true,
    description: "How much it may be used in all, by all its keys together; null: no limit.",
  })
  quota!: RateLimit | null;

  @Field(() => RecordingType, {
    nullable: true,
    description: "Headers and bodies of its requests are recorded; null: they are not.",
  })
  recording!: RecordingType | null;

  @Field(() => Int, { description: "Grows by one with each change; pass it as `expectedVersion`." })
  version!: number;

  @Field(() => GraphQLDateTime, { description: "When it was made." })
  createdAt!: Date;

  @Field(() => GraphQLDateTime, { description: "When it was last changed." })
  updatedAt!: Date;
}

export function toApiType(api: Api): ApiType {
  return make(ApiType, {
    id: api.id,
    subscriptionId: api.subscriptionId,
    title: api.title,
    summary: api.summary,
    versionLabel: api.versionLabel,
    recoverable: api.recoverable,
    bearerRequired: api.bearerRequired,
    openapiServed: api.openapiServed,
    cors: api.cors,
    ipRules: api.ipRules,
    owner: api.owner,
    labels: api.labels,
    metadata: api.metadata,
    rateLimit: api.rateLimit,
    quota: api.quota,
    recording: toRecordingType(api.recording),
    version: api.version,
    createdAt: new Date(api.createdAtMs),
    updatedAt: new Date(api.updatedAtMs),
  });
}

export const ApiConnection = connectionType(ApiType, "Api", "APIs");
