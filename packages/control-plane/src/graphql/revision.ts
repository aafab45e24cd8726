/** The revision that a mutation made, as GraphQL shows it. */
import type { Revision } from "@latchkey/snapshot";
import { GraphQLSafeInt } from "graphql-scalars";
import { Field, ObjectType } from "type-graphql";
import { make } from "./relay-node.js";

@ObjectType("Revision", {
  description:
    "A point in the order of changes that ingress nodes must know. Ordered by epoch, then number; a restore from backup starts a new epoch.",
})
export class RevisionType {
  @Field(() => GraphQLSafeInt, { description: "When the epoch began, in milliseconds since 1970." })
  epoch!: number;

  @Field(() => GraphQLSafeInt, { description: "Grows by one with each committed change within an epoch." })
  number!: number;
}

export function toRevision(revision: Revision): RevisionType {
  return make(RevisionType, { epoch: revision.epoch, number: revision.number });
}
