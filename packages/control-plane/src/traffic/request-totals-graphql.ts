/** What the totals of traffic and of usage have in common. */
import { GraphQLSafeInt } from "graphql-scalars";
import { Field, Float, ObjectType } from "type-graphql";

@ObjectType()
export abstract class RequestTotalsFields {
  @Field(() => GraphQLSafeInt, { description: "Requests." })
  requests!: number;

  @Field(() => GraphQLSafeInt, { description: "Requests with a 4xx response." })
  clientErrors!: number;

  @Field(() => GraphQLSafeInt, { description: "Requests with a 5xx response." })
  serverErrors!: number;

  @Field(() => GraphQLSafeInt, { description: "Bytes of request bodies." })
  requestBytes!: number;

  @Field(() => GraphQLSafeInt, { description: "Bytes of response bodies." })
  responseBytes!: number;

  @Field(() => Float, { nullable: true, description: "19 of 20 took at most this, about." })
  p95Ms!: number | null;

  @Field(() => Float, { nullable: true, description: "99 of 100 took at most this, about." })
  p99Ms!: number | null;
}
