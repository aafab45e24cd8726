/** Subscriptions as GraphQL shows and takes them. */
import { GraphQLDateTime } from "graphql-scalars";
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { connectionType, OrderDirectionEnum } from "../../graphql/connection.js";
import { make, NodeInterface } from "../../graphql/relay-node.js";
import { EXPECTED_VERSION, MutationPayload } from "../../receipts/mutation-payload.js";
import type { Subscription } from "./subscription.js";
import type { SubscriptionOrderField } from "./subscription-store.js";

// Not `Subscription`: clients and generators expect the root type of live queries under that name.
@ObjectType("TenantSubscription", {
  implements: NodeInterface,
  description: "The tenant that owns integrations and APIs.",
})
export class SubscriptionType extends NodeInterface {
  @Field(() => String, { description: "What people call it." })
  name!: string;

  @Field(() => Int, { description: "Grows by one with each change; pass it as `expectedVersion`." })
  version!: number;

  @Field(() => GraphQLDateTime, { description: "When it was made." })
  createdAt!: Date;

  @Field(() => GraphQLDateTime, { description: "When it was last changed." })
  updatedAt!: Date;
}

export function toSubscriptionType(subscription: Subscription): SubscriptionType {
  return make(SubscriptionType, {
    id: subscription.id,
    name: subscription.name,
    version: subscription.version,
    createdAt: new Date(subscription.createdAtMs),
    updatedAt: new Date(subscription.updatedAtMs),
  });
}

export const SubscriptionConnection = connectionType(SubscriptionType, "TenantSubscription", "subscriptions");

const SubscriptionOrderFieldEnum = { NAME: "name", CREATED_AT: "createdAt" } as const satisfies Record<
  string,
  SubscriptionOrderField
>;
registerEnumType(SubscriptionOrderFieldEnum, {
  name: "SubscriptionOrderField",
  description: "What subscriptions can be ordered by.",
  valuesConfig: {
    NAME: { description: "By name, without regard to case." },
    CREATED_AT: { description: "By the time they were made." },
  },
});

@InputType({ description: "How to order subscriptions." })
export class SubscriptionOrder {
  @Field(() => SubscriptionOrderFieldEnum, { description: "What to order by." })
  field!: SubscriptionOrderField;

  @Field(() => OrderDirectionEnum, { description: "Which end comes first." })
  direction!: "asc" | "desc";
}

@InputType({ description: "Which subscriptions to list." })
export class SubscriptionFilter {
  @Field(() => String, { nullable: true, description: "Words that the name contains." })
  search?: string | null;
}

@InputType({ description: "A new subscription." })
export class CreateSubscriptionInput {
  @Field(() => String, { description: "What people call it: 1 to 200 characters." })
  name!: string;
}

@InputType({ description: "Changes to a subscription." })
export class UpdateSubscriptionInput {
  @Field(() => ID, { description: "The subscription to change." })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description: EXPECTED_VERSION,
  })
  expectedVersion?: number | null;

  @Field(() => String, { description: "What people call it: 1 to 200 characters." })
  name!: string;
}

@InputType({ description: "The subscription to delete." })
export class DeleteSubscriptionInput {
  @Field(() => ID, { description: "It must own neither APIs nor integrations any more." })
  id!: string;

  @Field(() => Int, { nullable: true, description: EXPECTED_VERSION })
  expectedVersion?: number | null;
}

@ObjectType({ description: "Response to `createSubscription`." })
export class CreateSubscriptionPayload extends MutationPayload {
  @Field(() => SubscriptionType, {
    nullable: true,
    description: "The new subscription; null when there are user errors.",
  })
  subscription!: SubscriptionType | null;
}

@ObjectType({ description: "Response to `updateSubscription`." })
export class UpdateSubscriptionPayload extends MutationPayload {
  @Field(() => SubscriptionType, {
    nullable: true,
    description: "As it is now; null when there are user errors.",
  })
  subscription!: SubscriptionType | null;
}

@ObjectType({ description: "Response to `deleteSubscription`." })
export class DeleteSubscriptionPayload extends MutationPayload {
  @Field(() => ID, {
    nullable: true,
    description: "The id that is free of meaning now; null when there are user errors.",
  })
  deletedSubscriptionId!: string | null;
}
