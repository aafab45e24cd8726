/** What GraphQL takes about keys: inputs and payloads. */
import type { KeyMode } from "@latchkey/snapshot";
import { GraphQLDateTime } from "graphql-scalars";
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { OrderDirectionEnum } from "../../graphql/connection.js";
import { LABEL_FILTER, OwnershipFields } from "../../graphql/ownership-graphql.js";
import { EXPECTED_VERSION, MutationPayload } from "../../receipts/mutation-payload.js";
import type { RouteMethod } from "../api/api.js";
import { RouteMethodEnum } from "../api/route-method-graphql.js";
import { ApiKeyModeEnum, ApiKeyType } from "./api-key-graphql.js";
import type { ApiKeyOrderField } from "./api-key-store.js";
import { IpRulesInput } from "./ip-rules-graphql.js";
import { RateLimitInput } from "./rate-limit-graphql.js";

const ApiKeyOrderFieldEnum = { CREATED_AT: "createdAt", NAME: "name" } as const satisfies Record<
  string,
  ApiKeyOrderField
>;
registerEnumType(ApiKeyOrderFieldEnum, {
  name: "ApiKeyOrderField",
  description: "What keys can be ordered by.",
  valuesConfig: {
    CREATED_AT: { description: "By the time they were made." },
    NAME: { description: "By name, without regard to case." },
  },
});

@InputType({ description: "How to order keys." })
export class ApiKeyOrder {
  @Field(() => ApiKeyOrderFieldEnum, { description: "What to order by." })
  field!: ApiKeyOrderField;

  @Field(() => OrderDirectionEnum, { description: "Which end comes first." })
  direction!: "asc" | "desc";
}

@InputType({ description: "Which keys to list." })
export class ApiKeyFilter {
  @Field(() => String, {
    nullable: true,
    description: "Words that the name or the secret's first characters contain.",
  })
  search?: string | null;

  @Field(() => Boolean, { nullable: true, description: "Only active ones, or only the others." })
  active?: boolean | null;

  @Field(() => ID, { nullable: true, description: "Only those of this API." })
  apiId?: string | null;

  @Field(() => ApiKeyModeEnum, { nullable: true, description: "Only those in this mode." })
  mode?: KeyMode | null;

  @Field(() => ID, { nullable: true, description: "Only those of this subscription's APIs." })
  subscriptionId?: string | null;

  @Field(() => String, { nullable: true, description: LABEL_FILTER })
  label?: string | null;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: "Only active ones that expire before, or have expired.",
  })
  expiresBefore?: Date | null;
}

@InputType({ description: "A method and the paths that a key may use with it." })
class KeyScopeInput {
  @Field(() => RouteMethodEnum, { description: "The method; ANY for all." })
  method!: RouteMethod;

  @Field(() => String, { description: 'Path pattern of requests: "/orders/{id}", "/files/{path*}".' })
  path!: string;
}

/** The fields that creating and changing share. */
@InputType()
export abstract class ApiKeyFields extends OwnershipFields {
  @Field(() => String, {
    nullable: true,
    description: 'What people call it: 1 to 100 characters; "Default" without it.',
  })
  name?: string | null;

  @Field(() => Boolean, { nullable: true, description: "A key that is not active is refused with 403." })
  active?: boolean | null;

  @Field(() => ApiKeyModeEnum, { nullable: true, description: "How a client may present it." })
  mode?: KeyMode | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: "When it expires; null: never." })
  expiresAt?: Date | null;

  @Field(() => RateLimitInput, { nullable: true, description: "How fast it may be used; null: no limit." })
  rateLimit?: RateLimitInput | null;

  @Field(() => RateLimitInput, {
    nullable: true,
    description: "How much it may be used in all; null: no limit.",
  })
  quota?: RateLimitInput | null;

  @Field(() => IpRulesInput, {
    nullable: true,
    description: "From which addresses it may be used; null: from any.",
  })
  ipRules?: IpRulesInput | null;

  @Field(() => [KeyScopeInput], {
    nullable: true,
    description: "What it may be used for, at most 100; empty or null: every route of its API.",
  })
  scopes?: KeyScopeInput[] | null;
}

@InputType({ description: "A new key of an API." })
export class CreateApiKeyInput extends ApiKeyFields {
  @Field(() => ID, { description: "The API it will select; it has at most 1,000 keys." })
  apiId!: string;
}

@InputType({ description: "Changes to a key. What is left out stays; null takes an expiry or a limit away." })
export class UpdateApiKeyInput extends ApiKeyFields {
  @Field(() => ID, { description: "The key to change." })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description: EXPECTED_VERSION,
  })
  expectedVersion?: number | null;
}

@InputType({ description: "The key that gets a new secret." })
export class RegenerateApiKeyInput {
  @Field(() => ID, { description: "The key." })
  id!: string;

  @Field(() => Int, {
    defaultValue: 0,
    description:
      "How long the old secret is still taken: 0 to 2,592,000 seconds. A secret older than that dies now.",
  })
  overlapSeconds!: number;

  @Field(() => Int, { nullable: true, description: EXPECTED_VERSION })
  expectedVersion?: number | null;
}

@InputType({ description: "The key to delete." })
export class DeleteApiKeyInput {
  @Field(() => ID, { description: "The key." })
  id!: string;

  @Field(() => Int, { nullable: true, description: EXPECTED_VERSION })
  expectedVersion?: number | null;
}

@InputType({ description: "The key whose secret to show." })
export class RevealApiKeyInput {
  @Field(() => ID, { description: "The key." })
  id!: string;
}

@ObjectType({ description: "Response to `createApiKey`." })
export class CreateApiKeyPayload extends MutationPayload {
  @Field(() => ApiKeyType, { nullable: true, description: "The new key; null when there are user errors." })
  key!: ApiKeyType | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Its secret. Shown this once. For a recoverable API a request that is repeated with its Idempotency-Key shows it again, and the audit log has an entry for it.",
  })
  secret!: string | null;
}

@ObjectType({ description: "Response to `updateApiKey`." })
export class UpdateApiKeyPayload extends MutationPayload {
  @Field(() => ApiKeyType, { nullable: true, description: "As it is now; null when there are user errors." })
  key!: ApiKeyType | null;
}

@ObjectType({ description: "Response to `regenerateApiKey`." })
export class RegenerateApiKeyPayload extends MutationPayload {
  @Field(() => ApiKeyType, {
    nullable: true,
    description: "The key with its new secret; null when there are user errors.",
  })
  key!: ApiKeyType | null;

  @Field(() => String, {
    nullable: true,
    description: "The new secret. Shown this once, unless the API is recoverable.",
  })
  secret!: string | null;
}

@ObjectType({ description: "Response to `deleteApiKey`." })
export class DeleteApiKeyPayload extends MutationPayload {
  @Field(() => ID, {
    nullable: true,
    description: "The id that is free of meaning now; null when there are user errors.",
  })
  deletedApiKeyId!: string | null;
}

@ObjectType({ description: "Response to `revealApiKey`." })
export class RevealApiKeyPayload extends MutationPayload {
  @Field(() => ApiKeyType, { nullable: true, description: "The key; null when there are user errors." })
  key!: ApiKeyType | null;

  @Field(() => String, { nullable: true, description: "Its secret." })
  secret!: string | null;
}
