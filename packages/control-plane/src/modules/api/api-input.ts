/** What GraphQL takes about APIs: inputs and payloads. */
import { GraphQLJSONObject } from "graphql-scalars";
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { OrderDirectionEnum } from "../../graphql/connection.js";
import { MutationPayload } from "../../graphql/user-error.js";
import { ApiKeyType } from "../key/api-key-graphql.js";
import { ApiKeyFields } from "../key/api-key-input.js";
import { ApiType } from "./api-graphql.js";
import type { ApiOrderField } from "./api-store.js";

const ApiOrderFieldEnum = {
  TITLE: "title",
  CREATED_AT: "createdAt",
  UPDATED_AT: "updatedAt",
} as const satisfies Record<string, ApiOrderField>;
registerEnumType(ApiOrderFieldEnum, {
  name: "ApiOrderField",
  description: "What APIs can be ordered by.",
  valuesConfig: {
    TITLE: { description: "By title, without regard to case." },
    CREATED_AT: { description: "By the time they were made." },
    UPDATED_AT: { description: "By the time of their last change." },
  },
});

@InputType({ description: "How to order APIs." })
export class ApiOrder {
  @Field(() => ApiOrderFieldEnum, { description: "What to order by." })
  field!: ApiOrderField;

  @Field(() => OrderDirectionEnum, { description: "Which end comes first." })
  direction!: "asc" | "desc";
}

@InputType({ description: "Which APIs to list." })
export class ApiFilter {
  @Field(() => String, {
    nullable: true,
    description:
      "Words that title, summary or paths contain, without regard to case; all of them must be there.",
  })
  search?: string | null;

  @Field(() => ID, { nullable: true, description: "Only those with a route to this integration." })
  integrationId?: string | null;
}

@InputType({ description: "A route of an API's form." })
export class RouteInput {
  @Field(() => ID, {
    nullable: true,
    description:
      "The route it was, so that it keeps its id; without it a route is recognised by method and path.",
  })
  id?: string | null;

  @Field(() => String, {
    description:
      "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, or ANY for every method no other route of the path names.",
  })
  method!: string;

  @Field(() => String, {
    description: 'Path pattern: "/orders/{id}", "/files/{path*}". At most 2,048 characters and 64 segments.',
  })
  path!: string;

  @Field(() => ID, {
    description: "The integration that gets the requests: of the same subscription, with inbound kind API.",
  })
  integrationId!: string;

  @Field(() => String, {
    nullable: true,
    description: "Name of the operation in the OpenAPI document; made from method and path without it.",
  })
  operationId?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Refuse requests that do not match the integration's request schema.",
  })
  validate?: boolean | null;

  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description:
      'Schemas of path and query parameters: {"path": {"id": {"schema": {…}}}, "query": [{"name": "page", "required": true, "schema": {…}}]}. Left out, they stay.',
  })
  parameters?: object | null;
}

@InputType({ description: "The key that is made along with an API." })
export class FirstApiKeyInput extends ApiKeyFields {}

@InputType({ description: "A new API. A key is made along with it." })
export class CreateApiInput {
  @Field(() => String, { description: "What people call it: 1 to 200 characters." })
  title!: string;

  @Field(() => String, { nullable: true, description: "What it is for: at most 10,000 characters." })
  summary?: string | null;

  @Field(() => ID, { description: "The subscription that will own it." })
  subscriptionId!: string;

  @Field(() => [RouteInput], { nullable: true, description: "Its routes, at most 1,000." })
  routes?: RouteInput[] | null;

  @Field(() => String, { nullable: true, description: "The version shown to people; `v1` without it." })
  versionLabel?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Keep the secrets of its keys under encryption, so that `revealApiKey` can show them again.",
  })
  recoverable?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: "Demand a bearer token beside a key in HEADER mode." })
  bearerRequired?: boolean | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Let ingress nodes serve its OpenAPI document to holders of its keys.",
  })
  openapiServed?: boolean | null;

  @Field(() => FirstApiKeyInput, { nullable: true, description: "Settings of the key that is made along." })
  key?: FirstApiKeyInput | null;
}

@InputType({
  description:
    "The whole form of an API: title, summary and routes as they shall be. The rest stays when left out.",
})
export class UpdateApiInput {
  @Field(() => ID, { description: "The API to change." })
  id!: string;

  @Field(() => Int, { description: "The `version` that was seen; another one now is a CONFLICT." })
  expectedVersion!: number;

  @Field(() => String, { description: "What people call it: 1 to 200 characters." })
  title!: string;

  @Field(() => String, { description: "What it is for: at most 10,000 characters." })
  summary!: string;

  @Field(() => [RouteInput], {
    description: "All its routes in order, at most 1,000; those not listed are deleted.",
  })
  routes!: RouteInput[];

  @Field(() => ID, {
    nullable: true,
    description: "Move it to this subscription; its routes must lead to integrations of it.",
  })
  subscriptionId?: string | null;

  @Field(() => String, { nullable: true, description: "The version shown to people." })
  versionLabel?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Keep secrets of keys made from now on; false forgets those that were kept.",
  })
  recoverable?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: "Demand a bearer token beside a key in HEADER mode." })
  bearerRequired?: boolean | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Let ingress nodes serve its OpenAPI document to holders of its keys.",
  })
  openapiServed?: boolean | null;
}

@InputType({ description: "The API to delete, with its routes and keys." })
export class DeleteApiInput {
  @Field(() => ID, { description: "The API." })
  id!: string;

  @Field(() => Int, { nullable: true, description: "Delete it only if this is still its `version`." })
  expectedVersion?: number | null;
}

@ObjectType({ description: "Answer to `createApi`." })
export class CreateApiPayload extends MutationPayload {
  @Field(() => ApiType, { nullable: true, description: "The new API; null when there are user errors." })
  api!: ApiType | null;

  @Field(() => ApiKeyType, { nullable: true, description: "The key that was made along." })
  key!: ApiKeyType | null;

  @Field(() => String, {
    nullable: true,
    description:
      "The key's secret. Shown this once, unless the API is recoverable; a request repeated by its Idempotency-Key does not show it again.",
  })
  secret!: string | null;
}

@ObjectType({ description: "Answer to `updateApi`." })
export class UpdateApiPayload extends MutationPayload {
  @Field(() => ApiType, { nullable: true, description: "As it is now; null when there are user errors." })
  api!: ApiType | null;
}

@ObjectType({ description: "Answer to `deleteApi`." })
export class DeleteApiPayload extends MutationPayload {
  @Field(() => ID, {
    nullable: true,
    description: "The id that is free of meaning now; null when there are user errors.",
  })
  deletedApiId!: string | null;
}
