/** The test of a connection as GraphQL shows it. */
import { Field, Float, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { MutationPayload } from "../../receipts/mutation-payload.js";
import type { ProbeResult, ProbeStepName } from "./upstream-probe.js";

const ConnectionStepEnum = {
  DNS: "dns",
  TCP: "tcp",
  TLS: "tls",
  HTTP: "http",
} as const satisfies Record<string, ProbeStepName>;
registerEnumType(ConnectionStepEnum, {
  name: "ConnectionStep",
  description: "A step of connecting to an upstream.",
  valuesConfig: {
    DNS: { description: "Finding an address that is allowed as a target." },
    TCP: { description: "Opening the connection." },
    TLS: { description: "The TLS handshake; only for https." },
    HTTP: { description: "One request, up to the head of its response." },
  },
});

@ObjectType("ConnectionTestStep", { description: "What came of one step." })
export class ConnectionTestStepType {
  @Field(() => ConnectionStepEnum, { description: "Which step." })
  name!: ProbeStepName;

  @Field(() => Float, { description: "How long it took." })
  milliseconds!: number;

  @Field(() => String, { description: "What was found: addresses, the protocol, the status. May be empty." })
  detail!: string;

  @Field(() => String, { nullable: true, description: "Why it failed; null: it went well." })
  problem!: string | null;
}

@ObjectType("UnsentCredential", {
  description: "A credential of the integration that the test went without.",
})
export class UnsentCredentialType {
  @Field(() => String, { description: "The credential's name." })
  name!: string;

  @Field(() => String, { description: "Why it was not sent, as a sentence." })
  reason!: string;
}

@ObjectType("ConnectionTest", { description: "What came of connecting to an upstream URL." })
export class ConnectionTestType {
  @Field(() => String, { description: "The URL that was tested." })
  url!: string;

  @Field(() => [ConnectionTestStepType], { description: "In order; ends with the first that failed." })
  steps!: readonly ConnectionTestStepType[];

  @Field(() => Int, { nullable: true, description: "Status of the response; null without one." })
  status!: number | null;

  @Field(() => [UnsentCredentialType], {
    description:
      "Credentials that the request went without, since the control plane has no secret or token of them: the status says nothing of them.",
  })
  notSent!: readonly UnsentCredentialType[];
}

export function toConnectionTestType({ url, steps, status, notSent }: ProbeResult): ConnectionTestType {
  return { url, steps: steps.map((step) => ({ ...step })), status, notSent };
}

@InputType({ description: "Which connection to test." })
export class TestIntegrationInput {
  @Field(() => ID, { description: "The integration." })
  id!: string;

  @Field(() => String, { nullable: true, description: "One of its URLs; the first without it." })
  url?: string | null;
}

@ObjectType({ description: "Response to `testIntegration`." })
export class TestIntegrationPayload extends MutationPayload {
  @Field(() => ConnectionTestType, {
    nullable: true,
    description: "What came of it; null when there are user errors.",
  })
  test!: ConnectionTestType | null;
}
