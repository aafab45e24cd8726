/** Owner, labels and metadata as GraphQL takes and shows them. */
import { GraphQLJSONObject } from "graphql-scalars";
import { Field, InputType } from "type-graphql";

export const OWNER = "The person or team responsible for it; may be empty.";
export const LABELS =
  "Labels to find it by, at most 20: lower-case letters, digits and `._:/-`, as in `team:orders`.";
export const METADATA =
  "Texts by name, at most 20 of at most 500 characters. Latchkey does not interpret them.";
export const LABEL_FILTER = "Only those with this label.";

/** What forms of keys and APIs share. */
@InputType()
export abstract class OwnershipFields {
  @Field(() => String, { nullable: true, description: OWNER })
  owner?: string | null;

  @Field(() => [String], { nullable: true, description: LABELS })
  labels?: string[] | null;

  @Field(() => GraphQLJSONObject, { nullable: true, description: METADATA })
  metadata?: object | null;
}
