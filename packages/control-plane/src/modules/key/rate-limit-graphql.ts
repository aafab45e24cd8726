/** Rate limits and quotas as GraphQL shows and takes them. */
import type { RateLimit } from "@latchkey/snapshot";
import { GraphQLSafeInt } from "graphql-scalars";
import { Field, InputType, Int, ObjectType } from "type-graphql";

@ObjectType("RateLimit", { description: "So many requests in a window of time." })
export class RateLimitType implements RateLimit {
  @Field(() => GraphQLSafeInt, { description: "Requests in a window." })
  limit!: number;

  @Field(() => Int, { description: "Length of the window, in seconds." })
  windowSeconds!: number;

  @Field(() => GraphQLSafeInt, { description: "What may come at once; 0: as much as `limit`." })
  burst!: number;
}

@InputType({ description: "So many requests in a window of time." })
export class RateLimitInput {
  @Field(() => GraphQLSafeInt, { description: "Requests in a window: 1 to 1,000,000,000." })
  limit!: number;

  @Field(() => Int, {
    description: "Length of the window in seconds: at most a day for `rateLimit`, 366 days for `quota`.",
  })
  windowSeconds!: number;

  @Field(() => GraphQLSafeInt, {
    nullable: true,
    description: "What may come at once; as much as `limit` without it.",
  })
  burst?: number | null;
}
