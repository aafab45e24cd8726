/** CORS policies as GraphQL shows and takes them. */
import { corsLimits } from "@latchkey/core";
import { Field, InputType, Int, ObjectType } from "type-graphql";

const ORIGINS =
  "`*`, origins as browsers write them (`https://app.example.com`), or `https://*.example.com` for all subdomains. 1 to 100.";
const METHODS = "Methods that pages may use; empty: any.";
const HEADERS = "Request headers that pages may set, beside the key's; empty: any.";
const EXPOSED =
  "Response headers that pages may read, beside those that browsers always show and the gateway's own.";
const CREDENTIALS = "Browsers may send cookies along. Not with the origin `*`.";
const MAX_AGE = `Seconds that browsers may keep the response to a preflight request: 0 to ${corsLimits.maxAgeSecondsMax}.`;

@ObjectType("CorsPolicy", {
  description: "Which pages may call an API from a browser (Fetch standard, section 3.3).",
})
export class CorsPolicyType {
  @Field(() => [String], { description: ORIGINS })
  origins!: readonly string[];

  @Field(() => [String], { description: METHODS })
  methods!: readonly string[];

  @Field(() => [String], { description: HEADERS })
  headers!: readonly string[];

  @Field(() => [String], { description: EXPOSED })
  exposedHeaders!: readonly string[];

  @Field(() => Boolean, { description: CREDENTIALS })
  credentials!: boolean;

  @Field(() => Int, { description: MAX_AGE })
  maxAgeSeconds!: number;
}

@InputType({ description: "A CORS policy, given whole." })
export class CorsPolicyInput {
  @Field(() => [String], { description: ORIGINS })
  origins!: string[];

  @Field(() => [String], { nullable: true, description: METHODS })
  methods?: string[] | null;

  @Field(() => [String], { nullable: true, description: HEADERS })
  headers?: string[] | null;

  @Field(() => [String], { nullable: true, description: EXPOSED })
  exposedHeaders?: string[] | null;

  @Field(() => Boolean, { nullable: true, description: `${CREDENTIALS} False without it.` })
  credentials?: boolean | null;

  @Field(() => Int, { nullable: true, description: `${MAX_AGE} 600 without it.` })
  maxAgeSeconds?: number | null;
}
