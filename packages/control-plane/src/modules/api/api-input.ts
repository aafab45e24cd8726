/** What GraphQL takes about APIs: inputs and payloads. */
import { GraphQLJSONObject } from "graphql-scalars";
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { OrderDirectionEnum } from "../../graphql/connection.js";
import { LABEL_FILTER, OwnershipFields } from "../../graphql/ownership-graphql.js";
import { EXPECTED_VERSION, MutationPayload } from "../../receipts/mutation-payload.js";
import { ApiKeyType } from "../key/api-key-graphql.js";
import { ApiKeyFields } from "../key/api-key-input.js";
import { IpRulesInput } from "../key/ip-rules-graphql.js";
import { RateLimitInput } from "../key/rate-limit-graphql.js";
import { ApiType } from "./api-graphql.js";
import type { ApiOrderField } from "./api-store.js";
import { CorsPolicyInput } from "./cors-graphql.js";
import { RecordingInput } from "./recording-graphql.js";
import { RouteInput } from "./route-input.js";

const SCHEMAS =
  "Schemas that the routes' operations share, by name: letters, digits, `.`, `_`, `-`. JSON Schema 2020-12, at most 8,388,608 characters.";
const INFO =
  "Contact, license and terms of service of the OpenAPI document: `{contact: {name, url, email}, license: {name, identifier, url}, termsOfService}`. Left out it stays as it is; null removes it.";
const TAGS = "Tag Objects of OpenAPI, in the document's order: name, description, externalDocs.";

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
  @Field(() => ID, { nullable: true, description: "Only those of this subscription." })
  subscriptionId?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Words that title, summary or paths contain, without regard to case; all of them must be there.",
  })
  search?: string | null;

  @Field(() => ID, { nullable: true, description: "Only those with a route to this integration." })
  integrationId?: string | null;

  @Field(() => String, { nullable: true, description: LABEL_FILTER })
  label?: string | null;
}

@InputType({ description: "The key that is made along with an API." })
export class FirstApiKeyInput extends ApiKeyFields {}

/** What creating and changing share. */
@InputType()
abstract class ApiFields extends OwnershipFields {
  @Field(() => Boolean, { nullable: true, description: "Demand a bearer token beside a key in HEADER mode." })
  bearerRequired?: boolean | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Let ingress nodes serve its OpenAPI document to holders of its keys.",
  })
  openapiServed?: boolean | null;

  @Field(() => IpRulesInput, {
    nullable: true,
    description: "From which addresses its keys may be used; null: from any.",
  })
  ipRules?: IpRulesInput | null;

  @Field(() => RecordingInput, {
    nullable: true,
    description: "Keep headers and bodies of its requests for a time; null: do not. Given whole.",
  })
  recording?: RecordingInput | null;

  @Field(() => RateLimitInput, {
    nullable: true,
    description: "How fast it may be used, by all its keys together; null: no limit.",
  })
  rateLimit?: RateLimitInput | null;

  @Field(() => RateLimitInput, {
    nullable: true,
    description: "How much it may be used in all, by all its keys together; null: no limit.",
  })
  quota?: RateLimitInput | null;

  @Field(() => GraphQLJSONObject, { nullable: true, description: INFO })
  info?: object | null;
}

@InputType({ description: "A new API. A key is made along with it." })
export class CreateApiInput extends ApiFields {
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

  @Field(() => CorsPolicyInput, {
    nullable: true,
    description: "Which pages may call it from a browser.",
  })
  cors?: CorsPolicyInput | null;

  @Field(() => GraphQLJSONObject, { nullable: true, description: SCHEMAS })
  schemas?: object | null;

  @Field(() => [GraphQLJSONObject], { nullable: true, description: TAGS })
  tags?: object[] | null;

  @Field(() => FirstApiKeyInput, { nullable: true, description: "Settings of the key that is made along." })
  key?: FirstApiKeyInput | null;
}

@InputType({ description: "Changes to an API. What is left out stays." })
export class UpdateApiInput extends ApiFields {
  @Field(() => ID, { description: "The API to change." })
  id!: string;

  @Field(() => Int, { nullable: true, description: EXPECTED_VERSION })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "What people call it: 1 to 200 characters." })
  title?: string | null;

  @Field(() => String, { nullable: true, description: "What it is for: at most 10,000 characters." })
  summary?: string | null;

  @Field(() => [RouteInput], {
    nullable: true,
    description:
      "All its routes in order, at most 1,000; those not listed are deleted. To change one route, use `addRoute`, `updateRoute` or `removeRoute`.",
  })
  routes?: RouteInput[] | null;

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

  @Field(() => CorsPolicyInput, {
    nullable: true,
    description: "Which pages may call it from a browser; null removes the policy.",
  })
  cors?: CorsPolicyInput | null;

  @Field(() => GraphQLJSONObject, { nullable: true, description: `${SCHEMAS} Null removes them.` })
  schemas?: object | null;

  @Field(() => [GraphQLJSONObject], { nullable: true, description: `${TAGS} Null removes them.` })
  tags?: object[] | null;
}

@InputType({ description: "The API to duplicate." })
export class DuplicateApiInput {
  @Field(() => ID, { description: "The API whose routes and options the new one gets." })
  id!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Title of the new API: 1 to 200 characters; the original\'s with " (copy)" without it.',
  })
  title?: string | null;

  @Field(() => FirstApiKeyInput, { nullable: true, description: "Settings of the new API's first key." })
  key?: FirstApiKeyInput | null;
}

@InputType({ description: "The API to delete, with its routes and keys." })
export class DeleteApiInput {
  @Field(() => ID, { description: "The API." })
  id!: string;

  @Field(() => Int, { nullable: true, description: EXPECTED_VERSION })
  expectedVersion?: number | null;
}

/** What every payload with a new API and its first key holds. */
@ObjectType()
abstract class NewApiPayload extends MutationPayload {
  @Field(() => ApiType, { nullable: true, description: "The new API; null when there are user errors." })
  api!: ApiType | null;

  @Field(() => ApiKeyType, { nullable: true, description: "The key that was made along." })
  key!: ApiKeyType | null;

  @Field(() => String, {
    nullable: true,
    description:
      "The key's secret. Shown this once. For a recoverable API a request that is repeated with its Idempotency-Key shows it again, and the audit log has an entry for it.",
  })
  secret!: string | null;
}

@ObjectType({ description: "Payload of `createApi`." })
export class CreateApiPayload extends NewApiPayload {}

@ObjectType({ description: "Payload of `duplicateApi`." })
export class DuplicateApiPayload extends NewApiPayload {}

@ObjectType({ description: "Payload of `updateApi`." })
export class UpdateApiPayload extends MutationPayload {
  @Field(() => ApiType, { nullable: true, description: "As it is now; null when there are user errors." })
  api!: ApiType | null;
}

@ObjectType({ description: "Payload of `deleteApi`." })
export class DeleteApiPayload extends MutationPayload {
  @Field(() => ID, {
    nullable: true,
    description: "The id that is free of meaning now; null when there are user errors.",
  })
  deletedApiId!: string | null;
}
