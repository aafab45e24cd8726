/** An error of the catalogue as GraphQL explains it. */
import {
  type ErrorOwner,
  errorHelp,
  errorSpec,
  type IngressErrorCode,
  ingressErrors,
  type RetryRule,
} from "@latchkey/core";
import { Field, ObjectType, registerEnumType } from "type-graphql";
import { make } from "../graphql/relay-node.js";

const ErrorOwnerEnum = {
  CLIENT: "client",
  UPSTREAM: "upstream",
  GATEWAY: "gateway",
} as const satisfies Record<string, ErrorOwner>;
registerEnumType(ErrorOwnerEnum, {
  name: "ErrorOwner",
  description: "Who has to act on an error.",
  valuesConfig: {
    CLIENT: { description: "The client: its request cannot succeed as it is." },
    UPSTREAM: { description: "The owner of the integration." },
    GATEWAY: { description: "The operator of this installation." },
  },
});

const RetryRuleEnum = { NEVER: "never", LATER: "later", IF_UNSENT: "if-unsent" } as const satisfies Record<
  string,
  RetryRule
>;
registerEnumType(RetryRuleEnum, {
  name: "RetryRule",
  description: "Whether the same request may succeed when it is sent again.",
  valuesConfig: {
    NEVER: { description: "It fails again." },
    LATER: { description: "It may succeed after a while." },
    IF_UNSENT: { description: "It may succeed; the gateway repeats it only where nothing was sent." },
  },
});

@ObjectType("GatewayError", { description: "Why the gateway responded by itself." })
export class GatewayErrorType {
  @Field(() => String, {
    description: "Code of the catalogue, as in the response's `Latchkey-Error` header.",
  })
  code!: string;

  @Field(() => String, { description: "What the client got to read." })
  title!: string;

  @Field(() => String, { description: "What it means. Text between backticks is literal." })
  meaning!: string;

  @Field(() => String, { description: "What to check. Text between backticks is literal." })
  check!: string;

  @Field(() => ErrorOwnerEnum, { description: "Who has to act." })
  owner!: ErrorOwner;

  @Field(() => RetryRuleEnum, { description: "Whether the same request may succeed later." })
  retry!: RetryRule;
}

/** Null for no code, and for one of a newer node's catalogue. */
export function toGatewayError(code: string): GatewayErrorType | null {
  if (!isKnown(code)) return null;
  const { title, owner, retry } = errorSpec(code);
  return make(GatewayErrorType, { code, title, owner, retry, ...errorHelp[code] });
}

function isKnown(code: string): code is IngressErrorCode {
  return Object.hasOwn(ingressErrors, code);
}
