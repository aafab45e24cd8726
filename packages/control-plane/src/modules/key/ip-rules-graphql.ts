/** IP rules as GraphQL shows and takes them. */
import { IP_RULES_MAX, type IpRules } from "@latchkey/core";
import { Field, InputType, ObjectType } from "type-graphql";

const ALLOW = `Addresses and CIDR blocks, at most ${IP_RULES_MAX}; empty: any address.`;
const DENY = `Addresses and CIDR blocks, at most ${IP_RULES_MAX}. They win over \`allow\`.`;

@ObjectType("IpRules", { description: "From which addresses requests may come." })
export class IpRulesType implements IpRules {
  @Field(() => [String], { description: ALLOW })
  allow!: readonly string[];

  @Field(() => [String], { description: DENY })
  deny!: readonly string[];
}

@InputType({ description: "IP rules. A list that is left out stays as it is; null empties it." })
export class IpRulesInput {
  @Field(() => [String], { nullable: true, description: ALLOW })
  allow?: string[] | null;

  @Field(() => [String], { nullable: true, description: DENY })
  deny?: string[] | null;
}
