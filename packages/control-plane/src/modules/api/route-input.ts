/** What GraphQL takes about routes: inputs and payloads. */
import type { ResponseValidation } from "@latchkey/snapshot";
import { GraphQLJSONObject, GraphQLSafeInt } from "graphql-scalars";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { EXPECTED_VERSION, MutationPayload } from "../../receipts/mutation-payload.js";
import { HeaderRulesInput } from "../integration/header-rules-graphql.js";
import { RateLimitInput } from "../key/rate-limit-graphql.js";
import type { RouteMethod } from "./api.js";
import { ApiType, RouteType } from "./api-graphql.js";
import { ResponseValidationEnum } from "./response-validation-graphql.js";
import { RouteMethodEnum } from "./route-method-graphql.js";

const PATH =
  'Path pattern: "/orders/{id}", "/orders/{id}.json", "/files/{path*}". At most 2,048 characters and 64 segments.';
const TARGET = "The integration that gets the requests: of the same subscription, with inbound kind API.";
const OPERATION_ID = "Name of the operation in the OpenAPI document; made from method and path without it.";
const VALIDATE =
  "Refuse requests that do not match the operation, or the integration's request schema where the operation describes no body.";
const RESPONSE_VALIDATION = "What to do with a response that does not match the operation.";
const OPERATION =
  'The Operation Object of OpenAPI 3.1: summary, description, tags, deprecated, externalDocs, parameters, requestBody, responses. At most 262,144 characters. References lead to the API\'s schemas: {"$ref": "#/components/schemas/Order"}. Left out, it stays; null removes it.';

const HEADER_RULES =
  "What is done to headers, after the rules of the integration. Left out, it stays; null removes them.";

const BODY_MAX =
  "Largest request body in bytes; the smaller one of this and the integration's limit counts. 0 or null: the integration's.";

/** What every form of a route may leave out. */
@InputType()
abstract class RouteSettings {
  @Field(() => Boolean, { nullable: true, description: VALIDATE })
  validate?: boolean | null;

  @Field(() => ResponseValidationEnum, { nullable: true, description: RESPONSE_VALIDATION })
  responseValidation?: ResponseValidation | null;

  @Field(() => GraphQLJSONObject, { nullable: true, description: OPERATION })
  operation?: object | null;

  @Field(() => HeaderRulesInput, { nullable: true, description: HEADER_RULES })
  headerRules?: HeaderRulesInput | null;

  @Field(() => GraphQLSafeInt, { nullable: true, description: BODY_MAX })
  requestBodyBytesMax?: number | null;

  @Field(() => RateLimitInput, {
    nullable: true,
    description: "How fast it may be used, by all keys together; null: no limit.",
  })
  rateLimit?: RateLimitInput | null;

  @Field(() => RateLimitInput, {
    nullable: true,
    description: "How much it may be used in all, by all keys together; null: no limit.",
  })
  quota?: RateLimitInput | null;
}

/** What a new route and a route of an API's form share. */
@InputType()
abstract class RouteFields extends RouteSettings {
  @Field(() => RouteMethodEnum, { description: "The method it takes." })
  method!: RouteMethod;

  @Field(() => String, { description: PATH })
  path!: string;

  @Field(() => ID, { description: TARGET })
  integrationId!: string;

  @Field(() => String, { nullable: true, description: OPERATION_ID })
  operationId?: string | null;
}

@InputType({ description: "A route of an API's form." })
export class RouteInput extends RouteFields {
  @Field(() => ID, {
    nullable: true,
    description:
      "The route it was, so that it keeps its id; without it a route is recognized by method and path.",
  })
  id?: string | null;
}

@InputType({ description: "A new route." })
export class NewRouteInput extends RouteFields {}

@InputType({ description: "A route to add to an API." })
export class AddRouteInput {
  @Field(() => ID, { description: "The API; it has at most 1,000 routes." })
  apiId!: string;

  @Field(() => NewRouteInput, { description: "The route." })
  route!: NewRouteInput;

  @Field(() => Int, {
    nullable: true,
    description: "Place among the API's routes, from 0; the last one without it. Means nothing for matching.",
  })
  position?: number | null;

  @Field(() => Int, { nullable: true, description: `The API's version. ${EXPECTED_VERSION}` })
  expectedVersion?: number | null;
}

@InputType({ description: "Changes to a route. What is left out stays." })
export class UpdateRouteInput extends RouteSettings {
  @Field(() => ID, { description: "The route to change." })
  id!: string;

  @Field(() => RouteMethodEnum, { nullable: true, description: "The method it takes." })
  method?: RouteMethod | null;

  @Field(() => String, { nullable: true, description: PATH })
  path?: string | null;

  @Field(() => ID, { nullable: true, description: TARGET })
  integrationId?: string | null;

  @Field(() => String, { nullable: true, description: "Name of the operation in the OpenAPI document." })
  operationId?: string | null;

  @Field(() => Int, { nullable: true, description: `The API's version. ${EXPECTED_VERSION}` })
  expectedVersion?: number | null;
}

@InputType({ description: "The route to remove from its API." })
export class RemoveRouteInput {
  @Field(() => ID, { description: "The route." })
  id!: string;

  @Field(() => Int, { nullable: true, description: `The API's version. ${EXPECTED_VERSION}` })
  expectedVersion?: number | null;
}

/** What the payloads of a route's changes share. */
@ObjectType()
abstract class RoutePayload extends MutationPayload {
  @Field(() => ApiType, {
    nullable: true,
    description: "Its API as it is now; null when there are user errors.",
  })
  api!: ApiType | null;
}

@ObjectType({ description: "Payload of `addRoute`." })
export class AddRoutePayload extends RoutePayload {
  @Field(() => RouteType, { nullable: true, description: "The new route; null when there are user errors." })
  route!: RouteType | null;
}

@ObjectType({ description: "Payload of `updateRoute`." })
export class UpdateRoutePayload extends RoutePayload {
  @Field(() => RouteType, { nullable: true, description: "As it is now; null when there are user errors." })
  route!: RouteType | null;
}

@ObjectType({ description: "Payload of `removeRoute`." })
export class RemoveRoutePayload extends RoutePayload {
  @Field(() => ID, {
    nullable: true,
    description: "Id of the removed route; null when there are user errors.",
  })
  removedRouteId!: string | null;
}
