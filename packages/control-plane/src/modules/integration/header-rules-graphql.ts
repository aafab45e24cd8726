/** Header rules as GraphQL shows and takes them. */
import type { HeaderRule, HeaderRuleAction, HeaderRules } from "@latchkey/core";
import { Field, InputType, ObjectType, registerEnumType } from "type-graphql";

const HeaderRuleActionEnum = {
  SET: "set",
  APPEND: "append",
  REMOVE: "remove",
} as const satisfies Record<string, HeaderRuleAction>;
registerEnumType(HeaderRuleActionEnum, {
  name: "HeaderRuleAction",
  description: "What a header rule does.",
  valuesConfig: {
    SET: { description: "Replaces every line of the name." },
    APPEND: { description: "Adds a line." },
    REMOVE: { description: "Takes every line out." },
  },
});

const NAME =
  "The header, as it is written to the wire. Framing, forwarding and the gateway's own headers cannot be named.";
const VALUE =
  "Printable ASCII with placeholders: `{path.<name>}`, `{query.<name>}`, `{header.<name>}`, `{interchangeId}`, `{key.id}`, `{key.name}`; `{{` and `}}` for braces. A rule whose placeholder has no value adds nothing.";
const REQUEST = "Of requests to the integration, in order; at most 50.";
const RESPONSE = "Of the integration's responses on their way to the client, in order; at most 50.";

@ObjectType("HeaderRule", { description: "What is done to one header." })
class HeaderRuleType implements HeaderRule {
  @Field(() => HeaderRuleActionEnum, { description: "What it does." })
  action!: HeaderRuleAction;

  @Field(() => String, { description: NAME })
  name!: string;

  @Field(() => String, { description: `${VALUE} Empty for REMOVE.` })
  value!: string;
}

@ObjectType("HeaderRules", {
  description: "What is done to headers. A route's rules follow its integration's.",
})
export class HeaderRulesType implements HeaderRules {
  @Field(() => [HeaderRuleType], { description: REQUEST })
  request!: readonly HeaderRule[];

  @Field(() => [HeaderRuleType], { description: RESPONSE })
  response!: readonly HeaderRule[];
}

@InputType({ description: "What to do to one header." })
class HeaderRuleInput {
  @Field(() => HeaderRuleActionEnum, { description: "What it does." })
  action!: HeaderRuleAction;

  @Field(() => String, { description: NAME })
  name!: string;

  @Field(() => String, { nullable: true, description: `${VALUE} Not with REMOVE.` })
  value?: string | null;
}

@InputType({
  description: "Header rules. A direction that is left out stays as it is; null removes its rules.",
})
export class HeaderRulesInput {
  @Field(() => [HeaderRuleInput], { nullable: true, description: REQUEST })
  request?: HeaderRuleInput[] | null;

  @Field(() => [HeaderRuleInput], { nullable: true, description: RESPONSE })
  response?: HeaderRuleInput[] | null;
}
